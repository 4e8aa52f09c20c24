package evidence

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/fulldisk"
	"github.com/dnc-go/dnc/internal/skip"
)

// full fails the test if an error is not that of a full disk.
func full(tb testing.TB, err error) {
	tb.Helper()
	if !errors.Is(err, syscall.ENOSPC) {
		require.ErrorIs(tb, err, syscall.EFBIG)
	}
}

// TestAFullDisk writes to a disk that is really full: what is decided is Unknown, what was
// acknowledged stays, and when there is room again the log goes on and verifies.
func TestAFullDisk(t *testing.T) {
	fulldisk.Run(t, func(t *testing.T, d fulldisk.Disk) {
		f := newFixture(t)
		f.dir = d.Dir + "/log"
		numbers := make([]dnc.Number, 10_000) // a batch of more bytes than a page of the disk has left
		for i := range numbers {
			numbers[i] = number(t, i)
		}
		records := int64(0)
		for range 3 {
			l := f.open(t)
			c := Record(list(t), l, dnc.Call{Campaign: "spring"})
			_, err := c.Check(ctx, number(t, 100))
			require.NoError(t, err)
			_, err = l.Checkpoint(ctx)
			require.NoError(t, err)
			records = l.Status().Records

			info, err := os.Stat(f.dir + firstDay)
			require.NoError(t, err)
			d.Fill(t, info.Size()+10)
			ds, err := c.CheckBatch(ctx, numbers)
			require.ErrorIs(t, err, dnc.ErrStoreUnavailable)
			full(t, err)
			for i, got := range ds {
				if i == 101 {
					require.Equal(t, dnc.Block, got.Verdict)
					continue
				}
				require.Equal(t, dnc.Unknown, got.Verdict)
				require.Equal(t, listName, got.Reason().List)
			}
			s := l.Status()
			require.NoError(t, s.Error, "it can go on")
			require.Equal(t, []int64{records, int64(len(numbers))}, []int64{s.Records, s.Lost})
			v, err := f.verify()
			require.NoError(t, err)
			require.Equal(t, records, v.Records)
			for range 20 { // one of them is cut by the end of the disk
				_, _ = l.Checkpoint(ctx)
			}

			d.Free(t)
			got, err := c.Check(ctx, number(t, 100))
			require.NoError(t, err)
			require.Equal(t, dnc.Allow, got.Verdict)
			require.Equal(t, records+1, l.Status().Records)
			_, err = l.Checkpoint(ctx)
			require.NoError(t, err)
			d.Fill(t, info.Size()+10)
			_ = l.Close() // its checkpoint has no room
			d.Free(t)
		}
		l := f.open(t)
		require.NoError(t, l.Close())
		v, err := f.verify()
		require.NoError(t, err)
		require.Equal(t, records+1, v.Records)
		require.Zero(t, v.Unprotected)
		own, err := os.ReadFile(f.dir + "/checkpoints")
		require.NoError(t, err)
		_, err = Verify(f.dir, own, f.public)
		require.NoError(t, err, "no half of a checkpoint is left")
	})
}

// The file of the hashes can be what finds the disk full.
func TestAFullDiskUnderTheTree(t *testing.T) {
	t.Parallel()
	device, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		skip.Test(t, "there is no /dev/full")
	}
	defer func() { _ = device.Close() }()
	f := newFixture(t)
	l := f.open(t)
	c := Record(list(t), l, dnc.Call{})
	_, err = c.Check(ctx, number(t, 100))
	require.NoError(t, err)
	swap := func() {
		l.files.Lock()
		defer l.files.Unlock()
		l.hashes.f, device = device, l.hashes.f
	}
	swap()
	d, err := c.Check(ctx, number(t, 100))
	full(t, err)
	require.Equal(t, dnc.Unknown, d.Verdict)
	swap()
	d, err = c.Check(ctx, number(t, 100))
	require.NoError(t, err)
	require.Equal(t, dnc.Allow, d.Verdict)
	require.NoError(t, l.Close())
	v, err := f.verify()
	require.NoError(t, err)
	require.Equal(t, int64(2), v.Records)
}

// A crash can leave any part of the last checkpoint in the directory.
func TestACheckpointThatWasCutOff(t *testing.T) {
	t.Parallel()
	f := filled(t)
	path := f.dir + "/checkpoints"
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range len(whole) {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		l, err := f.try()
		require.NoError(t, err, "cut at %d", cut)
		_, err = l.Checkpoint(ctx)
		require.NoError(t, err)
		require.NoError(t, l.Close())
		own, err := os.ReadFile(path)
		require.NoError(t, err)
		v, err := Verify(f.dir, own, f.public)
		require.NoError(t, err, "cut at %d", cut)
		require.Zero(t, v.Unprotected)
	}
}
