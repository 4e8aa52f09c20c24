package registry

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// The rights in the documentation are enough, and not more than they must be. RESP2 is read as
// well.
func TestRightsOfTheDocumentation(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("registry.go")
	require.NoError(t, err)
	blocks := strings.Split(string(source), "//\t")
	var check, write, inCluster []any
	for _, b := range blocks[1:] {
		line, _, _ := strings.Cut(b, "\n")
		line, _, _ = strings.Cut(line, " and in a cluster")
		for word := range strings.FieldsSeq(strings.ReplaceAll(line, ",", " ")) {
			switch {
			case strings.HasPrefix(word, "~"), len(write) > 0:
				write = append(write, word)
			case strings.HasPrefix(line, "+cluster"):
				inCluster = append(inCluster, word)
			default:
				check = append(check, word)
			}
		}
	}
	require.NotEmpty(t, inCluster)
	s := redistest.Start(t)
	user := func(name string, rules ...any) string {
		s.Do(t, append([]any{"acl", "setuser", name, "on", ">secret", "resetkeys", "resetchannels"}, rules...)...)
		return fmt.Sprintf("redis://%s:secret@%s", name, s.Addr())
	}
	importer := open(t, universal(t, user("importer", append(append([]any{}, check...), write...)...)))
	put(t, importer, plain(listed))
	put(t, importer, plain(listed))
	put(t, importer, plain(listed))
	_, err = importer.Rollback(ctx)
	require.NoError(t, err)
	_, err = importer.Versions(ctx)
	require.NoError(t, err)
	for _, protocol := range []int{2, 3} {
		o, err := dnc.RedisOptions(user("checker", check...))
		require.NoError(t, err)
		o.Protocol = protocol
		rdb := redis.NewUniversalClient(o)
		defer func() { _ = rdb.Close() }()
		checker := open(t, rdb)
		got, _ := verdict(t, checker, listed)
		assert.Equal(t, dnc.Block, got)
		got, _ = verdict(t, checker, clean)
		assert.Equal(t, dnc.Allow, got)
		snapshot, err := checker.Snapshot(ctx)
		require.NoError(t, err)
		got, _ = verdict(t, snapshot, listed)
		assert.Equal(t, dnc.Block, got)
		snapshot.Close()
		_, err = checker.Replace(ctx, plain(listed), national())
		require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
		for _, forbidden := range [][]any{{"flushall"}, {"get", "other"}, {"del", "dnc:list:national"}, {"keys", "*"}} {
			require.ErrorContains(t, rdb.Do(ctx, forbidden...).Err(), "NOPERM")
		}
	}
	require.NoError(t, importer.Delete(ctx))

	c := redistest.StartCluster(t, 3, 0)
	urls := func(name string, rules ...[]any) string {
		var all []string
		for _, m := range c.Masters {
			args := []any{"acl", "setuser", name, "on", ">secret", "resetkeys", "resetchannels"}
			for _, r := range rules {
				args = append(args, r...)
			}
			m.Do(t, args...)
			all = append(all, fmt.Sprintf("redis://%s:secret@%s", name, m.Addr()))
		}
		return strings.Join(all, ",")
	}
	importer = open(t, universal(t, urls("importer", check, inCluster, write)))
	put(t, importer, plain(listed, 12125550000))
	put(t, importer, plain(listed, 12125550000))
	put(t, importer, plain(listed, 12125550000))
	_, err = importer.Rollback(ctx)
	require.NoError(t, err)
	checker := open(t, universal(t, urls("checker", check, inCluster)))
	for _, n := range []uint64{listed, 12125550000} {
		got, _ := verdict(t, checker, n)
		assert.Equal(t, dnc.Block, got)
		got, _ = verdict(t, checker, n+1)
		assert.Equal(t, dnc.Allow, got)
	}
	snapshot, err := checker.Snapshot(ctx)
	require.NoError(t, err)
	snapshot.Close()
	_, err = checker.Replace(ctx, plain(listed), national())
	require.ErrorIs(t, err, dnc.ErrStoreMisconfigured)
	require.NoError(t, importer.Delete(ctx))
}
