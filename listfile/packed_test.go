package listfile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"hash/crc32"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func gz(tb testing.TB, texts ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		_, err := io.WriteString(w, text)
		require.NoError(tb, err)
		require.NoError(tb, w.Close())
	}
	return b.Bytes()
}

// zipped is a zip of names and texts.
func zipped(tb testing.TB, members ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		require.NoError(tb, err)
		_, err = io.WriteString(w, members[i+1])
		require.NoError(tb, err)
	}
	require.NoError(tb, z.Close())
	return b.Bytes()
}

func TestPacked(t *testing.T) {
	a, b := "415,5551234\n", "212,5551234\n"
	for name, c := range map[string]struct {
		file string
		data []byte
		want []uint64
		rows int
		says string // of an error that ends it
	}{
		"gzip":                       {"list.gz", gz(t, a), []uint64{14155551234}, 0, ""},
		"gzip with two members":      {"list.gz", gz(t, a, b), []uint64{14155551234, 12125551234}, 0, ""},
		"gzip for an area code":      {"415.txt.gz", gz(t, a, b), []uint64{14155551234}, 1, ""},
		"gzip, cut off":              {"list.gz", gz(t, a)[:20], nil, 0, "cut off"},
		"gzip, cut off at the sum":   {"list.gz", gz(t, a)[:len(gz(t, a))-2], nil, 0, "cut off"},
		"gzip, wrong sum":            {"list.gz", damaged(gz(t, a), -8), nil, 0, "damaged"},
		"gzip, and something":        {"list.gz", append(gz(t, a), "abc"...), nil, 0, "damaged"},
		"gzip of nothing":            {"list.gz", gz(t, ""), nil, 0, "empty"},
		"gzip, header alone":         {"list.gz", []byte{0x1f, 0x8b, 8}, nil, 0, "is not one"},
		"gzip of a zip":              {"list.gz", gz(t, string(zipped(t, "x", a))), nil, 0, "not text"},
		"zip":                        {"list.zip", zipped(t, "whatever", a), []uint64{14155551234}, 0, ""},
		"zip for area codes":         {"list.zip", zipped(t, "415.txt", a, "212.txt", b, "__MACOSX/._415.txt", "z", ".DS_Store", "z", "dir/", ""), []uint64{14155551234, 12125551234}, 0, ""},
		"zip, a member with another": {"list.zip", zipped(t, "415.txt", a+b, "212.txt", b), []uint64{14155551234, 12125551234}, 1, ""},
		"zip for an area code":       {"415.zip", zipped(t, "list", a+b), []uint64{14155551234}, 1, ""},
		"zip of another area code":   {"415.zip", zipped(t, "212.txt", b), nil, 0, "415, and has one of 212"},
		"zip with a hidden list":     {"list.zip", zipped(t, "415.txt", a, "__MACOSX/.212.txt", b), []uint64{14155551234, 12125551234}, 0, ""},
		"zip with two lists":         {"list.zip", zipped(t, "old.txt", a, "new.txt", b), nil, 0, "which of them"},
		"zip with a list twice":      {"list.zip", zipped(t, "old/415.txt", a, "new/415.txt", a), nil, 0, "which of them"},
		"zip with a note":            {"list.zip", zipped(t, "415.txt", a, "README", b), nil, 0, "which of them"},
		"zip of nothing":             {"list.zip", zipped(t), nil, 0, "no file"},
		"zip of an empty file":       {"list.zip", zipped(t, "415.txt", "", "212.txt", b), nil, 0, "415.txt: it is empty"},
		"zip, cut off":               {"list.zip", zipped(t, "x", a)[:60], nil, 0, "cut off"},
		"zip, damaged":               {"list.zip", damaged(zipped(t, "x", strings.Repeat(a, 1000)), 50), nil, 0, "x: "},
		"zip of a web page":          {"list.zip", zipped(t, "415.txt", "<html>"), nil, 0, "web page"},
		"zip, encrypted":             {"list.zip", rawZip(t, a, zip.Store, 1), nil, 0, "encrypted: unpack it with its password"},
		"zip, encrypted by AES":      {"list.zip", rawZip(t, a, 99, 1), nil, 0, "encrypted: unpack it with its password"},
		"zip, Deflate64":             {"list.zip", rawZip(t, a, 9, 0), nil, 0, "not read here (method 9): unpack it first"},
		"zip with 10,001 files":      {"list.zip", zipped(t, many(10_001)...), nil, 0, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			r := collect(t, Read(c.file, bytes.NewReader(c.data), FTC()))
			if c.says != "" {
				require.ErrorContains(t, r.err, c.says)
				assert.NotContains(t, r.err.Error(), "\n")
				return
			}
			require.NoError(t, r.err)
			assert.Equal(t, c.want, r.numbers)
			assert.Len(t, r.rows, c.rows)
		})
	}
	r := collect(t, Read("list.zip", io.MultiReader(bytes.NewReader(zipped(t, "x", a))), FTC()))
	require.ErrorContains(t, r.err, "stream")
}

