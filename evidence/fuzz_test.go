package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
)

// seeds is a log with records of every kind: single decisions, a batch, calls that differ, and an
// event of the log itself. It is the same in every process: the fuzzer's workers must know its
// signatures.
func seeds(f *testing.F) *fixture {
	f.Helper()
	fix := newFixtureOf(f, bytes.NewReader(bytes.Repeat([]byte{1}, 64)))
	l := fix.open(f)
	_, err := Record(list(f), l, dnc.Call{Campaign: "spring"}).CheckBatch(ctx, []dnc.Number{number(f, 100), number(f, 101), {}})
	require.NoError(f, err)
	_, err = RecordRule(dnc.RuleOf(list(f)), l).CheckBatch(ctx, []dnc.Call{
		{Number: number(f, 100), Campaign: "a", Party: "Jane Canary", Location: dnc.Location{Zones: []string{"America/Chicago"}, Region: "US-TX"}},
		{Number: number(f, 101), Campaign: "b", Channel: dnc.Text},
	})
	require.NoError(f, err)
	require.NoError(f, l.recordEvent(event{Event: "removed", Day: "2021-11-26", First: 0, Next: 7}))
	_, err = l.Checkpoint(ctx)
	require.NoError(f, err)
	require.NoError(f, l.Close())
	return fix
}

func bytesOf(f *testing.F, path string) []byte {
	f.Helper()
	b, err := os.ReadFile(path)
	require.NoError(f, err)
	return b
}

// Any bytes in the place of a record are an error, never a panic, and what is read of them points
// nowhere outside.
func FuzzRecord(f *testing.F) {
	f.Add([]byte{kindEvent, 2, '{', '}'})
	f.Add([]byte{kindDecisions, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	require.NoError(f, scanDay(seeds(f).dir, "2026-11-26", func(_ int64, record []byte) error {
		f.Add(bytes.Clone(record))
		f.Add(bytes.Clone(record[:len(record)-1]))
		return nil
	}))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseLeaf(b)
		if err != nil {
			require.ErrorIs(t, err, errLeaf)
			return
		}
		require.Equal(t, b[0] == kindEvent, l.event != nil)
		for i := range l.decisions() {
			_ = l.entry(0, i, dnc.Number{})
		}
	})
}

// Any bytes in the place of a day's file have a sound beginning, perhaps an empty one, and nothing
// behind it is read.
func FuzzDay(f *testing.F) {
	day := bytesOf(f, seeds(f).dir+firstDay)
	f.Add(day)
	f.Add(day[:len(day)-1])
	f.Add(append(bytes.Clone(day), make([]byte, 600)...))
	h, err := readDayHeader(bytes.NewReader(day), "2026-11-26")
	require.NoError(f, err)
	f.Add(append(bytes.Clone(day), day[h.size:]...)) // the same records twice
	f.Add(day[:h.size])
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := readDayHeader(bytes.NewReader(b), "2026-11-26")
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		require.Equal(t, h.line(), string(b[:h.size]))
		var first, again [][]byte
		end, err := scan(bytes.NewReader(b), h.size, h.first, func(_ int64, record []byte) error {
			first = append(first, bytes.Clone(record))
			return nil
		})
		require.LessOrEqual(t, end, int64(len(b)))
		require.Equal(t, err == nil, end == int64(len(b)))
		kept, err := scan(bytes.NewReader(b[:end]), h.size, h.first, func(_ int64, record []byte) error {
			again = append(again, bytes.Clone(record))
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, end, kept)
		require.Equal(t, again, first[:len(again)])
	})
}

// Any bytes in the place of checkpoints are an error, or checkpoints that can be cut apart again. One
// whose signature is not right is never read.
func FuzzCheckpoints(f *testing.F) {
	fix := seeds(f)
	f.Add(fix.saved)
	f.Add(fix.saved[:len(fix.saved)-10])
	f.Add(append(append(bytes.Clone(fix.saved), "\r\n\n"...), fix.saved...))
	f.Add([]byte("test/evidence\n-1\nAA==\n2026-11-26T12:00:00Z\n\n\u2014 test/evidence AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := wholeCheckpoints(b)
		require.LessOrEqual(t, whole, len(b))
		_, err := splitCheckpoints(b[:whole])
		require.NoError(t, err, "what Open keeps can be read")
		all, err := splitCheckpoints(b)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidCheckpoint)
			return
		}
		for _, one := range all {
			c, err := parseCheckpoint(one)
			if err != nil {
				require.ErrorIs(t, err, ErrInvalidCheckpoint)
				continue
			}
			again, err := parseCheckpoint([]byte(c.text() + "\n"))
			require.NoError(t, err)
			require.Equal(t, c, again)
			if _, err := openCheckpoint(one, fix.public); err == nil {
				require.Contains(t, string(fix.saved), c.text(), "signed, and never made")
			}
		}
	})
}

// Any text in the place of a proof is refused, unless it says what the log says.
func FuzzProof(f *testing.F) {
	fix := seeds(f)
	r, err := NewReader(fix.dir, key)
	require.NoError(f, err)
	all, err := splitCheckpoints(fix.saved)
	require.NoError(f, err)
	want := map[[2]int64]Entry{}
	for e, err := range r.Find(Query{Number: number(f, 101)}) {
		require.NoError(f, err)
		want[[2]int64{e.Record, int64(e.Position)}] = e
		for _, c := range all {
			p, err := r.Prove(e, c)
			require.NoError(f, err)
			text, err := json.Marshal(p)
			require.NoError(f, err)
			f.Add(text)
			p.Position = -1
			text, err = json.Marshal(p)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Add([]byte(`{"record":9223372036854775807,"leaf":"","path":["AAAA"],"checkpoint":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Proof
		if json.Unmarshal(b, &p) != nil {
			return
		}
		e, err := p.Verify(fix.public, number(t, 101), key)
		if err == nil {
			require.Equal(t, want[[2]int64{e.Record, int64(e.Position)}], e)
			return
		}
		if !errors.Is(err, ErrInvalidCheckpoint) && !errors.Is(err, ErrRewritten) && !errors.Is(err, ErrMissing) {
			require.ErrorIs(t, err, ErrDamaged)
		}
		_, err = p.Verify(note.VerifierList(), number(t, 101), key)
		require.ErrorIs(t, err, ErrInvalidCheckpoint)
	})
}
