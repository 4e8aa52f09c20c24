package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/redis/rueidis"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// national is a registry as large as the real one: in Redis, in this process, and as its peers keep
// it. The peers' data is a bitmap of 1,250 bytes for each block of 10,000 numbers, under the key
// bit:<block>, and a roaring bitmap in this process.
type national struct {
	size     sizes
	set      *environment // a million numbers as a SET, for naive
	server   *server
	rueidis  rueidis.Client
	dir      string
	paths    []string // of its files, sorted
	list     *registry.Registry
	snapshot *registry.Snapshot
	roaring  *roaring64.Bitmap
	blocks   []uint64 // that have numbers

	uniform, clustered contacts

	roaringHeap, snapshotHeap uint64        // bytes
	snapshotTook              time.Duration // to load
	bitmapsUsed               int64         // bytes
}

const blockSize = 10_000

func bitmapKey(block uint64) string { return "bit:" + strconv.FormatUint(block, 10) }

func newNational(ctx context.Context, set *environment) (*national, error) {
	n := &national{size: set.size, set: set, roaring: roaring64.New()}
	if err := n.start(ctx); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *national) start(ctx context.Context) (err error) {
	if n.server, err = startServer(ctx); err != nil {
		return err
	}
	if n.rueidis, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{n.server.addr}, DisableCache: true}); err != nil {
		return err
	}
	if n.dir, err = os.MkdirTemp("", "dnc-bench-"); err != nil {
		return err
	}
	if n.list, err = registry.New(n.server.rdb, "national"); err != nil {
		return err
	}
	empty := heap()
	if err := n.fillPeers(ctx); err != nil {
		return err
	}
	n.roaring.RunOptimize()
	n.roaringHeap = heap() - empty
	random := rand.New(rand.NewPCG(1, 2))
	n.uniform = newContacts(random, n.blocks, n.size.contacts)
	few := make([]uint64, 0, 2000)
	for range min(2000, len(n.blocks)) {
		few = append(few, n.blocks[random.IntN(len(n.blocks))])
	}
	n.clustered = newContacts(random, few, n.size.contacts)
	return nil
}

// fillPeers writes the files, and puts the same numbers where the peers look for them.
func (n *national) fillPeers(ctx context.Context) error {
	before, err := n.server.used(ctx)
	if err != nil {
		return err
	}
	p := n.server.rdb.Pipeline()
	block := uint64(0)
	var bits []byte
	var of []uint64
	put := func() error {
		if len(of) == 0 {
			return nil
		}
		n.roaring.AddMany(of)
		n.blocks = append(n.blocks, block)
		p.Set(ctx, bitmapKey(block), bits, 0)
		of, bits = of[:0], make([]byte, blockSize/8)
		if p.Len() < 128 {
			return nil
		}
		_, err := p.Exec(ctx)
		return err
	}
	bits = make([]byte, blockSize/8)
	source := listgen.List{Seed: 1, Size: n.size.list}
	if n.paths, _, err = source.Write(n.dir, listgen.Form{}); err != nil {
		return err
	}
	for number := range source.All() {
		if b := number / blockSize; b != block {
			if err := put(); err != nil {
				return err
			}
			block = b
		}
		line := number % blockSize
		bits[line/8] |= 0x80 >> (line % 8)
		of = append(of, number)
	}
	if err := put(); err != nil {
		return err
	}
	if _, err := p.Exec(ctx); err != nil {
		return err
	}
	after, err := n.server.used(ctx)
	n.bitmapsUsed = after - before
	return err
}

// load imports the files.
func load(ctx context.Context, list *registry.Registry, paths []string) (registry.ImportReport, error) {
	return list.Replace(ctx, listfile.Files(listfile.FTC(), paths...), registry.Import{
		Coverage: []string{"1"}, Obtained: time.Now(), MaxShrink: 1,
	})
}

// follow loads the snapshot.
func (n *national) follow(ctx context.Context) (err error) {
	before, begin := heap(), time.Now()
	if n.snapshot, err = n.list.Snapshot(ctx); err != nil {
		return err
	}
	n.snapshotTook = time.Since(begin)
	n.snapshotHeap = heap() - before
	return nil
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what was in pools goes with the second
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (n *national) close() {
	if n.snapshot != nil {
		n.snapshot.Close()
	}
	if n.rueidis != nil {
		n.rueidis.Close()
	}
	if n.server != nil {
		n.server.close()
	}
	_ = os.RemoveAll(n.dir)
}

// contacts are numbers to ask for, as the library takes them and as its peers do.
type contacts struct {
	numbers []dnc.Number
	digits  []uint64
}

// newContacts are numbers of some blocks, at random, so many that they may be listed or not.
func newContacts(random *rand.Rand, blocks []uint64, size int) contacts {
	var c contacts
	for range size {
		v := blocks[random.IntN(len(blocks))]*blockSize + random.Uint64N(blockSize)
		c.digits = append(c.digits, v)
		c.numbers = append(c.numbers, digits.Number(v))
	}
	return c
}

// listed is a run of a Checker that says how many of the contacts are listed: all variants must say
// the same.
func listed(c dnc.Checker, who contacts) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		ds, err := c.CheckBatch(ctx, who.numbers)
		if err != nil {
			return 0, err
		}
		n := 0
		for i := range ds {
			if ds[i].Verdict == dnc.Block {
				n++
			}
		}
		return n, nil
	}
}

// agreed makes variants of runs that must all find the same.
type agreed struct{ found int }

func (a *agreed) variant(name string, of int, run func(context.Context) (int, error)) variant {
	return variant{name, of, func(ctx context.Context) error {
		n, err := run(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if a.found == 0 {
			a.found = n
		}
		if n != a.found {
			return fmt.Errorf("%s finds %d listed, and the others %d", name, n, a.found)
		}
		return nil
	}}
}
