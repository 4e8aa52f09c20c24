package redisconn

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redirect is where a node of a cluster sends a client: MOVED for good, ASK for one question while
// a slot moves.
type redirect struct {
	addr string
	ask  bool
}

// newRedirect reads the text behind MOVED or ASK: "3999 127.0.0.1:6381".
func newRedirect(word, rest string) *redirect {
	_, addr, _ := strings.Cut(rest, " ")
	return &redirect{addr: addr, ask: word == "ASK"}
}

const (
	maxRedirects  = 4
	redirectWait  = 500 * time.Millisecond // for the client to learn of a node that it does not know
	redirectPause = 5 * time.Millisecond
)

// follow asks the node of a key, and goes where that node sends it.
func (c *Client) follow(ctx context.Context, key string, tx int, cmds []Cmd) (replies []any, f *Fault) {
	n, f := c.NodeOf(ctx, key)
	if f != nil {
		return nil, f
	}
	asking := false
	for range maxRedirects {
		replies, f = n.run(ctx, tx, asking, cmds)
		if f == nil || f.to == nil || c.cluster == nil {
			return replies, f
		}
		c.reload(ctx)
		next, found := c.find(ctx, key, n, f.to)
		if !found {
			break
		}
		n, asking = next, f.to.ask
	}
	if Ended(ctx) != nil {
		return nil, ContextFault(ctx)
	}
	return nil, &Fault{Kind: Unavailable, Hint: "the slot of the key is moving between nodes of the cluster"}
}

// redirected is the Fault of a command that another node must answer.
func (c *Client) redirected(ctx context.Context, replies []any) *Fault {
	for _, r := range replies {
		if err, ok := r.(error); ok && (redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "ASK")) {
			return c.fault(ctx, err)
		}
	}
	return nil
}

// find is the client of the node that a redirect names. The client of a cluster learns of it within
// moments: either it knows the address, or the slot of the key has a new owner.
func (c *Client) find(ctx context.Context, key string, old Node, to *redirect) (Node, bool) {
	deadline := sinceEpoch() + int64(redirectWait)
	for {
		if n, ok := c.known(ctx, to.addr); ok {
			return n, true
		}
		if !to.ask {
			if n, f := c.NodeOf(ctx, key); f == nil && n != old {
				return n, true
			}
		}
		if sinceEpoch() > deadline || !pause(ctx, redirectPause) {
			return Node{}, false
		}
		c.reload(ctx)
	}
}

// errFound ends a walk over the nodes.
var errFound = errors.New("found")

func (c *Client) known(ctx context.Context, addr string) (n Node, ok bool) {
	found := make(chan *redis.Client, 1)
	_ = c.cluster.ForEachMaster(ctx, func(_ context.Context, rdb *redis.Client) error {
		if rdb.Options().Addr != addr {
			return nil
		}
		select {
		case found <- rdb:
		default:
		}
		return errFound
	})
	select {
	case rdb := <-found:
		return Node{c, rdb}, true
	default:
		return Node{}, false
	}
}

// pause waits; it reports false if the context ended before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
