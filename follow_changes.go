package dnc

import (
	"context"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// changes are what a poll has found, beside the changes themselves.
type changes struct {
	size     int64 // members, with the marker
	complete bool  // the marker is one of them
	missed   bool  // not all changes since the last poll are known
}

// numbers is the size without the marker.
func (c changes) numbers() int {
	if c.complete {
		return int(c.size) - 1
	}
	return int(c.size)
}

const changesPage = 100 // entries of the stream, of up to 100 members

// readChanges reads the stream from the last change on, and in the same transaction the size and
// the marker. So when the stream is read to its end, the copy must have that size.
func (g *follower) readChanges(ctx context.Context) (found changes, e *Error) {
	for {
		known := g.last != ""
		from := "-"
		if known {
			from = g.last
		}
		replies, e := g.ask(ctx, from)
		if e != nil {
			return found, e
		}
		entries, ok := readEntries(replies[0])
		size, ok1 := replies[1].(int64)
		complete, ok2 := replies[2].(int64)
		if !ok || !ok1 || !ok2 || size < complete {
			return found, g.storeFault(redisconn.Malformed("XRANGE, SCARD and SISMEMBER do not agree"))
		}
		full := len(entries) > changesPage
		switch {
		case known && len(entries) > 0 && entries[0].id == g.last:
			entries = entries[1:]
		case known && len(entries) == 0: // the stream is gone, or is one of before
			found.missed, g.last = true, ""
			continue
		case len(entries) > 0: // trimmed, or it was missing before
			found.missed = true
		}
		for _, x := range entries {
			g.apply(x, &found)
			g.last = x.id
		}
		if !full {
			found.size, found.complete = size, complete == 1
			return found, nil
		}
	}
}

// ask asks for the changes, the size and the marker.
func (g *follower) ask(ctx context.Context, from string) ([]any, *Error) {
	key := g.f.config.key
	replies, f := g.read(ctx,
		redisconn.Cmd{"xrange", g.f.writer.prefix + "changes", from, "+", "count", changesPage + 1},
		redisconn.Cmd{"scard", key},
		redisconn.Cmd{"sismember", key, marker},
	)
	return replies, g.storeFault(f)
}

// read reads in a transaction. A server at its maxmemory refuses those, as RedisChecker knows:
// outside of one a size may belong to another moment than the changes, which costs a load at most.
func (g *follower) read(ctx context.Context, cmds ...redisconn.Cmd) ([]any, *redisconn.Fault) {
	c := &g.f.config
	replies, f := g.f.rdb.Tx(ctx, c.key, cmds...)
	if f != nil && (f.Full || f.NoTx && c.assumePrimary) {
		replies, f = g.f.rdb.Pipe(ctx, c.key, cmds...)
	}
	return replies, f
}

// apply makes a change in the copy, and in the one that is being loaded. What is read of the list
// later is younger than the change.
func (g *follower) apply(x change, found *changes) {
	switch x.op {
	case "add", "remove":
	default: // "replace", or what a later version of this library writes
		found.missed = true
		return
	}
	for _, l := range g.copies() {
		for _, m := range x.members {
			switch {
			case x.op == "add":
				l.add(m)
			case !found.missed: // an addition behind it may be unknown
				l.remove(m)
			}
		}
	}
}

// copies are the lists that follow the changes.
func (g *follower) copies() (ls []*listCopy) {
	if g.list != nil {
		ls = append(ls, g.list)
	}
	if g.load != nil {
		ls = append(ls, g.load.next)
	}
	return ls
}

// change is an entry of the stream of changes.
type change struct {
	id      string
	op      string // "add", "remove" or "replace"
	members []string
}

// readEntries reads the reply of XRANGE: an array of an id and an array of fields and values for
// each entry.
func readEntries(reply any) ([]change, bool) {
	list, ok := reply.([]any)
	if !ok {
		return nil, false
	}
	entries := make([]change, len(list))
	for i, v := range list {
		pair, ok := v.([]any)
		if !ok || len(pair) != 2 {
			return nil, false
		}
		id, ok := pair[0].(string)
		if !ok {
			return nil, false
		}
		fields, ok := redisconn.Strings(pair[1])
		if !ok || len(fields)%2 != 0 {
			return nil, false
		}
		entries[i] = readChange(id, fields)
	}
	return entries, true
}

// readChange reads the fields of an entry. One that has another field is a change that is not known
// here.
func readChange(id string, fields []string) change {
	x := change{id: id}
	for i := 0; i < len(fields); i += 2 {
		switch name, value := fields[i], fields[i+1]; {
		case name == "op" && i == 0:
			x.op = value
		case name == "member":
			x.members = append(x.members, value)
		default:
			return change{id: id}
		}
	}
	return x
}
