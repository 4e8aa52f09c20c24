package registry

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
)

// An archive is a line of text, a line of JSON with the head, and for each shard
//
//	uvarint           its number
//	uvarint           how many blocks
//	each block        uvarint its field, uvarint its length, and the block as it lies in Redis
//
// and after the last shard the SHA-256 of all bytes before.
const archiveMagic = "dnc registry archive 1\n"

type archiveHead struct {
	List    string            `json:"list"`
	Version string            `json:"version"`
	Fields  map[string]string `json:"fields"`
}

// ErrInvalidArchive is the error of OpenArchive for an archive that is damaged, or a file that is
// not an archive.
var ErrInvalidArchive = errors.New("registry: the archive cannot be used")

// WriteArchive writes the version in force to w, and verifies every block and count. An archive of
// 250 million numbers has 140 MB. Keep an archive of each version: OpenArchive then shows what was
// on the list on a past day. After an error, delete what was written.
func (r *Registry) WriteArchive(ctx context.Context, w io.Writer) (Info, error) {
	if e := r.notMade(); e != nil {
		return Info{}, e
	}
	h, f, failure := r.currentFields(ctx)
	if failure != nil {
		return Info{}, failure
	}
	kept := map[string]string{}
	for _, name := range append([]string{fieldGen, fieldVer}, metaFields...) {
		kept[name] = f[name]
	}
	text, err := json.Marshal(archiveHead{r.name, h.version, kept})
	if err != nil {
		return Info{}, err
	}
	a := &archiveWriter{w: bufio.NewWriterSize(w, 1<<20), sum: sha256.New()}
	a.write([]byte(archiveMagic))
	a.write(append(text, '\n'))
	total := uint64(0)
	err = r.store.readShards(ctx, h.prefix, h.sorted, func(shard uint64, c *shardContents, problem string) *dnc.Error {
		if problem != "" {
			return r.store.errIncomplete(h, shard, problem)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		total += c.numbers
		a.shard(shard, c)
		return nil
	})
	switch {
	case err != nil:
		return Info{}, err
	case total != h.count:
		return Info{}, r.store.fail(dnc.CodeListIncomplete, "version "+h.version+" has "+strconv.FormatUint(total, 10)+" numbers, and its head says "+strconv.FormatUint(h.count, 10))
	case a.err == nil:
		_, a.err = a.w.Write(a.sum.Sum(nil))
	}
	if a.err == nil {
		a.err = a.w.Flush()
	}
	return h.info(h.gen), a.err
}

type archiveWriter struct {
	mu  sync.Mutex
	w   *bufio.Writer
	sum hash.Hash
	buf []byte
	err error // the first
}

func (a *archiveWriter) write(b []byte) {
	_, _ = a.sum.Write(b) // never fails
	if a.err == nil {
		_, a.err = a.w.Write(b)
	}
}

func (a *archiveWriter) shard(shard uint64, c *shardContents) {
	b := binary.AppendUvarint(a.buf[:0], shard)
	b = binary.AppendUvarint(b, uint64(c.fields)) //nolint:gosec // at most 1,000
	for field, block := range c.blocks {
		if block == "" {
			continue
		}
		b = binary.AppendUvarint(b, uint64(field))
		b = binary.AppendUvarint(b, uint64(len(block)))
		b = append(b, block...)
	}
	a.buf = b
	a.write(b)
}

// Archive is an old version of a list, which OpenArchive has read. It is not a Checker, because its
// data is old. At makes a Checker for a past day.
type Archive struct {
	s *store
	t *table
}

// OpenArchive reads what WriteArchive wrote, and verifies all of it. An Archive takes about 0.6
// bytes a number. The error for a damaged archive wraps ErrInvalidArchive.
func OpenArchive(r io.Reader) (*Archive, error) {
	in := &archiveReader{r: bufio.NewReaderSize(r, 1<<20), sum: sha256.New()}
	a, err := in.read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArchive, err)
	}
	return a, nil
}

// Info describes the version.
func (a *Archive) Info() Info {
	if a == nil || a.t == nil {
		return Info{}
	}
	return a.t.head.info(a.t.head.gen)
}

