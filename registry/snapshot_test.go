package registry

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/digits"
	"github.com/dnc-go/dnc/internal/redistest"
)

// This process has seen a newer version than its Snapshot, when an old copy comes back that has the
// Snapshot's.
func TestSnapshotOfALowerVersion(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()), WithPolling(time.Hour, 2*time.Hour))
	put(t, r, plain(listed))
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	s.Do(t, "copy", "dnc:list:national", "old")
	put(t, open(t, universal(t, s.URL())), plain(listed, clean))
	got, _ := verdict(t, r, clean)
	require.Equal(t, dnc.Block, got, "this process has seen version 2")
	s.Do(t, "copy", "old", "dnc:list:national", "replace") // the switch is lost in a failover
	unknownAll(t, r, dnc.CodeListStale, clean)
	require.ErrorIs(t, snapshot.refresh(ctx), dnc.ErrListStale)
}

// A Snapshot that is closed describes no version, and answers nothing.
func TestSnapshotThatWasClosed(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	snapshot, err := r.Snapshot(ctx)
	require.NoError(t, err)
	info, err := snapshot.Info()
	require.NoError(t, err)
	current, err := r.Info(ctx)
	require.NoError(t, err)
	require.Equal(t, current, info)

	snapshot.Close()
	_, err = snapshot.Info()
	require.ErrorIs(t, err, dnc.ErrListStale)
	unknownAll(t, snapshot, dnc.CodeListStale, clean)
}

// What Rollback returns is what is in force.
func TestRollbackDescribesWhatIsInForce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	r := open(t, universal(t, s.URL()))
	put(t, r, plain(listed))
	put(t, r, plain(listed, clean))
	back, err := r.Rollback(ctx)
	require.NoError(t, err)
	current, err := r.Info(ctx)
	require.NoError(t, err)
	require.Equal(t, current, back)
}

// A version that takes longer to load than a Snapshot may lag is loaded all the same.
func TestSnapshotThatLoadsSlowly(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	put(t, open(t, universal(t, s.URL())), plain(listed))
	var snapshot *Snapshot
	r := hooked(t, s.URL(), func(cmds []redis.Cmder, send func() error) error {
		if has(cmds, "dnc:list:national:2:1415") == "hgetall" {
			require.NoError(t, redistest.Eventually(func() error {
				if _, err := snapshot.Check(ctx, digits.Number(clean)); err == nil {
					return errTest
				}
				return nil
			}))
		}
		return send()
	})
	r.refresh, r.maxLag = 5*time.Millisecond, 100*time.Millisecond
	var err error
	snapshot, err = r.Snapshot(ctx)
	require.NoError(t, err)
	defer snapshot.Close()
	put(t, open(t, universal(t, s.URL())), plain(listed, clean))
	require.NoError(t, redistest.Eventually(func() error {
		if d, err := snapshot.Check(ctx, digits.Number(clean)); d.Verdict != dnc.Block {
			return errors.Join(errTest, err)
		}
		return nil
	}))
}
