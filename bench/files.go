package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

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

// writeFiles writes a list as the FTC has it, a flat file for each area code, and hands each number to see.
func writeFiles(dir string, list listgen.List, see func(number uint64) error) (paths []string, err error) {
	var f *os.File
	var w *bufio.Writer
	end := func() error {
		if f == nil {
			return nil
		}
		return errors.Join(w.Flush(), f.Close())
	}
	area := uint64(0)
	var r row
	for number := range list.All() {
		if a := number / 10_000_000 % 1000; a != area {
			area = a
			if err := end(); err != nil {
				return nil, err
			}
			path := filepath.Join(dir, fmt.Sprintf("%03d.txt", area))
			if f, err = os.Create(path); err != nil { //nolint:gosec // in a directory of this run
				return nil, err
			}
			w = bufio.NewWriterSize(f, 1<<20)
			paths = append(paths, path)
		}
		r.set(number)
		if _, err := w.Write(r[:]); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if err := see(number); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return paths, end()
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
