package main

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"os"

	"github.com/dnc-go/dnc/internal/listgen"
)

// row is a row of the flat form, to be filled in.
type row [12]byte

func (r *row) set(number uint64) {
	*r = row{3: ',', 11: '\n'}
	for i := 10; i >= 0; i-- {
		if i != 3 {
			r[i] = byte('0' + number%10)
			number /= 10
		}
	}
}

// writeShuffled writes numbers of a list in no order at all, into one file.
func writeShuffled(path string, list listgen.List, size int) error {
	random := rand.New(rand.NewPCG(3, 4))
	numbers := make([]uint64, 0, size)
	for number := range list.All() {
		if len(numbers) < size && random.IntN(list.Size) < size {
			numbers = append(numbers, number)
		}
	}
	random.Shuffle(len(numbers), func(i, k int) { numbers[i], numbers[k] = numbers[k], numbers[i] })
	f, err := os.Create(path) //nolint:gosec // in a directory of this run
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var r row
	for _, n := range numbers {
		r.set(n)
		if _, err := w.Write(r[:]); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(w.Flush(), f.Close())
}
