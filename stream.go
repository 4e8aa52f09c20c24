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

// Stream checks a sequence of any length in constant memory. It asks c in batches, of 100 at first
// and later of 10,000, and yields one Checked for each input, in order. number returns the number
// of an input; for strings use ParseNumber. If number returns an error, the Decision is Block,
// invalid_number, and Checked.Invalid is that error. An Unknown is a Decision, and not an error of
// the sequence.
//
// If in yields an error, or ctx ends, that error is the last item, after the decisions for
// everything that was read before it. If in or number is nil, the error is ErrOption. Stream starts
// no goroutine, so the loop may break at any time.
func Stream[T any](
	ctx context.Context, c Checker, in iter.Seq2[T, error], number func(T) (Number, error),
) iter.Seq2[Checked[T], error] {
	return func(yield func(Checked[T], error) bool) {
		if in == nil || number == nil {
			yield(Checked[T]{}, badOption("Stream: in or number is nil"))
			return
		}
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
