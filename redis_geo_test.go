package dnc_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redistest"
)

// geoBed is a bed whose geo rules allow what the list does not block.
func geoBed(t *testing.T, many bool, opts ...dnc.RedisOption) *bed {
	t.Helper()
	s := redistest.Start(t)
	set := map[string]any{
		"+1": `{"allowed":true}`, "1900": `{"allowed":false,"riskLevel":"High"}`, "+44": `{"ALLOWED":false,"RiskLevel":"medium"}`,
		"+1416": `{"riskLevel":"high"}`, "+33": `{"allowed":false,"allowed":true}`, "+49": `not json`, "+1900555": `{"allowed":true}`,
		"+14155550005": `{"allowed":false,"riskLevel":"low"}`,
	}
	if many {
		for i := range 10_001 {
			set[fmt.Sprintf("+888%05d", i)] = `{"allowed":false,"riskLevel":"bulk"}`
		}
	}
	_, err := s.Client(t).Pipelined(ctx, func(p redis.Pipeliner) error { p.HSet(ctx, "dnc:geo_rules", set); return nil })
	require.NoError(t, err)
	s.Do(t, append([]any{"sadd", "dnc:blacklist", "+19005550000"}, members(t)...)...)
	b := &bed{T: t, server: s, rdb: universal(t, s.URL())}
	b.list = b.checker(b.rdb, append([]dnc.RedisOption{dnc.WithGeoRules("dnc:geo_rules")}, opts...)...)
	return b
}

func TestRedisGeoRules(t *testing.T) {
	for name, many := range map[string]bool{"in memory": false, "asked for each number": true} {
		t.Run(name, func(t *testing.T) {
			b := geoBed(t, many)
			for number, want := range map[string][]string{
				"+14155550001":  {"allowed"},
				"+14155550005":  {"geo_blocked_low"},
				"+14155550010":  {"dnc_blacklist"},
				"+19004440000":  {"geo_blocked_high"},
				"+19005550001":  {"allowed"},
				"+19005550000":  {"dnc_blacklist"},
				"+442079460000": {"geo_blocked_medium"},
				"+14165550000":  {"geo_rule_invalid"},
				"+33123456789":  {"geo_rule_invalid"},
				"+4930123456":   {"geo_rule_invalid"},
				"+34612345678":  {"allowed"},
			} {
				d, err := checkBoth(t, b.list, must(t, number))
				assert.Equal(t, want, codes(d), number[:5])
				assert.Equal(t, d.Verdict == dnc.Unknown, err != nil)
				if err != nil {
					require.ErrorIs(t, err, dnc.ErrGeoRuleInvalid)
				}
			}
			if many {
				d, err := checkBoth(t, b.list, must(t, "+88800007123456"))
				require.NoError(t, err)
				assert.Equal(t, "geo_blocked_bulk", d.Reason().Code)
			} else {
				assert.Equal(t, []string{dnc.EventGeoRuleInvalid}, b.logs.events())
			}
		})
	}
}

func TestRedisGeoRulesThatAreNotThere(t *testing.T) {
	for name, many := range map[string]bool{"in memory": false, "asked for each number": true} {
		t.Run(name, func(t *testing.T) {
			b := geoBed(t, many, often)
			d, err := b.list.Check(ctx, numberAt(t, 1))
			require.NoError(t, err)
			require.True(t, d.Callable())
			b.server.Do(t, "del", "dnc:geo_rules")
			require.NoError(t, redistest.Eventually(func() error {
				if d, _ := b.list.Check(ctx, numberAt(t, 1)); d.Callable() {
					return fmt.Errorf("not looked at yet")
				}
				return nil
			}))
			b.unknown(dnc.CodeListMissing)
			b.server.Do(t, "set", "dnc:geo_rules", "x")
			require.NoError(t, redistest.Eventually(func() error {
				if d, _ := b.list.Check(ctx, numberAt(t, 1)); d.Reason().Code != dnc.CodeStoreMisconfigured {
					return fmt.Errorf("it is %v", d)
				}
				return nil
			}))
			b.unknown(dnc.CodeStoreMisconfigured)
			b.server.Do(t, "del", "dnc:geo_rules")
			b.server.Do(t, "hset", "dnc:geo_rules", "+1", `{"allowed":true}`)
			b.rightAgain()
		})
	}
	t.Run("never there", func(t *testing.T) {
		b := newBed(t, redistest.Start(t))
		b.unknownFrom(b.checker(b.rdb, dnc.WithGeoRules("dnc:geo_rules")), dnc.CodeListMissing)
	})
	t.Run("gone between two looks, asked for each number", func(t *testing.T) {
		b := geoBed(t, true, dnc.WithGeoRefresh(time.Hour, 2*time.Hour))
		d, err := b.list.Check(ctx, numberAt(t, 1))
		require.NoError(t, err)
		require.True(t, d.Callable())
		b.server.Do(t, "del", "dnc:geo_rules")
		b.unknown(dnc.CodeListMissing)
	})
}

