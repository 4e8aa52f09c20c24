package optout

import (
	"context"
	"slices"
	"time"
)

// Add takes in an opt-out. When it returns nil, the opt-out is on disk, this process blocks the
// number, and the targets will get it.
//
// After an error the opt-out is not acknowledged: call Add again. Errors are ErrInvalidRequest,
// ErrNotStored and ErrClosed. After ErrNotStored this process blocks the number, but may not block
// it after a restart.
//
// Requests with the same Source, SourceID and number are the same event: the receipt is the first
// one, with Duplicate set. After a withdrawal of the number, such a request is a new opt-out if it
// has no At, or an At after the withdrawal. An event that was only held is a new opt-out as well.
func (in *Intake) Add(ctx context.Context, r Request) (Receipt, error) {
	return in.addOne(ctx, r, kindOptOut)
}

// Hold takes in a request that may be an opt-out. As after Add, the number is blocked here and at
// the targets, until a person has read the request and calls [Intake.Resolve].
func (in *Intake) Hold(ctx context.Context, r Request) (Receipt, error) {
	return in.addOne(ctx, r, kindHeld)
}

func (in *Intake) addOne(ctx context.Context, r Request, kind string) (Receipt, error) {
	receipts, err := in.add(ctx, []Request{r}, kind)
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], nil
}

// AddBatch takes in up to 10,000 opt-outs with one sync. After an error it has taken in none. The
// receipts are in the order of the requests. If the records take more than 99,999,999 bytes
// together, because of much Evidence, the error is ErrInvalidRequest: add fewer at a time.
func (in *Intake) AddBatch(ctx context.Context, rs []Request) ([]Receipt, error) {
	return in.add(ctx, rs, kindOptOut)
}

func (in *Intake) add(ctx context.Context, rs []Request, kind string) ([]Receipt, error) {
	if len(rs) > maxRequests {
		return nil, invalid("there are %d requests: want at most %d", len(rs), maxRequests)
	}
	for i := range rs {
		if err := rs[i].check(); err != nil {
			if len(rs) > 1 {
				return nil, invalid("request %d of %d (counted from 0): %w", i, len(rs), err)
			}
			return nil, err
		}
	}
	if in.isClosed() {
		return nil, ErrClosed
	}
	rs = slices.Clone(rs) // a call that was given up may still be written, and the slice is the caller's
	begun := in.state.begin(rs, kind)
	receipts := make([]Receipt, len(rs))
	err := in.do(ctx, func(g *group) error {
		for i := range rs {
			receipt, err := g.request(&rs[i], kind)
			if err != nil {
				return err
			}
			receipts[i] = receipt
		}
		return nil
	})
	in.state.end(begun, err)
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

// request adds the record of a request, or finds the one that is there.
func (g *group) request(r *Request, kind string) (Receipt, error) {
	if e, known := g.state.known(r, kind); known {
		return Receipt{ID: idOf(e.seq), Received: e.received, Duplicate: true}, nil
	}
	key := keyOf(r.Source, r.SourceID, r.Number)
	if rec, known := g.events[key]; known && r.SourceID != "" && (rec.Kind == kindOptOut || kind == kindHeld) {
		return Receipt{ID: idOf(rec.Seq), Received: rec.Received, Duplicate: true}, nil
	}
	at := r.At
	if at.IsZero() {
		at = g.now
	}
	rec := &record{Kind: kind, number: r.Number, At: at.Round(0).Truncate(time.Millisecond), Source: r.Source, SourceID: r.SourceID, Evidence: r.Evidence}
	if err := g.add(rec); err != nil {
		return Receipt{}, err
	}
	if r.SourceID != "" {
		g.events[key] = rec
	}
	return Receipt{ID: idOf(rec.Seq), Received: rec.Received}, nil
}
