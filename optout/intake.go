package optout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/dnc-go/dnc/internal/dirlock"
)

// An Intake takes in opt-outs, blocks their numbers, and delivers them to its targets. Open makes
// one. The methods of the zero Intake return ErrClosed. It is safe for concurrent use.
type Intake struct {
	config   config
	state    *state
	outbox   *outbox
	lock     *dirlock.Lock
	couriers []*courier

	ops    chan *op
	ctx    context.Context //nolint:containedctx // of the goroutines, which end with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
	closed chan struct{} // when nothing is taken in any more
	once   sync.Once

	progress sync.Mutex
	moved    chan struct{} // closed and made anew when a target got something
}

// Open opens the outbox in a directory, and makes the directory if it is missing. When it returns,
// this process blocks the numbers of all opt-outs in it, and their delivery goes on. Open itself
// calls no target, so it works also while a target is down.
//
// Errors are ErrInUse, a [*DamageError], dnc.ErrOption, and those of the file system. On a system
// without file locks, such as js/wasm, the error is errors.ErrUnsupported.
func Open(dir string, opts ...Option) (*Intake, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil { // the process may change its directory
		return nil, fmt.Errorf("optout: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("optout: %w", err)
	}
	lock, err := dirlock.Acquire(dir)
	if err != nil {
		if errors.Is(err, dirlock.ErrLocked) {
			return nil, fmt.Errorf("%w: %w", ErrInUse, err)
		}
		return nil, fmt.Errorf("optout: %w", err)
	}
	in := &Intake{
		config: c, state: newState(), lock: lock, ops: make(chan *op, maxGroup), closed: make(chan struct{}), moved: make(chan struct{}),
		outbox: &outbox{dir: dir, fs: c.fs, limit: c.segment},
	}
	if err := in.start(); err != nil {
		_ = in.outbox.close()
		_ = lock.Unlock()
		if _, damaged := errors.AsType[*DamageError](err); damaged {
			return nil, err
		}
		return nil, fmt.Errorf("optout: the outbox cannot be opened: %w", err)
	}
	return in, nil
}

func (in *Intake) start() error {
	r := newReplay(in.state, in.config.names)
	if err := in.outbox.open(r.record); err != nil {
		return err
	}
	for i, name := range in.config.names {
		in.couriers = append(in.couriers, newCourier(in, name, in.config.targets[i]))
	}
	if body := r.finish(in.couriers, in.config.now()); len(body) > 0 {
		if err := in.outbox.append(body); err != nil {
			return err
		}
	}
	in.ctx, in.cancel = context.WithCancel(context.Background())
	in.work.Go(in.write)
	for _, c := range in.couriers {
		in.work.Go(c.run)
	}
	return nil
}

// Close ends the running deliveries and releases the directory. What is not delivered yet is
// delivered after the next Open. After Close every number is Unknown in Checker, and Add returns
// ErrClosed.
func (in *Intake) Close() error {
	if in.closed == nil {
		return ErrClosed
	}
	var err error
	in.once.Do(func() {
		in.cancel()
		in.work.Wait()
		close(in.closed)
		err = errors.Join(in.outbox.close(), in.lock.Unlock())
	})
	return err
}

// isClosed reports whether the Intake was closed, or was never open.
func (in *Intake) isClosed() bool { return in.ctx == nil || in.ctx.Err() != nil }

// Wait returns when every target has everything that was taken in before, or when ctx ends, with
// its error.
func (in *Intake) Wait(ctx context.Context) error {
	for {
		if in.isClosed() {
			return ErrClosed
		}
		in.progress.Lock()
		moved := in.moved
		in.progress.Unlock()
		if in.pending() == 0 {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-in.ctx.Done():
			return ErrClosed
		}
	}
}

func (in *Intake) pending() (n int) {
	for _, c := range in.couriers {
		n += c.pending()
	}
	return n
}

// tellProgress wakes who waits.
func (in *Intake) tellProgress() {
	in.progress.Lock()
	defer in.progress.Unlock()
	close(in.moved)
	in.moved = make(chan struct{})
}
