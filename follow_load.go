package dnc

import (
	"context"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// listLoad is a load under way.
type listLoad struct {
	next    *listCopy
	begun   time.Time // of the poll before it
	cursor  string    // of SSCAN
	scanned bool      // the cursor is at its end
	server  string    // the run id of the server that gave the first page
	unsure  bool      // a page has no run id
}

func newListLoad(c *redisConfig, size int, begun time.Time) *listLoad {
	return &listLoad{next: newListCopy(c, size), begun: begun, cursor: "0"}
}

const maxRest = 10 * time.Second

// loadMore reads the next page of the list, or after the last one the changes since the last poll.
//
// SSCAN returns every member that was there from its begin to its end. That holds for one process
// of one server: after a restart or a failover a cursor means nothing, and members would be left
// out. So each page asks for the run id of the server.
func (g *follower) loadMore(ctx context.Context) {
	defer g.recovered()
	if g.load.scanned {
		g.poll(ctx)
		return
	}
	short, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	page, server, fault := g.readPage(short)
	if ctx.Err() != nil {
		return
	}
	if fault == nil {
		fault = g.takePage(page, server)
	}
	g.loadFault = g.storeFault(fault)
	if g.paused = g.loadFault != nil; g.paused {
		g.publish(ctx)
	}
}

// readPage reads the next page, and the run id of the server that gave it, in one transaction: a
// moving slot can send the first to another node, and a proxy can read it from a replica. Without the
// right to INFO there is no id.
func (g *follower) readPage(ctx context.Context) (page any, id string, f *redisconn.Fault) {
	key := g.f.config.key
	scan := redisconn.Cmd{"sscan", key, g.load.cursor, "count", scanPage}
	if !g.load.unsure {
		replies, f := g.read(ctx, scan, redisconn.Cmd{"info", "server"})
		if f == nil {
			return replies[0], runID(replies[1]), nil
		}
		if f.Replica || redisconn.Ended(ctx) != nil {
			return nil, "", f
		}
	} // else the server does not answer INFO: it refuses, or does not know it
	replies, f := g.read(ctx, scan)
	if f != nil {
		return nil, "", f
	}
	return replies[0], "", nil
}

// takePage adds the members of a page.
func (g *follower) takePage(reply any, id string) *redisconn.Fault {
	l := g.load
	cursor, members, ok := redisconn.Page(reply)
	if !ok {
		return redisconn.Malformed("SSCAN has no cursor and array of strings")
	}
	if id == "" {
		l.unsure = true
	} else if l.server == "" {
		l.server = id
	}
	if id != l.server {
		g.load = nil // the next poll begins another
		return nil
	}
	for _, m := range members {
		if m != marker {
			l.next.add(m)
		}
	}
	l.cursor, l.scanned = cursor, cursor == "0"
	return nil
}

// finish puts a load in force after the poll that follows its last page. A size that is not that of
// the list shows that another tool has changed the list meanwhile: then the load is as old as its
// begin, and the next one is due. Where the sizes are far apart, the other tool writes a whole
// list, and numbers can be missing that are on it before and after: such a load is not used.
func (g *follower) finish(news changes) {
	l := g.load
	g.load = nil
	now := time.Now()
	g.rest = now.Add(min(now.Sub(l.begun), maxRest))
	apart := l.next.size() - news.numbers()
	apart = max(apart, -apart)
	if apart > 0 && (l.unsure || apart*100 > news.numbers()) {
		return
	}
	g.list, g.doubt = l.next, apart > 0
	g.rescan = now.Add(g.f.config.follow.rescan)
	if g.doubt {
		g.f.confirm(l.begun)
	}
}

// runID is the run id in the reply of INFO server.
func runID(reply any) string {
	text, _ := reply.(string)
	for line := range strings.Lines(text) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "run_id:"); ok {
			return id
		}
	}
	return ""
}
