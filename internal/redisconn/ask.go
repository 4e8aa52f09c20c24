package redisconn

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Cmd is a command: its name and its arguments.
type Cmd []any

// Tx runs commands on the node of a key, in one transaction with the role, and returns the reply of
// each. All their keys must be in that key's slot. MOVED and ASK are followed. Without a Fault a
// primary has answered every command.
func (c *Client) Tx(ctx context.Context, key string, cmds ...Cmd) ([]any, *Fault) {
	return c.follow(ctx, key, len(cmds), cmds)
}

// Pipe is Tx without a transaction: other clients' commands can run between these.
func (c *Client) Pipe(ctx context.Context, key string, cmds ...Cmd) ([]any, *Fault) {
	return c.follow(ctx, key, 0, cmds)
}

// Part are the commands of one key. PipeEach sets Replies, or Fault.
type Part struct {
	Key     string
	Cmds    []Cmd
	Tx      bool // in a transaction with the role: other parts of the pipeline are outside of it
	Replies []any
	Fault   *Fault
}

// PipeEach runs the parts in one pipeline for each node, at the same time. A command that fails is
// the Fault of its own part.
func (c *Client) PipeEach(ctx context.Context, parts ...*Part) {
	if c != nil && c.single != nil {
		Node{c, c.single}.pipeParts(ctx, parts)
		return
	}
	groups := c.byNode(ctx, parts)
	if len(groups) == 0 {
		return
	}
	var wg sync.WaitGroup
	last := len(groups) - 1
	for _, g := range groups[:last] {
		wg.Go(func() { g.node.pipeParts(ctx, g.parts) })
	}
	groups[last].node.pipeParts(ctx, groups[last].parts)
	wg.Wait()
}

type nodeParts struct {
	node  Node
	parts []*Part
}

// byNode groups parts by the node that owns their key. A part without one gets the Fault.
func (c *Client) byNode(ctx context.Context, parts []*Part) []nodeParts {
	var groups []nodeParts
parts:
	for _, p := range parts {
		n, f := c.NodeOf(ctx, p.Key)
		if f != nil {
			p.Replies, p.Fault = nil, f
			continue
		}
		for i := range groups {
			if groups[i].node == n {
				groups[i].parts = append(groups[i].parts, p)
				continue parts
			}
		}
		groups = append(groups, nodeParts{n, []*Part{p}})
	}
	return groups
}

// pipeParts runs parts of one node in one pipeline. Where a slot has moved, each part is asked by
// itself.
func (n Node) pipeParts(ctx context.Context, parts []*Part) {
	if len(parts) == 0 {
		return
	}
	parts = txFirst(parts)
	all := parts[0].Cmds
	if len(parts) > 1 {
		all = make([]Cmd, 0, 2*len(parts))
		for _, p := range parts {
			all = append(all, p.Cmds...)
		}
	}
	tx := 0
	for _, p := range parts {
		if p.Tx {
			tx += len(p.Cmds)
		}
	}
	replies, fault := n.run(ctx, tx, false, all)
	if tx > 0 && fault.withoutTx(n.c) {
		replies, fault = n.Pipe(ctx, all...)
	}
	if fault.Moved() && n.c.cluster != nil {
		for _, p := range parts {
			n.c.askAlone(ctx, p)
		}
		return
	}
	if fault != nil {
		replies = fault.replies // nil, unless the role was proven and one of the commands failed
	}
	blamed := false
	for _, p := range parts {
		p.Replies, p.Fault = nil, fault
		if replies == nil {
			continue
		}
		p.Replies, replies = replies[:len(p.Cmds):len(p.Cmds)], replies[len(p.Cmds):]
		if p.Fault = nil; fault != nil {
			p.Fault = n.c.firstFault(ctx, p)
			blamed = blamed || p.Fault != nil
		}
	}
	if fault == nil || blamed {
		return
	}
	for _, p := range parts { // the pipeline failed, and no command says why
		p.Replies, p.Fault = nil, fault
	}
}

// txFirst brings the parts that are in a transaction to the front.
func txFirst(parts []*Part) []*Part {
	order := func(a, b *Part) int {
		switch {
		case a.Tx == b.Tx:
			return 0
		case a.Tx:
			return -1
		}
		return 1
	}
	if slices.IsSortedFunc(parts, order) {
		return parts
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, order)
	return parts
}

// askAlone asks one part wherever its slot is now.
func (c *Client) askAlone(ctx context.Context, p *Part) {
	if p.Tx {
		p.Replies, p.Fault = c.Tx(ctx, p.Key, p.Cmds...)
		if !p.Fault.withoutTx(c) {
			return
		}
	}
	p.Replies, p.Fault = c.Pipe(ctx, p.Key, p.Cmds...)
}

// withoutTx reports whether commands are asked again outside of a transaction: a server at its
// maxmemory refuses to queue them, and some proxies have none. Behind such a proxy that is a guess,
// so it takes a caller who vouches for the role.
func (f *Fault) withoutTx(c *Client) bool {
	return f != nil && (f.Full || f.NoTx && c != nil && c.assume)
}