// Of more than 10,000 rules only the fields are asked for that a number can have. One rule in
// another spelling is doubt, as it is among few rules.
func TestOneMisspelledRuleAmongThousands(t *testing.T) {
	b := geoBed(t, true)
	rdb := universal(t, b.server.URL(), patient)
	for i, field := range []string{"+1 415", "1-415", "tel:+1415", "\ufeff+1415", "001415", "1415*", "*", "", "US", "0900"} {
		t.Run(fmt.Sprintf("spelling %d", i), func(t *testing.T) {
			b.server.Do(t, "hset", "dnc:geo_rules", field, `{"allowed":false}`)
			c := b.checker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
			d, err := c.Check(ctx, numberAt(t, 1))
			require.ErrorIs(t, err, dnc.ErrStoreMisconfigured, "from the first answer on")
			require.ErrorContains(t, err, "geo_rules")
			assert.False(t, d.Callable())
			shown(t, err)
			d, err = c.Check(ctx, numberAt(t, 10))
			require.NoError(t, err)
			assert.Equal(t, "dnc_blacklist", d.Reason().Code)
			b.server.Do(t, "hdel", "dnc:geo_rules", field)
			require.NoError(t, redistest.Eventually(func() error {
				_, err := c.Check(ctx, numberAt(t, 1))
				return err
			}), "a pass that finds none heals")
		})
	}
	b.server.Do(t, "hset", "dnc:geo_rules", "updated_at", "2026", "AU", `{"allowed":true}`)
	d, err := b.checker(rdb, dnc.WithGeoRules("dnc:geo_rules")).Check(ctx, numberAt(t, 1))
	require.NoError(t, err)
	assert.True(t, d.Callable(), "what blocks no number is no doubt")
}

func TestRedisGeoRuleChanges(t *testing.T) {
	b := geoBed(t, false, often)
	w, err := dnc.NewRedisWriter(b.rdb)
	require.NoError(t, err)
	for _, want := range []dnc.GeoRule{{Allowed: true}, {RiskLevel: "high"}, {Allowed: true, RiskLevel: "low"}} {
		require.NoError(t, w.SetGeoRule(ctx, "1 (415)", want))
		require.NoError(t, redistest.Eventually(func() error {
			d, err := b.list.Check(ctx, numberAt(t, 1))
			if err != nil || d.Callable() != want.Allowed {
				return fmt.Errorf("it is %v: %w", d, err)
			}
			return nil
		}))
	}
	require.NoError(t, w.SetGeoRule(ctx, "+1900", dnc.GeoRule{RiskLevel: "x"}))
	assert.Zero(t, b.server.Do(t, "hexists", "dnc:geo_rules", "1900"), "the other spelling of the prefix is gone")
	require.NoError(t, w.RemoveGeoRule(ctx, "+1900"))
	assert.Zero(t, b.server.Do(t, "hexists", "dnc:geo_rules", "+1900"))
	for _, bad := range []string{"", "+", "x", "+0", "1*"} {
		require.Error(t, w.SetGeoRule(ctx, bad, dnc.GeoRule{}))
		require.Error(t, w.RemoveGeoRule(ctx, bad))
	}
}

// A server that hangs leaves the rules in force until they are stale; here the hash's commands
// alone are taken away.
func TestRedisGeoRulesGrowStale(t *testing.T) {
	t.Parallel()
	b := geoBed(t, false, dnc.WithGeoRefresh(time.Millisecond, 3*time.Second))
	d, err := b.list.Check(ctx, numberAt(t, 1))
	require.NoError(t, err)
	require.True(t, d.Callable())
	p := redistest.StartProxy(t, b.server)
	rdb := universal(t, p.URL())
	c := b.checker(rdb, dnc.WithGeoRules("dnc:geo_rules"), dnc.WithGeoRefresh(time.Millisecond, 2*time.Second))
	d, err = c.Check(ctx, numberAt(t, 1))
	require.NoError(t, err)
	require.True(t, d.Callable())
	p.Set(redistest.Spoil{Swallow: true})
	require.NoError(t, redistest.Eventually(func() error {
		d, _ := c.Check(ctx, numberAt(t, 1))
		if d.Callable() {
			t.Error("allowed by a server that hangs")
		}
		for _, code := range codes(d) {
			if code == dnc.CodeListStale || code == dnc.CodeStoreTimeout {
				if d.Reasons.Len() == 1 && code == dnc.CodeStoreTimeout {
					return fmt.Errorf("the rules are not stale yet: %v", d)
				}
				return nil
			}
		}
		return fmt.Errorf("it is %v", d)
	}))
	p.Set(redistest.Spoil{})
	p.Reset()
	require.NoError(t, redistest.Eventually(func() error {
		d, err := c.Check(ctx, numberAt(t, 1))
		if err == nil && !d.Callable() {
			return fmt.Errorf("it is %v", d)
		}
		return err
	}))
}
