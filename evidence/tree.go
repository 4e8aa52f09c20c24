package evidence

import (
	"fmt"
	"io"
	"math/bits"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of a Merkle tree: all that is needed to add a leaf and to know the root.
type tree struct {
	size int64
	edge [63]tlog.Hash // edge[i] is the hash of the last whole subtree of 2^i leaves, where size has the bit i
}

// add adds the hash of a leaf, and appends the hashes that package tlog stores with it.
func (t *tree) add(h tlog.Hash, stored []tlog.Hash) []tlog.Hash {
	stored = append(stored, h)
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		h = tlog.NodeHash(t.edge[level], h)
		stored = append(stored, h)
	}
	t.edge[level] = h
	t.size++
	return stored
}

// root is the hash of the whole tree, as tlog.TreeHash has it.
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	level := bits.TrailingZeros64(uint64(t.size)) //nolint:gosec // above 0
	h := t.edge[level]
	for level++; t.size>>level > 0; level++ {
		if t.size>>level&1 == 1 {
			h = tlog.NodeHash(t.edge[level], h)
		}
	}
	return h
}

// treeAt is the tree of so many leaves, read from stored hashes.
func treeAt(size int64, stored tlog.HashReader) (*tree, error) {
	t := &tree{size: size}
	var indexes []int64
	var levels []int
	for level := range t.edge {
		if size>>level&1 == 1 {
			indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
			levels = append(levels, level)
		}
	}
	hashes, err := stored.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, level := range levels {
		t.edge[level] = hashes[i]
	}
	return t, nil
}

// hashFile is the stored hashes in a file.
type hashFile struct{ f *os.File }

// ReadHashes reads hashes by their index of package tlog.
func (s hashFile) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if n, err := s.f.ReadAt(out[i][:], x*tlog.HashSize); n < tlog.HashSize {
			if err == io.EOF {
				return nil, fmt.Errorf("%w: the file tree has no hash %d: open the log once, which rebuilds it", ErrDamaged, x)
			}
			return nil, err
		}
	}
	return out, nil
}

// write puts the hashes that belong to the leaves from first on in their place.
func (s hashFile) write(first int64, hashes []tlog.Hash) error {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	_, err := s.f.WriteAt(b, tlog.StoredHashCount(first)*tlog.HashSize)
	return err
}