// At returns a Checker that answers as the list answered at the time t. If the data was obtained
// after t, or more than 31 days before, every number is Unknown, list_stale.
func (a *Archive) At(t time.Time) dnc.Checker {
	return dnc.CheckerFunc(func(ctx context.Context, ns []dnc.Number) ([]dnc.Decision, error) {
		if a == nil || a.t == nil {
			e := &dnc.Error{Code: dnc.CodeCheckerFailed, Hint: "this Archive was not made by OpenArchive: call registry.OpenArchive"}
			return unknownBatch(ns, make([]dnc.Decision, len(ns)), e)
		}
		out := make([]dnc.Decision, len(ns))
		failure := a.t.head.tooOld(a.s, defaultMaxAge, t)
		if e := a.s.ended(ctx); e != nil {
			failure = e
		}
		var failed error
		for i, n := range ns {
			var err error
			if out[i], err = a.decide(n, failure); err != nil {
				failed = err
			}
		}
		return out, failed
	})
}

func (a *Archive) decide(n dnc.Number, failure *dnc.Error) (dnc.Decision, error) {
	switch {
	case n.IsZero():
		return dnc.Decision{Verdict: dnc.Block, Reasons: invalid}, nil
	case failure != nil:
		return unknown(n, a.t.head, failure)
	}
	switch a.t.find(digits.Of(n)) {
	case outcomeListed:
		return dnc.Decision{Number: n, Verdict: dnc.Block, Reasons: a.t.head.hit}, nil
	case outcomeClear:
		return dnc.Decision{Number: n, Verdict: dnc.Allow, Reasons: a.t.head.clear}, nil
	}
	return unknown(n, a.t.head, a.s.errUncovered())
}

type archiveReader struct {
	r   *bufio.Reader
	sum hash.Hash
}

// ReadByte is for uvarints.
func (a *archiveReader) ReadByte() (byte, error) {
	b, err := a.r.ReadByte()
	if err == nil {
		_, _ = a.sum.Write([]byte{b}) // never fails
	}
	return b, err
}

func (a *archiveReader) full(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.r, b); err != nil {
		return nil, err
	}
	_, _ = a.sum.Write(b) // never fails
	return b, nil
}

func (a *archiveReader) read() (*Archive, error) {
	magic, err := a.full(len(archiveMagic))
	if err != nil || string(magic) != archiveMagic {
		return nil, errors.New("it does not begin as an archive")
	}
	line, err := a.r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	_, _ = a.sum.Write(line) // never fails
	var head archiveHead
	if err := json.Unmarshal(line, &head); err != nil || !listName.MatchString(head.List) {
		return nil, errors.New("its head cannot be read")
	}
	s := &store{list: head.List}
	h, failure := s.parseHead(head.Fields)
	if failure != nil {
		return nil, failure
	}
	t := newTable(h)
	total, seen := uint64(0), map[uint64]bool{}
	for range h.sorted {
		numbers, err := a.shard(t, seen)
		if err != nil {
			return nil, err
		}
		total += numbers
	}
	sum := a.sum.Sum(nil)
	want := make([]byte, sha256.Size)
	if _, err := io.ReadFull(a.r, want); err != nil || string(want) != string(sum) {
		return nil, errors.New("its checksum is wrong, or it is not whole")
	}
	if _, err := a.r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after its end")
	}
	if total != h.count {
		return nil, fmt.Errorf("it has %d numbers, and its head says %d", total, h.count)
	}
	return &Archive{s, t}, nil
}

func (a *archiveReader) shard(t *table, seen map[uint64]bool) (uint64, error) {
	shard, err := binary.ReadUvarint(a)
	if err != nil {
		return 0, err
	}
	place := t.shard(shard)
	if place == nil || seen[shard] {
		return 0, errors.New("it has a shard that its head does not have, or one twice")
	}
	seen[shard] = true
	count, err := binary.ReadUvarint(a)
	if err != nil {
		return 0, err
	}
	c := new(shardContents)
	for range min(count, fields+1) {
		field, err := binary.ReadUvarint(a)
		if err != nil {
			return 0, err
		}
		size, err := binary.ReadUvarint(a)
		if err != nil {
			return 0, err
		}
		if field >= fields || size > blockSize/8 || c.blocks[field] != "" {
			return 0, errors.New("it has a block that is damaged")
		}
		b, err := a.full(int(size))
		if err != nil {
			return 0, err
		}
		if problem := c.addBlock(int(field), string(b)); problem != "" {
			return 0, errors.New("a shard " + problem)
		}
	}
	*place = c.table()
	in, same := t.head.coverage.whole(shard)
	place.covered = in && same
	return c.numbers, nil
}
