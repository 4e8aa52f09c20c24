package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
)

// Replace imports a new version of the list. A check sees all of the old version or all of the new
// one. Replace writes the numbers under a new id, marks each shard as complete, reads all back,
// compares it with what it wrote, and puts the version in force with one command: the switch. The
// old version stays in Redis for [Registry.Rollback]. Replace removes older ones.
//
// If anything fails before the switch, the old version stays in force: an error of the sequence or
// of Redis, a crash, a failover, a bound of Import (ErrRefused), or another import or rollback
// meanwhile (ErrSuperseded). The next import removes the keys that are left. Only one import of a
// list runs at a time (ErrImportRunning).
//
// An error together with an ImportReport.Version says that the new version is in force, but too few
// replicas are known to have it. ErrOutcomeUnknown says that the reply to the switch was lost: ask
// Info what is in force. With an error the report also says what was read.
//
// When ctx ends, Replace still finds out whether the switch took effect, and removes what it has
// written. This can take some seconds if Redis does not answer.
//
// Sorted numbers take constant memory; so do several sorted files that do not overlap. Otherwise
// Replace collects the numbers in memory from the first block of 10,000 that it meets again: see
// "Limits" in the package comment.
//
// If an error of the sequence has a method RowLine() int64, the row is rejected, and Replace reads
// on. Any other error ends the import.
func (r *Registry) Replace(ctx context.Context, numbers iter.Seq2[dnc.Number, error], imp Import) (report ImportReport, err error) {
	start := time.Now()
	defer func() { report.Elapsed = time.Since(start) }()
	if e := r.notMade(); e != nil {
		return report, e
	}
	if numbers == nil {
		return report, fmt.Errorf("%w: list %q: the numbers are nil", ErrRefused, r.name)
	}
	covered, err := imp.check(r)
	if err != nil {
		return report, err
	}
	caller := ctx
	ctx, held, err := r.store.acquire(ctx, r.leaseFor)
	if err != nil {
		return report, err
	}
	defer held.release(context.WithoutCancel(caller))
	i := &importer{r: r, s: r.store, imp: imp, covered: covered, report: &report}
	err = i.run(ctx, numbers)
	if lost := context.Cause(ctx); err != nil && lost != nil && caller.Err() == nil && report.Version == "" && !errors.Is(err, ErrOutcomeUnknown) {
		err = lost
	}
	if err != nil && !errors.Is(err, ErrSuperseded) && i.isSuperseded(caller) {
		err = fmt.Errorf("%w: %w", ErrSuperseded, err) // the other one removed what this one had written
	}
	if err != nil && i.id != "" && !errors.Is(err, ErrOutcomeUnknown) && report.Version == "" {
		i.discard(caller)
	}
	return report, err
}

// importer is one import under way.
type importer struct {
	r       *Registry
	s       *store
	imp     Import
	covered coverage
	report  *ImportReport

	base       map[string]string // the fields of the head when the import began
	old        *head             // the version in force then; nil: none that can be read
	unreadable bool              // there is one, but none of it can be read
	number     uint64            // of the new version, handed out by the head
	id         string            // of the new version
	loaded     string            // when it was
	writer     *blockWriter
	switching  bool // the head may have been changed

	block     uint64 // that is being filled, in writer.set
	filling   bool
	shard     shardCoverage
	collector *collector   // nil: the numbers were in order so far
	surplus   *RejectedRow // the first rejected row that is one too many; nil: none
}

func (i *importer) run(ctx context.Context, numbers iter.Seq2[dnc.Number, error]) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	i.writer = newBlockWriter(ctx, i.s, i.id, i.old)
	defer i.writer.close()
	if err := i.read(ctx, numbers); err != nil {
		return err
	}
	if err := i.flush(); err != nil {
		return err
	}
	if i.collector != nil {
		i.progress(PhaseWrite)
		if err := i.writer.writeCollected(i.collector); err != nil {
			return err
		}
		i.collector = nil
	}
	if err := i.writer.finish(); err != nil {
		return err
	}
	i.progress(PhaseVerify)
	for _, step := range []func(context.Context) error{i.checkLimits, i.writeMarkers, i.verify} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	i.progress(PhaseSwitch)
	if err := i.putInForce(ctx); err != nil {
		return err
	}
	i.progress(PhaseCleanUp)
	if err := i.s.removeOld(ctx, i.number); err != nil {
		i.s.warn(ctx, "the keys of old versions could not be removed; the next import will", err)
	}
	if _, failure := i.r.current(ctx); failure != nil && failure.Retryable() {
		i.s.warn(ctx, "the new version is in force, but could not be read back", failure)
	}
	return nil
}

func (i *importer) progress(phase Phase) {
	i.imp.Progress(Progress{Phase: phase, Read: i.report.Read, Rejected: i.report.Rejected})
}

// begin reads the head, takes an id, and removes what imports that died have left.
func (i *importer) begin(ctx context.Context) error {
	base, failure := i.s.readHead(ctx)
	if failure != nil {
		return failure
	}
	i.base = base
	if err := i.readOld(ctx); err != nil {
		return err
	}
	if err := i.takeNumber(ctx); err != nil {
		return err
	}
	i.id = strconv.FormatUint(i.number, 10) + i.r.suffix()
	return i.s.removeOld(ctx, i.number)
}

const maxNext = 1 << 53 // beyond it Lua does not count

// takeNumber has the head hand out a number above every one that was seen, even if the server
// forgot about it.
func (i *importer) takeNumber(ctx context.Context) error {
	above := uint64(0)
	if h := i.r.heads.load(); h != nil {
		above, _ = versionNumber(h.version)
	}
	for _, f := range []string{fieldVer, fieldPrev} {
		n, _ := versionNumber(i.base[f])
		above = max(above, n)
	}
	key := i.s.keys.head
	next, err := parseID(i.base[fieldNext])
	if text, present := i.base[fieldNext]; present && text != "0" && (err != nil || next > maxNext) { // something else wrote it
		if _, f := i.s.do(ctx, key, "hset", key, fieldNext, above); f != nil {
			return i.s.failure(f)
		}
		next = above
	}
	step := uint64(1)
	if next < above {
		step = above - next + 1
	}
	reply, f := i.s.do(ctx, key, "hincrby", key, fieldNext, step)
	if f != nil {
		return i.s.failure(f)
	}
	n, ok := reply.(int64)
	if !ok || n <= 0 {
		return i.s.malformed("HINCRBY answers no positive number")
	}
	i.number = uint64(n)
	return nil
}

func (i *importer) refuse(format string, args ...any) error {
	return fmt.Errorf("%w: list %q: "+format, append([]any{ErrRefused, i.r.name}, args...)...)
}