func damaged(data []byte, at int) []byte {
	if at < 0 {
		at += len(data)
	}
	data = bytes.Clone(data)
	data[at] ^= 0xff
	return data
}

func many(n int) []string {
	out := make([]string, 0, 2*n)
	for i := range n {
		out = append(out, strconv.Itoa(i), "x")
	}
	return out
}

// bomb is deflated text that is the same a million bytes over and over; it takes about a thousandth
// of its size.
func bomb(tb testing.TB, text string, size int64) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(tb, err)
	million := strings.Repeat(text, 1_000_000/len(text))
	_, err = io.WriteString(w, million)
	require.NoError(tb, err)
	require.NoError(tb, w.Flush()) // ends at a byte, and does not refer to what was before: it can be repeated
	one := bytes.Clone(b.Bytes())
	b.Reset()
	for range size / int64(len(million)) {
		b.Write(one)
	}
	w.Reset(&b)
	require.NoError(tb, w.Close())
	return b.Bytes()
}

// rawZip has one file whose bytes are as given, whatever its header says of them.
func rawZip(tb testing.TB, data string, method, flags uint16) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: "415.txt", Method: method, Flags: flags, CRC32: crc32.ChecksumIEEE([]byte(data)),
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	})
	require.NoError(tb, err)
	_, err = io.WriteString(w, data)
	require.NoError(tb, err)
	require.NoError(tb, z.Close())
	return b.Bytes()
}

func bombZip(tb testing.TB, data []byte, size int64) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "415.txt", Method: zip.Deflate, CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(size)})
	require.NoError(tb, err)
	_, err = w.Write(data)
	require.NoError(tb, err)
	require.NoError(tb, z.Close())
	return b.Bytes()
}

func TestBombs(t *testing.T) {
	const huge = 10_000_000_000
	zeros := bombZip(t, bomb(t, "\x00", huge), huge)
	r := collect(t, Read("415.zip", bytes.NewReader(zeros), FTC()))
	require.ErrorContains(t, r.err, "not text")

	const large = 1_000_000_000
	rows := bomb(t, "415,5551234\n", large)
	for name, data := range map[string][]byte{
		"415.zip": bombZip(t, rows, large),
		"415.gz":  append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, rows...),
	} {
		n := 0
		var last error
		for _, err := range Read(name, bytes.NewReader(data), FTC()) {
			n++
			last = err
		}
		require.ErrorIs(t, last, ErrFile, name)
		require.ErrorContains(t, last, "out of all proportion", name)
		assert.Less(t, n, (freeBytes+maxGrowth*len(data))/12+1, name)
	}
}

// endless is text without an end.
type endless struct {
	text string
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[(e.n+int64(i))%int64(len(e.text))]
	}
	e.n += int64(len(p))
	return len(p), nil
}

// Nothing is kept of what was read, and what has no end is given up.
func TestMemoryIsConstant(t *testing.T) {
	allocated := func(do func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for name, text := range map[string]string{"usual": "415,5551234\n", "CRLF": "415,5551234\r\n", "no comma": "4155551234\n"} {
		got := allocated(func() {
			left := 1_000_000
			for _, err := range Read("x", &endless{text: text}, FTC()) {
				if left--; err != nil || left == 0 {
					break
				}
			}
			assert.Zero(t, left, name)
		})
		assert.Less(t, got, uint64(1<<20), "%s: bytes for a million rows", name)
	}
	for name, c := range map[string]struct {
		format Format
		start  string
		text   string
	}{
		"a row":     {FTC(), "", "9"},
		"a line":    {Lines(nil), "", "9"},
		"a cell":    {CSV("phone", nil), "phone\n\"", "9"},
		"a quote":   {CSV("phone", nil), "phone\n\"", "9\n"},
		"a header":  {CSV("phone", nil), "", "x,"},
		"a tag":     {FTC(), "<", "x"},
		"a comment": {FTC(), "<!--", " "},
	} {
		got := allocated(func() {
			r := collect(t, Read("x", io.MultiReader(strings.NewReader(c.start), &endless{text: c.text}), c.format))
			require.ErrorIs(t, r.err, ErrFile, name)
		})
		assert.Less(t, got, uint64(256<<20), "%s without an end", name) // half a million cells of a megabyte
	}
}
