package optout

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written is a directory with an outbox of three segments.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	in := open(t, dir, withSegment(1000))
	for i := range 12 {
		add(t, in, i, fmt.Sprint(i))
	}
	require.NoError(t, in.Close())
	require.FileExists(t, filepath.Join(dir, segmentName(3)))
	return dir
}

func TestDamageIsNamedAndNothingIsChanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file   int
		damage func(data []byte) []byte
	}{
		"a bit in the middle of the last file": {3, func(b []byte) []byte { b[segmentHeader+batchHeader+20] ^= 1; return b }},
		"a bit at the end of the last file":    {3, func(b []byte) []byte { b[len(b)-10] ^= 1; return b }},
		"a bit in a header":                    {3, func(b []byte) []byte { b[segmentHeader+4] ^= 1; return b }},
		"a bit in the first file":              {1, func(b []byte) []byte { b[len(b)-10] ^= 1; return b }},
		"zeros in the middle":                  {3, func(b []byte) []byte { clear(b[segmentHeader : segmentHeader+40]); return b }},
		"the first file is shorter":            {1, func(b []byte) []byte { return b[:len(b)-100] }},
		"a segment's header":                   {2, func(b []byte) []byte { b[12] ^= 1; return b }},
		"the last file begins otherwise":       {3, func([]byte) []byte { return []byte("something else\n") }},
		"a batch is there twice":               {3, func(b []byte) []byte { return append(b, b[segmentHeader:]...) }},
		"a batch is left out": {1, func(b []byte) []byte {
			second := bytes.Index(b[segmentHeader+5:], []byte("\nB ")) + segmentHeader + 6
			return append(b[:segmentHeader:segmentHeader], b[second:]...)
		}},
		"another file": {2, func([]byte) []byte { return segmentLine(7, 0) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := written(t)
			path := filepath.Join(dir, segmentName(test.file))
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			data = test.damage(data)
			require.NoError(t, os.WriteFile(path, data, 0o600))
			_, err = Open(dir)
			e, ok := errors.AsType[*DamageError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, path, e.File)
			assert.Contains(t, err.Error(), path)
			assert.NotRegexp(t, canary, err.Error())
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, data, after)
		})
	}
	dir := t.TempDir() // a sector that was lost, and whole batches behind it
	in := open(t, dir)
	for i := range 12 {
		add(t, in, i, "")
	}
	require.NoError(t, in.Close())
	path := filepath.Join(dir, segmentName(1))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	clear(data[sector : 2*sector])
	require.NoError(t, os.WriteFile(path, data, 0o600))
	_, err = Open(dir)
	e, ok := errors.AsType[*DamageError](err)
	require.True(t, ok, "%v", err)
	assert.Less(t, e.Offset, int64(sector))

	for _, gone := range []int{1, 2} { // also the first: something that removes old files
		dir = written(t)
		require.NoError(t, os.Remove(filepath.Join(dir, segmentName(gone))))
		_, err = Open(dir)
		e, ok = errors.AsType[*DamageError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, filepath.Join(dir, segmentName(gone)), e.File)
	}
}

// TestATornTailIsCut cuts the last file at every byte of its last batch, which was then never whole.
func TestATornTailIsCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := open(t, dir)
	add(t, in, 1, "a")
	before := in.outbox.end
	add(t, in, 2, "b")
	require.NoError(t, in.Close())
	path := filepath.Join(dir, segmentName(1))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := int(before); cut < len(whole); cut++ {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, markName), markLine(1, before), 0o600))
		in, err := Open(dir)
		require.NoError(t, err, "cut at %d", cut)
		blocked, _ := in.state.status(number(1))
		assert.True(t, blocked)
		blocked, _ = in.state.status(number(2))
		assert.False(t, blocked)
		if cut%16 == 0 {
			add(t, in, 3, "c")
			require.NoError(t, in.Close())
			in, err = Open(dir)
			require.NoError(t, err)
			mustBlock(t, in, 4, 1, 3)
		}
		require.NoError(t, in.Close())
	}
	require.NoError(t, os.Remove(filepath.Join(dir, markName)))
	for cut := range segmentHeader { // the very first write
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		in, err := Open(dir)
		require.NoError(t, err, "cut at %d", cut)
		require.NoError(t, in.Close())
	}
}

