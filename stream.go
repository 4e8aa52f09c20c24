package dnc

import (
	"context"
	"iter"
)

// The batches that Stream asks: the first ones small, so that the first answers come soon.
const (
	firstBatch = 100
	fullBatch  = 10_000
)

// Stream checks a sequence of any length in constant memory: it asks c in batches of 100 growing to
// 10,000 and yields one Checked for each input, in order. number takes the number out of an input,
// as func(s string) (Number, error) { return ParseNumber(s) } does of a string; an error of it is a
// Decision (Block, invalid_number) with the error as Invalid, and an Unknown is a Decision, too.
//
// An error is the last that is yielded, after the decisions of everything read before it: the error
// of in, or ctx's. Nothing is left behind when the loop is broken off: Stream starts no goroutine.
func Stream[T any](
	ctx context.Context, c Checker, in iter.Seq2[T, error], number func(T) (Number, error),
) iter.Seq2[Checked[T], error] {
	return func(yield func(Checked[T], error) bool) {
		var inputs []T
		var ns []Number
		var invalid []error
		size := firstBatch
		flush := func() bool {
			ds, _ := askBatch(ctx, c, ns) // each Unknown says itself why it is one
			for i, d := range ds {
				if !yield(Checked[T]{inputs[i], d, invalid[i]}, nil) {
					return false
				}
			}
			clear(inputs)
			clear(invalid)
			inputs, ns, invalid = inputs[:0], ns[:0], invalid[:0]
			size = min(2*size, fullBatch)
			if err := ctx.Err(); err != nil {
				yield(Checked[T]{}, context.Cause(ctx))
				return false
			}
			return true
		}
		for input, err := range in {
			if err != nil {
				if flush() {
					yield(Checked[T]{}, err)
				}
				return
			}
			n, err := valid(number(input))
			inputs, ns, invalid = append(inputs, input), append(ns, n), append(invalid, err)
			if len(ns) >= size && !flush() {
				return
			}
		}
		flush()
	}
}
