package faulttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/evidence"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/preflight"
	"github.com/dnc-go/dnc/registry"
	"github.com/dnc-go/dnc/retry"
)

// nilFunctions is what a nil function means, for each place where one can be given. A function here
// returns the error that refuses it. nil here says that the comment names a default.
var nilFunctions = map[string]func(t *testing.T) error{
	"calltime.WithClock.now":           hoursRefuse(calltime.WithClock(nil)),
	"calltime.WithIncidents.hook":      hoursRefuse(calltime.WithIncidents(nil)),
	"calltime.WithPostal.find":         hoursRefuse(calltime.WithPostal(nil)),
	"calltime.WithZoneComparison.load": hoursRefuse(calltime.WithZoneComparison(nil)),
	"calltime.WithWaiver.of":           hoursRefuse(calltime.WithWaiver(nil)),
	"dnc.ByCampaign.newChecker": func(t *testing.T) error {
		_, err := dnc.ByCampaign(nil).Check(ctx, dnc.Call{Number: number(t, 1), Campaign: "c"})
		return err
	},
	"dnc.Memory.Replace.numbers":   func(*testing.T) error { _, err := dnc.NewMemory("m").Replace(nil); return err },
	"dnc.RedisWriter.Repair.parse": nil,
	"dnc.RedisWriter.Replace.numbers": func(t *testing.T) error {
		_, err := newWriter(t, unreachable(t)).Replace(ctx, nil)
		require.ErrorIs(t, err, dnc.ErrOption)
		return err
	},
	"dnc.Stream.in": func(t *testing.T) error {
		return last(dnc.Stream(ctx, dnc.NewMemory("m", number(t, 1)), nil, dnc.ParseNumber))
	},
	"dnc.Stream.number": func(t *testing.T) error {
		return last(dnc.Stream(ctx, dnc.NewMemory("m", number(t, 1)), func(func(string, error) bool) {}, nil))
	},
	"dnc.Validate.parse":      nil,
	"dnc.ValidateCalls.parse": nil,
	"dnc.WithIncidents.f": func(t *testing.T) error {
		_, err := dnc.Breaker(dnc.NewMemory("m", number(t, 1)), dnc.WithIncidents(nil)).Check(ctx, number(t, 2))
		require.ErrorContains(t, err, "WithIncidents")
		_, err = dnc.NewRedisChecker(unreachable(t), dnc.WithIncidents(nil))
		return err
	},
	"dnc.WithMemberFormat.formats": func(t *testing.T) error {
		_, err := dnc.NewRedisChecker(unreachable(t), dnc.WithMemberFormat(nil))
		return err
	},
	"evidence.CheckpointConfig.Save": func(t *testing.T) error {
		_, err := evidence.Open(t.TempDir(), logKey, evidence.CheckpointConfig{Signer: signer(t)})
		return err
	},
	"evidence.WithClock.now": func(t *testing.T) error {
		_, err := evidence.Open(t.TempDir(), logKey, checkpoints(t), evidence.WithClock(nil))
		return err
	},
	"genesys.CampaignClient.UpdateCampaign.change": func(t *testing.T) error {
		client, err := genesys.NewCampaignClient(genesystest.New().Source())
		require.NoError(t, err)
		_, err = client.UpdateCampaign(ctx, "11111111-1111-4111-8111-111111111111", nil)
		return err
	},
	"genesys/genesystest.Fault.Stream": nil,
	"contactfile.Format.Parse":         nil,
	"listfile.CSV.parse":               nil,
	"listfile.Lines.parse":             nil,
	"listfile.ScreeningFormat.Parse":   nil,
	"listfile.WashedList.parse":        nil,
	"preflight.IntoList.record":        syncRefuses(preflight.IntoList(dnc.NewMemory("m"), adder{}, nil)),
	"preflight.Load.rows": func(t *testing.T) error {
		client, err := genesys.NewCampaignClient(genesystest.New().Source())
		require.NoError(t, err)
		_, err = preflight.Load(ctx, client, dnc.NewMemory("m", number(t, 1)), "11111111-1111-4111-8111-111111111111", nil)
		return err
	},
	"preflight.ToDNCList.numbers":  syncRefuses(preflight.ToDNCList("11111111-1111-4111-8111-111111111111", nil)),
	"preflight.OnRejected.f":       loadRefuses(preflight.OnRejected(nil)),
	"preflight.Plan.WriteCSV.show": nil,
	"preflight.WithParse.parse":    loadRefuses(preflight.WithParse(nil)),
	"registry.Import.Progress":     nil,
	"registry.NewScreening.results": func(*testing.T) error {
		_, err := registry.NewScreening("m", nil, registry.ScreeningTerms{})
		return err
	},
	"registry.Registry.Replace.numbers": func(t *testing.T) error {
		list, err := registry.New(unreachable(t), "m")
		require.NoError(t, err)
		_, err = list.Replace(ctx, nil, registry.Import{})
		return err
	},
	"optout.WithClock.now": func(t *testing.T) error {
		_, err := optout.Open(t.TempDir(), optout.WithClock(nil))
		return err
	},
	"retry.Do.fn":                    func(*testing.T) error { return retry.Do(ctx, retry.Policy{}, nil) },
	"retry.DoValue.fn":               func(*testing.T) error { _, err := retry.DoValue[int](ctx, retry.Policy{}, nil); return err },
	"dnctest.TestChecker.newChecker": inATest,
	"dnctest.TestDecorator.wrap":     inATest,
	"dnctest.TestRuleDecorator.wrap": inATest,
}

