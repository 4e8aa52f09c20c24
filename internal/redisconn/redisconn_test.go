package redisconn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/internal/redisconn"
	"github.com/dnc-go/dnc/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(addr string) *redis.Options {
	return &redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, DialTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		MaxRetries: 1, DialerRetries: 1, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// open opens a client for a server, after changes of its options.
func open(t *testing.T, addr string, change ...func(*redis.Options)) (*redisconn.Client, *redis.Client) {
	t.Helper()
	o := options(addr)
	for _, f := range change {
		f(o)
	}
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	c, err := redisconn.Open(rdb, redisconn.Settings{})
	require.NoError(t, err)
	return c, rdb
}

// members asks which members a set has, in a transaction or in a pipeline.
func members(c *redisconn.Client, tx bool) ([]string, *redisconn.Fault) {
	return membersOf(c, "set", tx)
}

func membersOf(c *redisconn.Client, key string, tx bool) ([]string, *redisconn.Fault) {
	run := c.Pipe
	if tx {
		run = c.Tx
	}
	replies, f := run(context.Background(), key, redisconn.Cmd{"smembers", key})
	if f != nil {
		return nil, f
	}
	list, _ := redisconn.Strings(replies[0])
	return list, nil
}

func TestOpenAcceptsAClosedListOfTypes(t *testing.T) {
	single := redis.NewClient(options("127.0.0.1:1"))
	defer func() { _ = single.Close() }()
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer func() { _ = ring.Close() }()
	conn := single.Conn()
	defer func() { _ = conn.Close() }()
	slots := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:        []string{"127.0.0.1:1"},
		ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) { return nil, nil },
	})
	defer func() { _ = slots.Close() }()
	wrapped := struct{ *redis.Client }{single}
	for name, c := range map[string]struct {
		client any
		says   string
	}{
		"nil":          {nil, "is nil"},
		"nil client":   {(*redis.Client)(nil), "is nil"},
		"nil cluster":  {(*redis.ClusterClient)(nil), "is nil"},
		"zero client":  {new(redis.Client), "not made by redis.NewClient"},
		"zero cluster": {new(redis.ClusterClient), "not made by redis.NewClusterClient"},
		"ring":         {ring, "a Ring"},
		"conn":         {conn, "a Conn is one connection"},
		"pipeline":     {single.Pipeline(), "a pipeline is not a client"},
		"ClusterSlots": {slots, "ClusterSlots replaces"},
		"wrapped":      {wrapped, "AddHook"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := redisconn.Open(c.client, redisconn.Settings{})
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.says)
		})
	}
}

func TestAReplicaAnswersNothing(t *testing.T) {
	pair := redistest.StartPair(t)
	pair.Primary.Do(t, "sadd", "set", "a")
	pair.Sync(t)
	for _, protocol := range []int{2, 3} {
		for _, tx := range []bool{true, false} {
			c, _ := open(t, pair.Replica.Addr(), func(o *redis.Options) { o.Protocol = protocol })
			_, f := members(c, tx)
			require.NotNil(t, f, "protocol %d, transaction %v", protocol, tx)
			assert.True(t, f.Replica)
			assert.Equal(t, redisconn.Misconfigured, f.Kind)

			c, _ = open(t, pair.Primary.Addr(), func(o *redis.Options) { o.Protocol = protocol })
			got, f := members(c, tx)
			require.Nil(t, f)
			assert.Equal(t, []string{"a"}, got)
		}
	}
}

