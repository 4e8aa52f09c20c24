package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/digits"
)

// Snapshot is a whole registry in this process: a [dnc.Checker] that asks Redis for nothing but whether its version is still the one in
// force. It is for batch jobs, and for dialers that want answers in about a microsecond. 250 million numbers take about 150 MB. Close it.
//
// It follows the head: a new version, or a rollback, is loaded and takes over as a whole. A check may thus be answered from the version
// before for as long as that takes, about a second and a half; when the head could not be read for a minute (see [WithFollow]), or what
// is in force cannot be loaded, every answer is Unknown: list_stale, or the reason that loading has.
type Snapshot struct {
	r      *Registry
	now    atomic.Pointer[shot]
	failed atomic.Pointer[dnc.Error] // why it does not follow
	stop   context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

// shot is a table and when it was last known to be in force.
type shot struct {
	table     *table
	confirmed atomic.Int64 // in nanoseconds since epoch, by the monotonic clock
	wall      atomic.Int64 // the same in Unix nanoseconds: the monotonic clock stands still while the machine is suspended
}

func (s *shot) confirm(at time.Time) {
	s.confirmed.Store(int64(at.Sub(epoch)))
	s.wall.Store(at.UnixNano())
}

// lag is how long ago it was confirmed: by the clock that says more.
func (s *shot) lag(now time.Time) time.Duration {
	return max(now.Sub(epoch)-time.Duration(s.confirmed.Load()), time.Duration(now.UnixNano()-s.wall.Load()))
}

// Snapshot loads the version in force and follows it until Close. Without a version that is in force and complete it fails with the error
// that a check would have. ctx is for loading alone.
func (r *Registry) Snapshot(ctx context.Context) (*Snapshot, error) {
	s := &Snapshot{r: r, done: make(chan struct{})}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	follow, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.follow(follow)
	return s, nil
}

// load loads the version in force. One that was removed while it was read, because a newer one came, is no failure: the newer one is.
func (s *Snapshot) load(ctx context.Context) error {
	for try := range maxTries {
		asked := time.Now()
		h, failure := s.r.current(ctx)
		if failure != nil {
			return failure
		}
		t, err := s.r.fetch(ctx, h)
		if err == nil {
			fresh := &shot{table: t}
			fresh.confirm(asked)
			s.now.Store(fresh)
			s.failed.Store(nil)
			return nil
		}
		if try == maxTries-1 || !errors.Is(err, dnc.ErrListIncomplete) || ctx.Err() != nil {
			return err
		}
	}
	return nil // never: the last try has returned
}

// Close ends following. From then on every answer is Unknown.
func (s *Snapshot) Close() {
	s.once.Do(func() {
		s.stop()
		<-s.done
		s.failed.Store(s.r.fail(dnc.CodeListStale, "the Snapshot is closed"))
		s.now.Store(nil)
	})
}

// Info describes the version that answers. Without one that may answer the error says why.
func (s *Snapshot) Info() (Info, error) {
	t, failure := s.usable()
	if failure != nil {
		return Info{}, failure
	}
	return t.head.info(t.head.gen), nil
}

func (s *Snapshot) follow(ctx context.Context) {
	defer close(s.done)
	ticker := time.NewTicker(s.r.follow)
	defer ticker.Stop()
	warned := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			warned = false
			continue
		}
		var e *dnc.Error
		if !errors.As(err, &e) {
			e = s.r.fail(dnc.CodeCheckerFailed, err.Error())
		}
		s.failed.Store(e)
		if !warned {
			s.r.warn(ctx, "the Snapshot cannot follow its list", err)
			warned = true
		}
	}
}

// look confirms the version that answers, or loads the one that is in force now.
func (s *Snapshot) look(ctx context.Context) (err error) {
	defer func() { // the client runs the caller's hooks
		if p := recover(); p != nil {
			err = s.r.panicked(p)
		}
	}()
	old := s.now.Load()
	asked := time.Now()
	short, cancel := context.WithTimeout(ctx, s.r.maxLag)
	current, failure := s.r.inForce(short, old.table.head)
	cancel()
	if failure != nil {
		s.r.reload(ctx)
		return failure
	}
	s.r.seen.Lock()
	newest := s.r.highest <= old.table.head.gen // otherwise an old copy has it: load says so
	s.r.seen.Unlock()
	if current && newest {
		old.confirm(asked)
		s.failed.Store(nil)
		return nil
	}
	return s.load(ctx)
}