func hoursRefuse(o calltime.Option) func(t *testing.T) error {
	return func(*testing.T) error {
		_, err := calltime.New(o)
		return err
	}
}

var logKey = evidence.Key{ID: "k", Secret: bytes.Repeat([]byte("s"), 32)}

func signer(t *testing.T) note.Signer {
	t.Helper()
	private, _, err := note.GenerateKey(rand.Reader, "example.com/log")
	require.NoError(t, err)
	s, err := note.NewSigner(private)
	require.NoError(t, err)
	return s
}

func checkpoints(t *testing.T) evidence.CheckpointConfig {
	t.Helper()
	return evidence.CheckpointConfig{Signer: signer(t), Save: func(context.Context, []byte) error { return nil }}
}

// inATest is for the conformance suites: a nil function is a panic of the test that gives it.
func inATest(*testing.T) error { return errors.New("the test panics") }

// unreachable is a client of no server, with options that the library warns of.
func unreachable(t *testing.T) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:1", ReadTimeout: time.Hour,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

type adder struct{}

func (adder) Add(context.Context, ...dnc.Number) (int, error) { return 0, nil }

func loadRefuses(o preflight.LoadOption) func(t *testing.T) error {
	return func(t *testing.T) error {
		client, err := genesys.NewCampaignClient(genesystest.New().Source())
		require.NoError(t, err)
		_, err = preflight.Load(ctx, client, dnc.NewMemory("m", number(t, 1)), "11111111-1111-4111-8111-111111111111", func(func(preflight.Row, error) bool) {}, o)
		return err
	}
}

func syncRefuses(o preflight.SyncOption) func(t *testing.T) error {
	return func(t *testing.T) error {
		client, err := genesys.NewCampaignClient(genesystest.New().Source())
		require.NoError(t, err)
		_, err = preflight.Sync(ctx, client, o)
		return err
	}
}

func last[T any](s iter.Seq2[T, error]) (out error) {
	for _, err := range s {
		out = err
	}
	return out
}

// A nil function is an error that names the argument, unless the comment says what nil means.
func TestNilFunctions(t *testing.T) {
	t.Parallel()
	found := nillables(t)
	for name, place := range found {
		if place.logger {
			continue
		}
		refuses, ok := nilFunctions[name]
		switch {
		case !ok:
			assert.Fail(t, "a place for a nil function is not in the table", "%s: add it to nilFunctions, refused or with a default", name)
		case refuses == nil:
			assert.Regexp(t, `\bnil\b`, place.comment, "the comment of %s says what nil means", name)
		default:
			require.Error(t, refuses(t), name)
		}
	}
	for name := range nilFunctions {
		_, ok := found[name]
		assert.True(t, ok, "%s is in the table and not in the code", name)
	}
}

