package block_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/block"
)

// encode makes a block of lines, and demands that it says of every line what a plain set says.
func encode(t testing.TB, lines []int) []byte {
	t.Helper()
	want := make(map[int]bool)
	var s block.Set
	for _, l := range lines {
		require.Equal(t, !want[l], s.Add(l))
		want[l] = true
	}
	b := s.Append(nil)
	require.NoError(t, block.Verify(b))
	require.Equal(t, len(want), s.Len())
	require.Equal(t, len(want), block.Count(b))
	require.Equal(t, len(want), block.Count(string(b)))
	if len(want) <= block.MaxSparse {
		require.Len(t, b, 2*len(want))
	} else {
		require.Len(t, b, block.BitmapSize)
	}
	packed := string(block.AppendPacked(nil, string(b)))
	require.LessOrEqual(t, len(packed), len(b))
	for l := range block.Lines {
		if block.Has(b, l) != want[l] || block.Has(string(b), l) != want[l] || block.PackedHas(packed, l) != want[l] {
			t.Fatalf("line %d of %d", l, len(want))
		}
	}
	return b
}

func TestEverySize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 40, 41, 42, 100, 254, 255, 256, 623, 624, 625, 5000, 9999, 10_000} {
		encode(t, random.Perm(block.Lines)[:size])
	}
	encode(t, []int{0, 9999, 0, 63, 64, 127, 128, 9984, 9983})
}

// The bytes are a contract with what lies in Redis.
func TestTheBytes(t *testing.T) {
	assert.Equal(t, []byte{0, 0, 0, 1, 0x27, 0x0f}, encode(t, []int{9999, 1, 0}))
	all := make([]int, 700)
	for i := range all {
		all[i] = i * 2
	}
	b := encode(t, all)
	assert.Equal(t, byte(0b10101010), b[0], "line 0 is the highest bit, as GETBIT counts")
	assert.Equal(t, byte(0), b[1249])
	var s block.Set
	s.Add(5)
	assert.Equal(t, []byte("x\x00\x05"), s.Append([]byte("x")))
	s.Reset()
	assert.Zero(t, s.Len())
	assert.Empty(t, s.Append(nil))
}

func TestBytesThatAreNoBlock(t *testing.T) {
	for _, size := range []int{1, 3, 1247, 1249, 1251, 1252, 2500} {
		require.ErrorIs(t, block.Check(make([]byte, size)), block.ErrForm)
		require.ErrorIs(t, block.Verify(make([]byte, size)), block.ErrForm)
	}
	for _, b := range []string{"\x00\x01\x00\x01", "\x00\x02\x00\x01", "\x27\x10", "\xff\xff", string(make([]byte, 1250))} {
		require.NoError(t, block.Check(b))
		require.Error(t, block.Verify(b))
	}
}

// Any bytes of an allowed length answer every question, and lines come out as they went in.
func FuzzBlock(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0x27, 0x0f})
	f.Add(make([]byte, 1250))
	f.Fuzz(func(t *testing.T, b []byte) {
		var lines []int
		for i := 0; i+1 < len(b); i += 2 {
			lines = append(lines, (int(b[i])<<8|int(b[i+1]))%block.Lines)
		}
		encode(t, lines)
		if block.Check(b) != nil {
			return
		}
		seen := 0
		for l := range block.Lines {
			if block.Has(b, l) {
				seen++
			}
		}
		if block.Verify(b) == nil && seen != block.Count(b) {
			t.Fatalf("%d lines, counted %d", seen, block.Count(b))
		}
	})
}

func BenchmarkHas(b *testing.B) {
	var s block.Set
	for i := range 600 {
		s.Add(i * 16)
	}
	sparse := string(s.Append(nil))
	for i := range 9000 {
		s.Add(i)
	}
	full := string(s.Append(nil))
	for name, v := range map[string]string{"sparse": sparse, "bitmap": full} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i = (i + 7919) % block.Lines
				block.Has(v, i)
			}
		})
	}
}