// firstFault is the Fault of the first reply of a part that is an error.
func (c *Client) firstFault(ctx context.Context, p *Part) *Fault {
	for _, r := range p.Replies {
		if err, ok := r.(error); ok {
			return c.fault(ctx, err).nameKey(p.Cmds, p.Replies, err)
		}
	}
	return nil
}

// Node is one server that is known to own a key, for commands without a key. It is comparable.
type Node struct {
	c   *Client
	rdb *redis.Client
}

// NodeOf is the node that owns a key, as far as the client knows.
func (c *Client) NodeOf(ctx context.Context, key string) (Node, *Fault) {
	if c == nil {
		return Node{}, notOpened()
	}
	if c.single != nil {
		return Node{c, c.single}, nil
	}
	rdb, err := c.cluster.MasterForKey(ctx, key)
	if err != nil {
		c.reload(ctx)
		return Node{}, c.fault(ctx, err)
	}
	return Node{c, rdb}, nil
}

// Tx runs a transaction on this very node. It follows no MOVED.
func (n Node) Tx(ctx context.Context, cmds ...Cmd) ([]any, *Fault) {
	return n.run(ctx, len(cmds), false, cmds)
}

// Pipe runs a pipeline on this very node. It follows no MOVED: some of the commands may have run.
func (n Node) Pipe(ctx context.Context, cmds ...Cmd) ([]any, *Fault) {
	return n.run(ctx, 0, false, cmds)
}

func notOpened() *Fault {
	return &Fault{Kind: Misconfigured, Hint: "it has no Redis client: it was not made by its New function"}
}

// run asks one node. A replica's connections are closed, and then the question is asked once more.
func (n Node) run(ctx context.Context, tx int, asking bool, cmds []Cmd) ([]any, *Fault) {
	if n.c == nil {
		return nil, notOpened()
	}
	drops := n.c.drops.Load()
	replies, f := n.guarded(ctx, tx, asking, cmds)
	if f != nil && f.Replica && n.dropReplicas(ctx, drops) {
		replies, f = n.guarded(ctx, tx, asking, cmds)
	}
	if f != nil && f.Retryable() {
		n.c.reload(ctx)
	}
	return replies, f
}

// guarded turns a panic of the client or of its hooks into a Fault.
func (n Node) guarded(ctx context.Context, tx int, asking bool, cmds []Cmd) (replies []any, f *Fault) {
	defer func() {
		if p := recover(); p != nil {
			replies, f = nil, &Fault{Kind: Panicked, Hint: fmt.Sprintf("the Redis client panicked with a %T", p)}
		}
	}()
	return n.ask(ctx, tx, asking, cmds)
}

// ask runs the commands beside a question about the role, and beside the next one where the server
// has no answer.
func (n Node) ask(ctx context.Context, tx int, asking bool, cmds []Cmd) ([]any, *Fault) {
	c := n.c
	if Ended(ctx) != nil {
		return nil, ContextFault(ctx)
	}
	if c.assume {
		return n.once(ctx, assumedRole, tx, asking, cmds)
	}
	first := int(c.question.Load())
	var said []string
	for i := range roleQuestions {
		index := (first + i) % len(roleQuestions)
		replies, f := n.once(ctx, index, tx, asking, cmds)
		if f == nil || f.roleOf == "" {
			if f == nil && i > 0 {
				c.question.Store(int32(index))
			}
			return replies, f
		}
		said = append(said, f.roleOf)
	}
	return nil, noRole(said)
}

// once runs the commands one time. The reply of each command is looked at, and the error of the
// whole pipeline: go-redis does not give it to the commands where a connection could not be set up.
func (n Node) once(ctx context.Context, question, tx int, asking bool, cmds []Cmd) ([]any, *Fault) {
	c := n.c
	if asking { // ASKING holds until the end of a transaction
		tx = len(cmds)
	}
	b := c.newBatch(ctx, question, tx, cmds)
	err := n.exec(ctx, asking, b)
	if err == nil {
		err = b.broken()
	}
	if err != nil && b.silent() {
		return nil, c.fault(ctx, err)
	}
	role, replies := b.read()
	cause := firstError(replies)
	if cause == nil {
		cause = err
	}
	if c.cluster != nil { // before the role: a replica of a cluster sends to the primary
		if f := c.redirected(ctx, replies); f != nil {
			return nil, f
		}
	}
	if question != assumedRole {
		primary, f := verdict(question, role)
		switch {
		case f != nil:
			return nil, f
		case !primary:
			return nil, c.noAnswer(ctx, question, role, replies)
		}
	}
	c.worked.Store(true)
	if cause == nil {
		return replies, nil
	}
	f := c.fault(ctx, cause).nameKey(cmds, replies, cause)
	f.replies = replies
	return nil, f
}

// noAnswer is why a server has not said its role: an error of the connection or of the whole
// transaction, or none of these, and then another question may be answered.
func (c *Client) noAnswer(ctx context.Context, question int, role any, replies []any) *Fault {
	if said := unanswered(question, role, replies); said != "" {
		return &Fault{Kind: Misconfigured, Hint: "the server does not say whether it is the primary", roleOf: said}
	}
	if err := firstError(append([]any{role}, replies...)); err != nil {
		return c.fault(ctx, err)
	}
	return Malformed("the reply has no role")
}