// nilLoggers log something with a nil logger.
var nilLoggers = map[string]func(t *testing.T){
	"dnc.WithLogger.l": func(t *testing.T) {
		_, _ = dnc.Fallback(dnc.NewMemory("m"), dnc.WithLogger(nil)).Check(ctx, number(t, 1))
	},
	"calltime.WithLogger.l": func(t *testing.T) {
		noon := func() time.Time { return time.Date(2046, 11, 27, 20, 0, 0, 0, time.UTC) } // in California; the zone data is old
		hours, err := calltime.New(calltime.WithLogger(nil), calltime.WithClock(noon))
		require.NoError(t, err)
		_, err = hours.Check(ctx, dnc.Call{Number: number(t, 1)})
		require.Error(t, err)
	},
	"evidence.WithLogger.l": func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			save := func(context.Context, []byte) error { return errors.New("broken") }
			log, err := evidence.Open(t.TempDir(), logKey, evidence.CheckpointConfig{Signer: signer(t), Save: save}, evidence.WithLogger(nil))
			require.NoError(t, err)
			time.Sleep(time.Minute) // the interval of checkpoints
			synctest.Wait()
			require.Error(t, log.Close())
		})
	},
	"registry.WithLogger.l": func(t *testing.T) {
		list, err := registry.New(unreachable(t), "m", registry.WithLogger(nil))
		require.NoError(t, err)
		_, err = list.Check(ctx, number(t, 1))
		require.Error(t, err)
	},
	"optout.WithLogger.l": func(t *testing.T) {
		again := make(chan struct{}) // it logs the first failure before it tries again
		tries := 0
		intake, err := optout.Open(t.TempDir(), optout.WithLogger(nil), optout.WithBackoff(1, 1), optout.WithTarget("broken", optout.TargetFunc(
			func(context.Context, []optout.Change) error {
				if tries++; tries == 2 {
					close(again)
				}
				return errors.New("broken")
			})))
		require.NoError(t, err)
		_, err = intake.Add(ctx, optout.Request{Number: number(t, 1), Source: "web"})
		require.NoError(t, err)
		<-again
		require.NoError(t, intake.Close())
	},
	"genesys.WithLogger.l": func(t *testing.T) {
		client, err := genesys.NewCampaignClient(genesystest.New().Source(), genesys.WithLogger(nil))
		require.NoError(t, err)
		_, err = client.Campaign(ctx, "11111111-1111-4111-8111-111111111111")
		require.ErrorIs(t, err, genesys.ErrNotFound)
	},
	"auth.ClientCredentials.Logger": func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { // it logs after it has answered
			source, err := genesystest.New().AddClient().Source()
			require.NoError(t, err)
			_, err = source.Token(t.Context())
			require.NoError(t, err)
			synctest.Wait()
		})
	},
	"retry.Policy.Logger": func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			err := retry.Do(t.Context(), retry.Policy{MaxAttempts: 2}, func(context.Context) error { return errors.New("broken") })
			require.Error(t, err)
		})
	},
}

// A nil logger is slog.Default(), in every package. It is not parallel: it sets that default.
func TestNilLoggers(t *testing.T) {
	for name, place := range nillables(t) {
		if !place.logger {
			continue
		}
		logs := nilLoggers[name]
		if !assert.NotNil(t, logs, "%s is not in nilLoggers", name) {
			continue
		}
		assert.Contains(t, place.comment, "slog.Default()", "the comment of %s names the default", name)
		var out bytes.Buffer
		was := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
		logs(t)
		slog.SetDefault(was)
		assert.NotEmpty(t, out.String(), "%s with nil logs to slog.Default()", name)
	}
}