// Each connection of a balancer can lead to another server. Connections to a replica are closed, so
// the pool is right again by itself once the balancer is.
func TestConnectionsToAReplicaAreClosed(t *testing.T) {
	pair := redistest.StartPair(t)
	pair.Primary.Do(t, "sadd", "set", "a")
	pair.Sync(t)
	balancer := redistest.StartBalancer(t, redistest.To(1), pair.Primary, pair.Replica)
	for _, pipelinePool := range []int{0, -1} {
		balancer.Use(redistest.To(1))
		c, rdb := open(t, balancer.Addr(), func(o *redis.Options) { o.PipelinePoolSize = pipelinePool })
		held := make([]*redis.Conn, 8)
		for i := range held { // eight connections to what will be a replica
			held[i] = rdb.Conn()
			require.NoError(t, held[i].Ping(context.Background()).Err())
		}
		for _, conn := range held {
			require.NoError(t, conn.Close())
		}
		balancer.Use(redistest.To(0))
		require.NoError(t, redistest.Eventually(func() error {
			for range 20 {
				if got, f := members(c, true); f != nil {
					return f
				} else if len(got) != 1 {
					t.Fatal("an answer of a replica was used")
				}
			}
			return nil
		}))
	}
}

func TestOtherQuestionsWhereROLEIsNotAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		user    []any
		change  func(*redis.Options)
		refused string
	}{
		"ROLE renamed":           {args: []string{"--rename-command", "ROLE", ""}},
		"ROLE and HELLO renamed": {args: []string{"--rename-command", "ROLE", "", "--rename-command", "HELLO", ""}},
		"RESP2":                  {args: []string{"--rename-command", "ROLE", ""}, change: func(o *redis.Options) { o.Protocol = 2 }},
		"no right": {
			user:   []any{"acl", "setuser", "limited", "on", ">pw", "~*", "&*", "+@all", "-role", "-hello"},
			change: func(o *redis.Options) { o.Protocol, o.Username, o.Password = 2, "limited", "pw" },
		},
		"none": {
			args:    []string{"--rename-command", "ROLE", "", "--rename-command", "HELLO", "", "--rename-command", "INFO", ""},
			change:  func(o *redis.Options) { o.Protocol = 2 },
			refused: "DangerouslyAssumePrimary",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t, c.args...)
			s.Do(t, "sadd", "set", "a")
			if c.user != nil {
				s.Do(t, c.user...)
			}
			change := func(*redis.Options) {}
			if c.change != nil {
				change = c.change
			}
			client, rdb := open(t, s.Addr(), change)
			for _, tx := range []bool{true, false} {
				got, f := members(client, tx)
				if c.refused == "" {
					require.Nil(t, f)
					assert.Equal(t, []string{"a"}, got)
					continue
				}
				require.NotNil(t, f)
				assert.Equal(t, redisconn.Misconfigured, f.Kind)
				assert.Contains(t, f.Hint, c.refused)
				assert.Contains(t, strings.ToLower(f.Hint), "unknown command")
				vouched, err := redisconn.Open(rdb, redisconn.Settings{AssumePrimary: true})
				require.NoError(t, err)
				_, f = members(vouched, tx)
				assert.Nil(t, f)
			}
		})
	}
}

// A fault is told in the server's own words, and none of them is taken for a replica or a missing
// role.
func TestFaultsOfTheConnection(t *testing.T) {
	s := redistest.Start(t, "--databases", "2")
	s.Do(t, "acl", "setuser", "noselect", "on", ">pw", "~*", "&*", "+@all", "-select")
	s.Do(t, "config", "set", "requirepass", "right")
	for name, c := range map[string]struct {
		change func(*redis.Options)
		kind   redisconn.Kind
		says   string
	}{
		"wrong password":  {func(o *redis.Options) { o.Password = "wrong" }, redisconn.Misconfigured, "WRONGPASS"},
		"no password":     {func(o *redis.Options) { o.Password = "" }, redisconn.Misconfigured, "NOAUTH"},
		"no such DB":      {func(o *redis.Options) { o.DB = 9 }, redisconn.Misconfigured, "DB index"},
		"no SELECT right": {func(o *redis.Options) { o.Username, o.Password, o.DB = "noselect", "pw", 1 }, redisconn.Misconfigured, "'select'"},
		"refused":         {func(o *redis.Options) { o.Addr = "127.0.0.1:1" }, redisconn.Unavailable, "could not be reached"},
	} {
		for _, protocol := range []int{2, 3} {
			t.Run(name, func(t *testing.T) {
				client, _ := open(t, s.Addr(), func(o *redis.Options) {
					o.Protocol, o.Password = protocol, "right"
					c.change(o)
				})
				for _, tx := range []bool{true, false} {
					_, f := members(client, tx)
					require.NotNil(t, f)
					assert.Equal(t, c.kind, f.Kind, f.Error())
					assert.Contains(t, f.Error(), c.says)
				}
			})
		}
	}
}

