package genesys

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// readObject reads an object whose id is a part of its path, and refuses another one.
func (c *CampaignClient) readObject(ctx context.Context, path, id string) (*rawjson.Object, error) {
	o := new(rawjson.Object)
	op := call{method: http.MethodGet, path: path + "/" + id, into: o}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	if !sameID(o.Text("id"), id) {
		return nil, &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK,
			Message: "the reply is another object", Err: ErrUnexpectedReply,
		}
	}
	return o, nil
}

// updateObject changes an object that has a version: it reads it, applies a change, and writes the
// whole object. Where somebody else was faster it begins anew. A write in doubt is looked for.
func (c *CampaignClient) updateObject(ctx context.Context, path, id string, change func(*rawjson.Object) error) error {
	var last error
	for try := range maxConflicts {
		if try > 0 && !pause(ctx, rand.N(min(conflictWait, 20*time.Millisecond<<try))) {
			return ended(ctx, last)
		}
		read, err := c.readObject(ctx, path, id)
		if err != nil {
			return err
		}
		wanted := *read
		if err := change(&wanted); err != nil {
			return err
		}
		if wanted.Equal(read) {
			return nil
		}
		last = c.do(ctx,
			call{method: http.MethodPut, path: path + "/" + id, body: wanted.Bytes(), into: new(rawjson.Object)})
		if last == nil {
			return nil
		}
		e, ok := errors.AsType[*Error](last)
		if !ok || ctx.Err() != nil || !e.Uncertain && !errors.Is(last, ErrConflict) {
			return last
		}
	}
	return last
}
