package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// Replace puts a whole list in the place of the one in force, at once: a check sees all of the old or all of the new. The numbers are
// written under an id of their own, marked as complete shard by shard, read back and compared with what was written, and put in
// force by one command on the list's head. The version that was in force before stays for [Registry.Rollback]; older ones are removed.
//
// Whatever goes wrong before that command, the old version stays in force: an error of the sequence or of Redis, a crash, a failover, a list
// that shrank too much, a number outside of the coverage, an import or rollback that came between (ErrSuperseded). The next import
// removes what was left. After it, an error beside a Report.Version says that the new version is in force and too few replicas are known
// to have it (ErrReplicas, or why they could not be asked), and ErrUnsure that Info must be asked. One import of a list runs at a time (ErrBusy).
// The report says what was read also beside an error.
//
// When ctx ends, what came of the switch is found out and what was written is removed, which takes up to some seconds more while Redis
// does not answer.
//
// Numbers that come block by block, as in a sorted file or several of them, take constant memory. From the first block that comes
// again on the numbers are collected: twice the size that they have in Redis, and 100 bytes for each block of 10,000; at most 1,300 bytes a
// block where many come more than once.
// An error of the sequence that has a method RowLine() int64 is a rejected row, and reading goes on; any other ends the import.
func (r *Registry) Replace(ctx context.Context, numbers iter.Seq2[dnc.Number, error], imp Import) (report Report, err error) {
	start := time.Now()
	defer func() { report.Elapsed = time.Since(start) }()
	if numbers == nil {
		return report, fmt.Errorf("%w: list %q: the numbers are nil", ErrRefused, r.name)
	}
	covered, err := imp.check(r)
	if err != nil {
		return report, err
	}
	caller := ctx
	ctx, held, err := r.acquire(ctx)
	if err != nil {
		return report, err
	}
	defer held.release(context.WithoutCancel(caller))
	i := &importing{r: r, imp: imp, covered: covered, report: &report}
	err = i.run(ctx, numbers)
	if lost := context.Cause(ctx); err != nil && lost != nil && caller.Err() == nil && report.Version == "" && !errors.Is(err, ErrUnsure) {
		err = lost
	}
	if err != nil && !errors.Is(err, ErrSuperseded) && i.overtaken(caller) {
		err = fmt.Errorf("%w: %w", ErrSuperseded, err) // the other one removed what this one had written
	}
	if err != nil && i.id != "" && !errors.Is(err, ErrUnsure) && report.Version == "" {
		i.discard(caller)
	}
	return report, err
}

// importing is one import under way.
type importing struct {
	r       *Registry
	imp     Import
	covered coverage
	report  *Report

	base   map[string]string // the fields of the head when the import began
	old    *head             // the version in force then; nil: none that can be read
	unread bool              // there is one, and nothing of it can be read
	n      uint64            // the number of the new version
	id     string            // its id
	loaded string            // when it was
	w      *writer

	switching bool // the head may have been changed

	block     uint64 // that is being collected, in w.set
	collected bool
	shard     uint64
	shardIn   bool // the whole shard is covered
	shardOut  bool // nothing of it is
	known     bool // shard, shardIn and shardOut say something
	memory    *memory
}

func (i *importing) run(ctx context.Context, numbers iter.Seq2[dnc.Number, error]) error {
	if err := i.begin(ctx); err != nil {
		return err
	}
	i.w = i.r.newWriter(ctx, i.id, i.old)
	defer i.w.close()
	if err := i.read(ctx, numbers); err != nil {
		return err
	}
	if i.collected {
		if err := i.w.put(i.block, &i.w.set, nil); err != nil {
			return err
		}
	}
	if i.memory != nil {
		i.progress("write")
		if err := i.w.merge(i.memory); err != nil {
			return err
		}
		i.memory = nil
	}
	if err := i.w.drain(); err != nil {
		return err
	}
	i.progress("verify")
	if err := i.judge(ctx); err != nil {
		return err
	}
	if err := i.mark(ctx); err != nil {
		return err
	}
	if err := i.verify(ctx); err != nil {
		return err
	}
	i.progress("switch")
	if err := i.put(ctx); err != nil {
		return err
	}
	i.progress("clean up")
	if err := i.r.sweep(ctx, i.n); err != nil {
		i.r.warn(ctx, "the keys of old versions could not be removed; the next import will", err)
	}
	if _, failure := i.r.current(ctx); failure != nil && failure.Retryable() {
		i.r.warn(ctx, "the new version is in force, but could not be read back", failure)
	}
	return nil
}

func (i *importing) progress(phase string) {
	i.imp.Progress(Progress{Phase: phase, Read: i.report.Read, Rejected: i.report.Rejected})
}