// A crash cuts only what was never acknowledged. What was cut later is lost, and must not look like a
// crash.
func TestAnEndThatWasAcknowledgedAndIsGoneIsDamage(t *testing.T) {
	t.Parallel()
	dir := written(t)
	damaged := func(file string, most int) {
		t.Helper()
		_, err := Open(dir)
		e, ok := errors.AsType[*DamageError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, filepath.Join(dir, file), e.File)
		assert.LessOrEqual(t, e.Offset, int64(most))
		require.ErrorContains(t, err, "were acknowledged")
		assert.NotRegexp(t, canary, err.Error())
	}
	path := filepath.Join(dir, segmentName(3))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range whole {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		damaged(segmentName(3), cut)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, whole[:cut], after, "nothing is changed")
	}
	require.NoError(t, os.Remove(path))
	damaged(segmentName(3), 0)
	require.NoError(t, os.Remove(filepath.Join(dir, segmentName(2))))
	damaged(segmentName(3), 0)
	require.NoError(t, os.Remove(filepath.Join(dir, segmentName(1))))
	damaged(segmentName(3), 0) // an empty directory is no new one

	require.NoError(t, os.Remove(filepath.Join(dir, markName))) // what the error says for the last resort
	mustBlock(t, open(t, dir), 3)
}

// A mark only finds damage. One that is old, torn or from a later version is none.
func TestAMarkThatSaysNothingIsNoDamage(t *testing.T) {
	t.Parallel()
	for name, mark := range map[string][]byte{
		"empty": {}, "zeros": make([]byte, 60), "torn": markLine(3, 900)[:30], "another version": []byte("dnc-optout-acknowledged 2 3 900\n"),
		"an earlier file": markLine(2, 900), "an earlier batch": markLine(3, int64(segmentHeader)),
		"a CRC that is wrong": append(markLine(9, 900)[:len(markLine(9, 900))-9], "00000000\n"...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := written(t)
			require.NoError(t, os.WriteFile(filepath.Join(dir, markName), mark, 0o600))
			in := open(t, dir)
			mustBlock(t, in, 3, 0, 1, 2)
			add(t, in, 20, "z")
			got, err := os.ReadFile(filepath.Join(dir, markName))
			require.NoError(t, err)
			number, end, ok := markOf(got)
			assert.True(t, ok, "%q", got)
			assert.Equal(t, []any{in.outbox.last, in.outbox.end}, []any{number, end})
		})
	}
}

func FuzzOutbox(f *testing.F) {
	body, _ := (&record{Seq: 1, Kind: kindOptOut, number: number(1), Source: "test", SourceID: "a"}).append(nil)
	more, _ := (&record{Seq: 2, Kind: kindDelivered, Target: "redis", Changes: []uint64{1, 1}}).append(nil)
	whole := append(append(segmentLine(1, 0), batchLine(body)...), body...)
	f.Add(whole)
	f.Add(append(append(whole[:len(whole):len(whole)], batchLine(more)...), more...))
	f.Add(whole[:len(whole)-1])
	f.Add(append(whole[:len(whole):len(whole)], make([]byte, 600)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		var seqs []uint64
		s, err := readSegment(data, func(r *record) error { seqs = append(seqs, r.Seq); return nil })
		if err != nil {
			_, ok := errors.AsType[*DamageError](err)
			require.True(t, ok)
			return
		}
		require.LessOrEqual(t, s.end, int64(len(data)))
		require.Equal(t, s.end < int64(len(data)), s.torn && len(data) > 0)
		if s.end == 0 {
			return
		}
		var again []uint64 // what counts is whole, and says the same
		kept, err := readSegment(data[:s.end], func(r *record) error { again = append(again, r.Seq); return nil })
		require.NoError(t, err)
		require.False(t, kept.torn)
		require.Equal(t, seqs, again)
	})
}
