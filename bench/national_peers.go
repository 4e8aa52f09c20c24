package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/redis/rueidis"
)

// What people write by hand for bitmaps in Redis, from the simplest to the best. Each counts the
// listed numbers.

// lanes runs f on parts of n things with some workers, and adds what it finds.
func lanes(n, part, workers int, f func(worker, from, to int) (int, error)) (int, error) {
	var next, found atomic.Int64
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for errs[w] == nil {
				from := int(next.Add(1)-1) * part
				if from >= n {
					return
				}
				var k int
				k, errs[w] = f(w, from, min(from+part, n))
				found.Add(int64(k))
			}
		})
	}
	wg.Wait()
	return int(found.Load()), errors.Join(errs...)
}

// getbits asks for each number's bit, in pipelines of 1,000.
func (n *national) getbits(who contacts, workers int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		return lanes(len(who.digits), 1000, workers, func(_, from, to int) (int, error) {
			p := n.server.rdb.Pipeline()
			for _, v := range who.digits[from:to] {
				p.GetBit(ctx, bitmapKey(v/blockSize), int64(v%blockSize))
			}
			cmds, err := p.Exec(ctx)
			found := 0
			for _, cmd := range cmds {
				if c, ok := cmd.(interface{ Val() int64 }); ok {
					found += int(c.Val())
				}
			}
			return found, err
		})
	}
}

// grouped are numbers sorted by their block, in two passes of a radix sort, and where each block
// begins.
func grouped(numbers []uint64) (sorted []uint64, starts []int) {
	from, to := slices.Clone(numbers), make([]uint64, len(numbers))
	low := slices.Min(numbers) / blockSize
	for shift := 0; shift <= 10; shift += 10 {
		var count [1025]int
		for _, v := range from {
			count[(v/blockSize-low)>>shift&1023+1]++
		}
		for i := range 1024 {
			count[i+1] += count[i]
		}
		for _, v := range from {
			d := (v/blockSize - low) >> shift & 1023
			to[count[d]] = v
			count[d]++
		}
		from, to = to, from
	}
	if last := from[len(from)-1] / blockSize; last-low >= 1<<20 {
		slices.Sort(from)
	}
	block := uint64(0)
	for i, v := range from {
		if b := v / blockSize; b != block {
			block = b
			starts = append(starts, i)
		}
	}
	return from, append(starts, len(from))
}

func countBits(numbers []uint64, bitmap string) int {
	found := 0
	for _, v := range numbers {
		line := v % blockSize
		found += int(bitmap[line/8] >> (7 - line%8) & 1)
	}
	return found
}

// mget fetches the blocks, 64 at a time, with go-redis.
func (n *national) mget(who contacts, workers int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		sorted, starts := grouped(who.digits)
		return lanes(len(starts)-1, 64, workers, func(_, from, to int) (int, error) {
			keys := make([]string, 0, 64)
			for _, at := range starts[from:to] {
				keys = append(keys, bitmapKey(sorted[at]/blockSize))
			}
			blocks, err := n.server.rdb.MGet(ctx, keys...).Result()
			if err != nil {
				return 0, err
			}
			found := 0
			for i, b := range blocks {
				if s, ok := b.(string); ok {
					found += countBits(sorted[starts[from+i]:starts[from+i+1]], s)
				}
			}
			return found, nil
		})
	}
}

// rueidisGet fetches the blocks in pipelines of 64 with rueidis.
func (n *national) rueidisGet(who contacts, workers int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		sorted, starts := grouped(who.digits)
		return lanes(len(starts)-1, 64, workers, func(_, from, to int) (int, error) {
			cmds := make(rueidis.Commands, 0, 64)
			for _, at := range starts[from:to] {
				cmds = append(cmds, n.rueidis.B().Get().Key(bitmapKey(sorted[at]/blockSize)).Build())
			}
			found := 0
			for i, r := range n.rueidis.DoMulti(ctx, cmds...) {
				s, err := r.ToString()
				if err != nil {
					return 0, err
				}
				found += countBits(sorted[starts[from+i]:starts[from+i+1]], s)
			}
			return found, nil
		})
	}
}

// wire is a connection without a client: RESP by hand, and bits tested where they lie in the read
// buffer.
type wire struct {
	conn net.Conn
	r    *bufio.Reader
	out  []byte
}

func newWire(addr string) (*wire, error) {
	conn, err := net.Dial("tcp", addr) //nolint:noctx // on the loopback
	if err != nil {
		return nil, err
	}
	return &wire{conn: conn, r: bufio.NewReaderSize(conn, 256<<10)}, nil
}

// mgetRaw fetches the blocks, 64 at a time, over RESP by hand. It is the fastest of the peers.
func (n *national) mgetRaw(wires []*wire, who contacts) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		sorted, starts := grouped(who.digits)
		return lanes(len(starts)-1, 64, len(wires), func(worker, from, to int) (int, error) {
			return wires[worker].mget(sorted, starts[from:to+1])
		})
	}
}

func (w *wire) mget(sorted []uint64, starts []int) (int, error) {
	count := len(starts) - 1
	w.out = fmt.Appendf(w.out[:0], "*%d\r\n$4\r\nMGET\r\n", count+1)
	for _, at := range starts[:count] {
		block := sorted[at] / blockSize
		size := len("bit:") + digitsOf(block)
		w.out = append(w.out, '$')
		w.out = strconv.AppendInt(w.out, int64(size), 10)
		w.out = append(w.out, "\r\nbit:"...)
		w.out = strconv.AppendUint(w.out, block, 10)
		w.out = append(w.out, "\r\n"...)
	}
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, err
	}
	if _, err := w.r.ReadSlice('\n'); err != nil {
		return 0, err
	}
	found := 0
	for i := range count {
		head, err := w.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if string(head) != "$1250\r\n" {
			return 0, fmt.Errorf("a block is %q", head)
		}
		data, err := w.r.Peek(blockSize/8 + 2)
		if err != nil {
			return 0, err
		}
		for _, v := range sorted[starts[i]:starts[i+1]] {
			line := v % blockSize
			found += int(data[line/8] >> (7 - line%8) & 1)
		}
		if _, err := w.r.Discard(len(data)); err != nil {
			return 0, err
		}
	}
	return found, nil
}

func digitsOf(v uint64) int {
	n := 1
	for ; v >= 10; v /= 10 {
		n++
	}
	return n
}
