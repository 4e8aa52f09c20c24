package redisconn

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// batch are the commands of one pipeline: the question about the role, and the caller's commands.
// MULTI and EXEC are around the question and the first of the commands, or all of them, or none. They
// are commands like any other here, so
// that each reply has a reader: go-redis's TxPipeline stops reading when MULTI is refused, and the
// connection then gives the rest to whoever asks next. All replies are read as they come:
// go-redis's []bool makes false of nil, and false is what allows a call.
type batch struct {
	end   int  // the place of EXEC; 0 without a transaction
	asked bool // the role is asked
	cmds  []*redis.Cmd
}

// newBatch makes the batch of a question and of commands. The first tx of them are in a transaction
// with the question.
func (c *Client) newBatch(ctx context.Context, question, tx int, cmds []Cmd) *batch {
	b := &batch{asked: question != assumedRole, cmds: make([]*redis.Cmd, 0, len(cmds)+3)}
	if tx > 0 {
		b.cmds = append(b.cmds, redis.NewCmd(ctx, "multi"))
	}
	if b.asked {
		b.cmds = append(b.cmds, redis.NewCmd(ctx, c.roleArgs(question)...))
	}
	for i, cmd := range cmds {
		b.cmds = append(b.cmds, redis.NewCmd(ctx, cmd...))
		if i+1 == tx {
			b.end = len(b.cmds)
			b.cmds = append(b.cmds, redis.NewCmd(ctx, "exec"))
		}
	}
	return b
}

// exec runs the batch. After ASKING it runs on the same connection: ASKING holds until the end of a
// transaction.
func (n Node) exec(ctx context.Context, asking bool, b *batch) error {
	if !asking {
		return b.exec(ctx, n.rdb.Pipeline())
	}
	conn := n.rdb.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.Do(ctx, "asking").Err(); err != nil {
		return err
	}
	return b.exec(ctx, conn.Pipeline())
}

func (b *batch) exec(ctx context.Context, p redis.Pipeliner) error {
	cmds := make([]redis.Cmder, len(b.cmds))
	for i, cmd := range b.cmds {
		cmds[i] = cmd
	}
	if err := p.BatchProcess(ctx, cmds...); err != nil {
		return err
	}
	_, err := p.Exec(ctx)
	return err
}

// silent reports whether no command has a reply or an error of its own: the error of the pipeline
// is then that of the connection.
func (b *batch) silent() bool {
	for _, cmd := range b.cmds {
		if cmd.Err() != nil || cmd.Val() != nil {
			return false
		}
	}
	return true
}

// broken is the error of a batch in which a command has neither a reply nor an error, as when a
// hook answers by itself.
func (b *batch) broken() error {
	for _, cmd := range b.cmds {
		if cmd.Err() == nil && cmd.Val() == nil {
			return Malformed("a command has no reply")
		}
	}
	return nil
}

// read is the reply to the question about the role, and the reply of each command. An error is a
// reply, too.
func (b *batch) read() (role any, replies []any) {
	replies, ok := b.executed()
	if !ok {
		replies = b.replies(0, len(b.cmds))
		if end := b.end; end > 0 {
			replies = append(b.readExec(replies[0], replies[1:end], replies[end]), replies[end+1:]...)
		}
	} else if behind := b.end + 1; behind < len(b.cmds) {
		replies = append(replies[:len(replies):len(replies)], b.replies(behind, len(b.cmds))...)
	}
	if b.asked {
		return replies[0], replies[1:]
	}
	return nil, replies
}

// replies are those of some commands as they come.
func (b *batch) replies(from, to int) []any {
	replies := make([]any, to-from)
	for i, cmd := range b.cmds[from:to] {
		replies[i] = cmd.Val()
		if err := cmd.Err(); err != nil {
			replies[i] = err
		}
	}
	return replies
}

// executed is the reply of EXEC, if every command was queued and has an element there: nearly
// always.
func (b *batch) executed() (results []any, ok bool) {
	if b.end == 0 {
		return nil, false
	}
	for i, cmd := range b.cmds[:b.end+1] {
		if cmd.Err() != nil || i > 0 && i < b.end && cmd.Val() != "QUEUED" {
			return nil, false
		}
	}
	results, ok = b.cmds[b.end].Val().([]any)
	return results, ok && len(results) == b.end-1
}

// readExec is what a transaction answered to each command: what MULTI failed with, what a command
// was refused with before it ran, what EXEC failed with, or its element of the reply of EXEC.
func (b *batch) readExec(multi any, queued []any, exec any) []any {
	out := make([]any, len(queued))
	var whole error
	results, ok := exec.([]any)
	waiting := 0
	for _, q := range queued {
		if q == "QUEUED" {
			waiting++
		}
	}
	if err, failed := multi.(error); failed {
		whole = err
	} else if err, failed := exec.(error); failed {
		if whole = err; errors.Is(err, redis.Nil) {
			whole = redis.TxFailedErr
		}
	} else if !ok || len(results) != waiting {
		whole = Malformed(fmt.Sprintf("EXEC has %d elements for %d commands", len(results), waiting))
	}
	for i, q := range queued {
		_, refused := q.(error)
		switch {
		case refused && !isError(multi):
			out[i] = q
		case whole != nil:
			out[i] = whole
		case q == "QUEUED":
			out[i], results = results[0], results[1:]
		default: // it was answered at once, as some servers do with HELLO
			out[i] = q
		}
	}
	return out
}

func isError(v any) bool {
	_, ok := v.(error)
	return ok
}

// firstError is the first error that says what happened. EXECABORT only says that another command
// of the transaction was refused.
func firstError(replies []any) error {
	var abort error
	for _, r := range replies {
		err, ok := r.(error)
		switch {
		case !ok:
		case redis.HasErrorPrefix(err, "EXECABORT"):
			abort = err
		default:
			return err
		}
	}
	return abort
}