// A server that is full or in protected mode says so and hangs up, and its word can be lost. What
// fails in the client before a server answers is no sign of that.
func TestAServerThatHangsUp(t *testing.T) {
	s := redistest.StartFake(t, func([]string) (string, bool) { return redistest.Cut, true })
	client, _ := open(t, s.Addr())
	_, f := members(client, true)
	require.NotNil(t, f)
	assert.Equal(t, redisconn.Unavailable, f.Kind)
	assert.Contains(t, f.Error(), "maxclients")
	assert.Contains(t, f.Error(), "rediss://")

	client, _ = open(t, s.Addr(), func(o *redis.Options) {
		o.CredentialsProviderContext = func(context.Context) (string, string, error) { return "", "", errors.New("the vault is sealed") }
	})
	_, f = members(client, true)
	require.NotNil(t, f)
	assert.Equal(t, redisconn.Unavailable, f.Kind)
	assert.Contains(t, f.Error(), "the vault is sealed")
	assert.NotContains(t, f.Error(), "rediss://")
}

func TestRepliesOfProxies(t *testing.T) {
	for text, kind := range map[string]redisconn.Kind{
		"upstream failure":                           redisconn.Unavailable,
		"no upstream host":                           redisconn.Unavailable,
		"ERR max requests limit exceeded":            redisconn.Unavailable,
		"ERR max number of clients reached":          redisconn.Unavailable,
		"EXECABORT Transaction discarded because of": redisconn.Unavailable,
		"LOADING Redis is loading":                   redisconn.Unavailable,
		"WRONGTYPE Operation against a key":          redisconn.Misconfigured,
		"ERR wrong number of arguments":              redisconn.Misconfigured,
	} {
		t.Run(text, func(t *testing.T) {
			fake := redistest.StartFake(t, func(cmd []string) (string, bool) {
				return "-" + text + "\r\n", cmd[0] == "exec" || cmd[0] == "smembers"
			})
			c, _ := open(t, fake.Addr())
			for _, tx := range []bool{true, false} {
				_, f := members(c, tx)
				require.NotNil(t, f)
				assert.Equal(t, kind, f.Kind)
			}
		})
	}
	null := redistest.StartFake(t, func(cmd []string) (string, bool) { return "*-1\r\n", cmd[0] == "exec" })
	c, _ := open(t, null.Addr())
	_, f := members(c, true)
	require.NotNil(t, f)
	assert.Equal(t, redisconn.Unavailable, f.Kind, f.Error())
}

func TestPartsHaveTheirOwnFaults(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, "sadd", "set", "a")
	s.Do(t, "set", "text", "b")
	c, _ := open(t, s.Addr())
	ctx := context.Background()
	for _, tx := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
		bad := &redisconn.Part{Key: "text", Cmds: []redisconn.Cmd{{"scard", "text"}, {"exists", "text"}}, Tx: tx[0]}
		good := &redisconn.Part{Key: "set", Cmds: []redisconn.Cmd{{"scard", "set"}, {"smembers", "set"}}, Tx: tx[1]}
		for _, parts := range [][]*redisconn.Part{{bad, good}, {good, bad}} {
			c.PipeEach(ctx, parts...)
			assert.Nil(t, good.Fault)
			assert.Equal(t, []any{int64(1), []any{"a"}}, good.Replies)
			require.NotNil(t, bad.Fault)
			assert.Contains(t, bad.Fault.Hint, "WRONGTYPE")
			assert.Contains(t, bad.Fault.Hint, `(key "text")`)
		}
	}
}