// usable is the table that may answer now.
func (s *Snapshot) usable() (*table, *dnc.Error) {
	now, failed := s.now.Load(), s.failed.Load()
	if now == nil {
		if failed == nil {
			failed = s.r.fail(dnc.CodeListStale, "the Snapshot is closed")
		}
		return nil, failed
	}
	clock := time.Now()
	switch {
	case failed != nil && !failed.Retryable():
		return now.table, failed // the list is gone, another, of another time or damaged: what was loaded is not in force any more
	case now.lag(clock) > s.r.maxLag:
		e := s.r.fail(dnc.CodeListStale, fmt.Sprintf("whether the version is still in force was last seen more than %v ago", s.r.maxLag))
		if failed != nil {
			e.Err = failed
		}
		return now.table, e
	}
	return now.table, now.table.head.aged(s.r, clock)
}

// Check looks one number up.
func (s *Snapshot) Check(ctx context.Context, n dnc.Number) (dnc.Decision, error) {
	if n.IsZero() {
		return dnc.Decision{Verdict: dnc.Block, Reasons: invalid}, nil
	}
	if ctx.Done() != nil {
		if e := s.r.ended(ctx); e != nil {
			return unknown(n, nil, e)
		}
	}
	t, failure := s.usable()
	if failure != nil {
		return unknown(n, t.of(), failure)
	}
	v := digits.Of(n)
	switch t.lookup(v) {
	case stateListed:
		return dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: t.head.hit}, nil
	case stateClear:
		return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: t.head.clear}, nil
	default:
		return unknown(n, t.head, s.r.errNotCovered())
	}
}

func (t *table) of() *head {
	if t == nil {
		return nil
	}
	return t.head
}

func (t *table) lookup(v uint64) uint8 {
	if !t.head.coverage.has(v) {
		return stateUncovered
	}
	if sh := t.shelf(v / shardSize); sh != nil {
		if b := sh.find(v / blockSize % fields); b != "" && block.Has(b, int(v%blockSize)) {
			return stateListed
		}
	}
	return stateClear
}

// groupedFrom is the batch from which on grouping by block pays.
const groupedFrom = 5_000

// CheckBatch looks many numbers up, all in the same version.
func (s *Snapshot) CheckBatch(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
	out := make([]dnc.Decision, len(ns))
	t, failure := s.usable()
	if e := s.r.ended(ctx); e != nil {
		failure = e
	}
	sc, _ := s.r.scratch.Get().(*scratch)
	defer s.r.scratch.Put(sc)
	var errs []error
	for done := 0; done < len(ns); {
		part := ns[done:min(done+sliceSize, len(ns))]
		a := &asking{r: s.r, s: sc}
		taken := len(part)
		switch {
		case failure != nil:
			taken = sc.group(part)
			a.failAll(failure)
		case len(part) < groupedFrom:
			sc.look(t, part)
		default:
			taken = sc.group(part)
			sc.search(t)
		}
		errs = addError(errs, a.fill(part[:taken], out[done:done+taken], t.of()))
		done += taken
		if failure == nil && done < len(ns) {
			if e := s.r.ended(ctx); e != nil {
				failure = e
			}
		}
	}
	return out, errors.Join(errs...)
}

// look finds the state of few numbers, one by one.
func (s *scratch) look(t *table, ns []dnc.Number) {
	if cap(s.state) < len(ns) {
		s.state = make([]uint8, len(ns))
	}
	s.state = s.state[:len(ns)]
	for i, n := range ns {
		s.state[i] = stateOpen
		if v := digits.Of(n); v != 0 {
			s.state[i] = t.lookup(v)
		}
	}
}

// search finds the state of numbers that were grouped.
func (s *scratch) search(t *table) {
	shard, known := uint64(0), false
	var sh *shelf
	var in, same bool
	for i := 0; i < len(s.keys); {
		end := s.run(i)
		number := s.block(s.keys[i])
		if x := number / fields; x != shard || !known {
			shard, known = x, true
			sh = t.shelf(shard)
			in, same = t.head.coverage.whole(shard)
		}
		b := ""
		if sh != nil {
			b = sh.find(number % fields)
		}
		for _, k := range s.keys[i:end] {
			line := s.line(k)
			state := &s.state[s.position(k)]
			switch {
			case same && !in, !same && !t.head.coverage.has(number*blockSize+uint64(line)): //nolint:gosec // below 10,000
				*state = stateUncovered
			case len(b) == block.BitmapSize:
				*state = stateClear + b[line>>3]>>(7-line&7)&1
			case block.Has(b, line):
				*state = stateListed
			default:
				*state = stateClear
			}
		}
		i = end
	}
}
