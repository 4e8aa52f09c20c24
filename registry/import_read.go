package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// shardCoverage is whether the numbers of a shard are covered, kept from one number to the next.
type shardCoverage struct {
	shard   uint64
	known   bool // the rest says something of the shard
	all     bool // every number is covered
	nothing bool // no number is
}

// covers reports whether a number of a shard is covered.
func (c *shardCoverage) covers(covered *coverage, shard, number uint64) bool {
	if shard != c.shard || !c.known {
		in, same := covered.whole(shard)
		*c = shardCoverage{shard: shard, known: true, all: same && in, nothing: same && !in}
	}
	return c.all || !c.nothing && covered.has(number)
}

// read takes all numbers.
func (i *importer) read(ctx context.Context, numbers iter.Seq2[dnc.Number, error]) error {
	for n, err := range numbers {
		if err != nil {
			row := asRow(err)
			if row == nil {
				return errors.Join(i.tooMany(), fmt.Errorf("registry: list %q: reading ended early (numbers read: %d): %w", i.r.name, i.report.Read, err))
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
				i.progress(PhaseRead)
			}
		}
		v := digits.Of(n)
		b := v / blockSize
		if b == i.block && i.filling && (i.shard.all || i.covered.has(v)) { // nearly always in sorted data
			i.writer.set.Add(int(v - b*blockSize)) //nolint:gosec // below 10,000
			continue
		}
		if err := i.readOther(n, v, b); err != nil {
			return err
		}
	}
	return cmp.Or(context.Cause(ctx), i.tooMany())
}

// asRow is the error of one row, nil if err is another: also one that has a row's error beside that
// of something else.
func asRow(err error) rowError {
	for ; err != nil; err = errors.Unwrap(err) {
		if row, ok := err.(rowError); ok { //nolint:errorlint // each of the chain is tried
			return row
		}
	}
	return nil
}

var errForeign = errors.New("the number is outside of Import.Coverage: a row of another area, or a prefix that is missing in it")

// readOther takes a number that is not in the block that is being filled, or is not covered.
func (i *importer) readOther(n dnc.Number, v, b uint64) error {
	if v == 0 {
		i.report.Read--
		return i.reject(i.report.Read+i.report.Rejected+1, errors.New("it is the zero Number"))
	}
	if !i.shard.covers(&i.covered, b/fields, v) {
		i.report.Read--
		return i.reject(i.report.Read+i.report.Rejected+1, errForeign)
	}
	if i.surplus != nil {
		return nil // the import is refused: what is left is read for the report
	}
	if i.collector != nil {
		i.collector.add(n)
		return nil
	}
	if err := i.flush(); err != nil {
		return err
	}
	if i.writer.isWritten(b) { // a block is repeated: the numbers are not sorted
		i.collector = newCollector()
		i.collector.add(n)
		return nil
	}
	i.block, i.filling = b, true
	i.writer.set.Add(int(v - b*blockSize)) //nolint:gosec // below 10,000
	return nil
}

// flush writes the block that is being filled.
func (i *importer) flush() error {
	if !i.filling {
		return nil
	}
	if err := i.writer.put(i.block, &i.writer.set, nil); err != nil {
		return err
	}
	i.writer.set.Reset()
	i.filling = false
	return nil
}

// readOn is how many rejected rows are read after the import is refused, so that the report has all
// of them, and the user need not mend one a run.
const readOn = 10_000

func (i *importer) reject(line int64, err error) error {
	i.report.reject(line, err)
	over := i.report.Rejected - int64(i.imp.MaxRejected)
	if over == 1 {
		i.surplus = &RejectedRow{line, err}
	}
	if over > readOn {
		return i.tooMany()
	}
	return nil
}

// tooMany is why an import with too many rejected rows is refused, nil if it has not.
func (i *importer) tooMany() error {
	if i.surplus == nil {
		return nil
	}
	return i.refuse("rejected rows: %d, and Import.MaxRejected is %d: row %d: %w", i.report.Rejected, i.imp.MaxRejected, i.surplus.Line, i.surplus.Err)
}