// begin reads the head, takes an id and removes what imports that crashed have left.
func (i *importing) begin(ctx context.Context) error {
	r := i.r
	base, failure := r.readHead(ctx)
	if failure != nil {
		return failure
	}
	i.base = base
	if err := i.compareWith(ctx); err != nil {
		return err
	}
	above := uint64(0) // an id that was seen is not used again, even if the server forgot about it
	if h := r.head.Load(); h != nil {
		above, _ = versionNumber(h.version)
	}
	for _, f := range []string{fieldVer, fieldPrev} {
		id, _ := versionNumber(base[f])
		above = max(above, id)
	}
	next, err := parseID(base[fieldNext])
	if text, present := base[fieldNext]; present && text != "0" && (err != nil || next > maxNext) { // no count, or at its end: something else wrote it
		if _, err := r.do(ctx, "hset", r.key, fieldNext, above); err != nil {
			return err
		}
		next = above
	}
	step := uint64(1)
	if next < above {
		step = above - next + 1
	}
	reply, err := r.do(ctx, "hincrby", r.key, fieldNext, step)
	if err != nil {
		return err
	}
	id, ok := reply.(int64)
	if !ok || id <= 0 {
		return r.malformed("HINCRBY answers no positive number")
	}
	i.n, i.id = uint64(id), strconv.FormatInt(id, 10)+r.suffix()
	return r.sweep(ctx, i.n)
}

const maxNext = 1 << 53 // beyond it Lua does not count

// read takes all numbers.
func (i *importing) read(ctx context.Context, numbers iter.Seq2[dnc.Number, error]) error {
	for n, err := range numbers {
		if err != nil {
			row := asRow(err)
			if row == nil {
				return fmt.Errorf("registry: list %q: reading ended after %d numbers: %w", i.r.name, i.report.Read, err)
			}
			if err := i.reject(row.RowLine(), err); err != nil {
				return err
			}
			continue
		}
		i.report.Read++
		if i.report.Read&(1<<12-1) == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if i.report.Read&(1<<20-1) == 0 {
				i.progress("read")
			}
		}
		v := digits.Of(n)
		b := v / blockSize
		if b == i.block && i.collected { // nearly always in sorted data
			if i.shardIn || i.covered.has(v) {
				i.w.set.Add(int(v - b*blockSize)) //nolint:gosec // below 10,000
				continue
			}
		}
		if err := i.other(n, v, b); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// asRow is the error of one row, nil if err is another: also one that has a row's error beside that of something else.
func asRow(err error) rowError {
	for ; err != nil; err = errors.Unwrap(err) {
		if row, ok := err.(rowError); ok { //nolint:errorlint // each of the chain is looked at
			return row
		}
	}
	return nil
}

var errForeign = errors.New("the number is outside of Import.Coverage: a row of another area, or a prefix that is missing in it")

// other takes a number that is not in the block that is being collected, or is not covered.
func (i *importing) other(n dnc.Number, v, b uint64) error {
	if v == 0 {
		i.report.Read--
		return i.reject(i.report.Read+i.report.Rejected+1, errors.New("it is the zero Number"))
	}
	if shard := b / fields; shard != i.shard || !i.known {
		in, same := i.covered.whole(shard)
		i.shard, i.known, i.shardIn, i.shardOut = shard, true, same && in, same && !in
	}
	if i.shardOut || !i.shardIn && !i.covered.has(v) {
		i.report.Read--
		return i.reject(i.report.Read+i.report.Rejected+1, errForeign)
	}
	if i.memory != nil {
		i.memory.add(n)
		return nil
	}
	if i.collected {
		if err := i.w.put(i.block, &i.w.set, nil); err != nil {
			return err
		}
		i.w.set.Reset()
		i.collected = false
	}
	if i.w.isWritten(b) { // it came before: from here on the order is not to be relied on
		i.memory = newMemory()
		i.memory.add(n)
		return nil
	}
	i.block, i.collected = b, true
	i.w.set.Add(int(v - b*blockSize)) //nolint:gosec // below 10,000
	return nil
}

func (i *importing) reject(line int64, err error) error {
	i.report.Rejected++
	if len(i.report.Rows) < keptRows {
		i.report.Rows = append(i.report.Rows, Row{line, err})
	}
	if i.report.Rejected > int64(i.imp.MaxRejected) {
		return i.refuse("row %d was rejected, and Import.MaxRejected is %d: %w", line, i.imp.MaxRejected, err)
	}
	return nil
}

func (i *importing) refuse(format string, args ...any) error {
	return fmt.Errorf("%w: list %q: "+format, append([]any{ErrRefused, i.r.name}, args...)...)
}