func TestANilClient(t *testing.T) {
	var c *redisconn.Client
	_, f := c.Tx(context.Background(), "k")
	require.NotNil(t, f)
	part := &redisconn.Part{Key: "k"}
	c.PipeEach(context.Background(), part)
	require.NotNil(t, part.Fault)
	_, f = redisconn.Node{}.Pipe(context.Background())
	require.NotNil(t, f)
}

// Some servers answer HELLO only with a version, and have neither ROLE nor INFO: it is the one that
// the client speaks.
func TestAServerThatWantsHelloWithAVersion(t *testing.T) {
	s, err := miniredis.Run()
	require.NoError(t, err)
	defer s.Close()
	_, err = s.SetAdd("set", "a")
	require.NoError(t, err)
	for _, protocol := range []int{2, 3} {
		c, _ := open(t, s.Addr(), func(o *redis.Options) { o.Protocol = protocol })
		for _, tx := range []bool{true, false} {
			got, f := members(c, tx)
			require.Nil(t, f)
			assert.Equal(t, []string{"a"}, got)
		}
	}
}

// The key of another type is named, of the commands that have several keys all of them, and no key
// shows a number.
func TestTheKeyOfAnotherTypeIsNamed(t *testing.T) {
	s := redistest.Start(t)
	s.Do(t, "sadd", "set", "a")
	for _, key := range []string{"text", "text:14155550123"} {
		s.Do(t, "set", key, "b")
	}
	c, _ := open(t, s.Addr())
	const script = "return redis.call('SCARD', KEYS[2])"
	for says, cmds := range map[string][]redisconn.Cmd{
		`(key "text")`:                     {{"scard", "set"}, {"scard", "text"}},
		`(key "text:...")`:                 {{"scard", "text:14155550123"}},
		`(one of the keys "set", "text")`:  {{"eval", script, 2, "set", "text", "other"}},
		`(one of the keys "text", "text")`: {{"get", "text"}, {"eval", script, 2, "text", "text"}},
	} {
		for _, run := range []func(context.Context, string, ...redisconn.Cmd) ([]any, *redisconn.Fault){c.Tx, c.Pipe} {
			_, f := run(context.Background(), "set", cmds...)
			require.NotNil(t, f)
			assert.Contains(t, f.Hint, says)
		}
	}
}

// Within a script, Redis 6 and KeyDB put words before those of the command that failed.
func TestErrorsOfScripts(t *testing.T) {
	const before = "ERR Error running script (call to f_87f1d184f3b8fb0dbe1f99b549c84cc0): @user_script:7: "
	for text, kind := range map[string]redisconn.Kind{
		"@user_script: 7: -MISCONF Redis is configured to save RDB snapshots, but it is unable to persist": redisconn.Unavailable,
		"@user_script: 7: -NOREPLICAS Not enough good replicas to write.":                                  redisconn.Unavailable,
		"@user_script: 7: -READONLY You can't write against a read only replica.":                          redisconn.Unavailable,
		"@user_script: 7: -OOM command not allowed when used memory > 'maxmemory'.":                        redisconn.Unavailable,
		"WRONGTYPE Operation against a key holding the wrong kind of value":                                redisconn.Misconfigured,
		"@user_script: 7: The user executing the script can't run this command or subcommand":              redisconn.Misconfigured,
		"@user_script: 7: Wrong number of args calling Redis command From Lua script":                      redisconn.Misconfigured,
	} {
		t.Run(text, func(t *testing.T) {
			fake := redistest.StartFake(t, func(cmd []string) (string, bool) { return "-" + before + text + "\r\n", cmd[0] == "eval" })
			c, _ := open(t, fake.Addr())
			_, f := c.Pipe(context.Background(), "key", redisconn.Cmd{"eval", "return 1", 1, "key"})
			require.NotNil(t, f)
			assert.Equal(t, kind, f.Kind, f.Error())
			assert.Equal(t, strings.HasPrefix(text, "WRONGTYPE"), f.WrongType)
			assert.Equal(t, strings.Contains(text, "OOM"), f.Full)
		})
	}
}
