package dnc

import (
	"crypto/tls"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisClient is a *redis.Client, with or without Sentinel, or a *redis.ClusterClient, as
// redis.NewUniversalClient returns them. Constructors refuse every other type, because they cannot
// read its options or reach its nodes one by one.
type RedisClient interface {
	Pipeline() redis.Pipeliner
	TxPipeline() redis.Pipeliner
}

// RedisOptions returns options for redis.NewUniversalClient with which a check keeps its deadline.
// Dial, read and write time out after 300 ms, a command is retried once, and contexts end commands.
// With the defaults of go-redis a check can hang for 40 s when the server hangs. Connections are
// closed after 30 s without use, before a firewall drops them. All are closed after five minutes,
// so that a host name that moves to another server is noticed.
//
//	redis://user:password@host:6379/0           one server; rediss:// with TLS
//	redis://host1:6379,redis://host2:6379       two or more, as arguments or comma-separated: a cluster
//	redis://host:6379?cluster=true              a cluster reached through one address
//	redis://sentinel:26379?master_name=mymaster the primary that Sentinel names
//
// RedisOptions refuses every other query parameter. All URLs must have the same user, password and
// database. In a password percent-encode the characters , : / ? # [ ] @ and %: a comma is %2C.
// Errors do not show the URL, because it may hold a password. If your network needs other values,
// change the options before you make the client.
func RedisOptions(urls ...string) (*redis.UniversalOptions, error) {
	o := &redis.UniversalOptions{
		ContextTimeoutEnabled: true,
		DialTimeout:           300 * time.Millisecond,
		ReadTimeout:           300 * time.Millisecond,
		WriteTimeout:          300 * time.Millisecond,
		PoolTimeout:           300 * time.Millisecond,
		ConnMaxIdleTime:       30 * time.Second,
		ConnMaxLifetime:       5 * time.Minute,
		MaxRetries:            1,
		DialerRetries:         1,
		MaxRedirects:          2,
		DisableIdentity:       true,
		MaintNotificationsConfig: &maintnotifications.Config{
			Mode: maintnotifications.ModeDisabled,
		},
	}
	var first *redis.Options
	for _, list := range urls {
		for raw := range strings.SplitSeq(list, ",") {
			raw = strings.TrimSpace(raw)
			if !strings.Contains(raw, "://") && strings.Contains(list, ",") {
				return nil, badOption("what follows a comma is not a Redis URL: each URL begins with redis://, rediss:// or unix://, " +
					"and a comma within one, as in a password, is written %%2C")
			}
			one, err := readURL(raw, o)
			if err != nil {
				return nil, err
			}
			if first == nil {
				first = one
			}
			if one.Username != first.Username || one.Password != first.Password || one.DB != first.DB ||
				(one.TLSConfig == nil) != (first.TLSConfig == nil) || one.Network == "unix" && len(o.Addrs) > 0 {
				return nil, badOption("the Redis URLs differ in more than host and port")
			}
			o.Addrs = append(o.Addrs, one.Addr)
		}
	}
	if first == nil {
		return nil, badOption("there is no Redis URL")
	}
	o.Username, o.Password, o.DB = first.Username, first.Password, first.DB
	if o.TLSConfig = first.TLSConfig; o.TLSConfig != nil {
		o.TLSConfig.MinVersion = tls.VersionTLS12
		if len(o.Addrs) > 1 || o.IsClusterMode || o.MasterName != "" {
			o.TLSConfig.ServerName = "" // each node has a name of its own
		}
	}
	if (o.IsClusterMode || len(o.Addrs) > 1 && o.MasterName == "") && o.DB != 0 {
		return nil, badOption("a cluster has no database but 0")
	}
	return o, nil
}

func readURL(raw string, o *redis.UniversalOptions) (*redis.Options, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" && u.Scheme != "unix" {
		return nil, badOption("a Redis URL cannot be read: it looks like redis://user:password@host:6379/0, " +
			"and , : / ? # [ ] @ %% in a password are percent-encoded, as %%2C for a comma")
	}
	if port := u.Port(); port != "" && u.Scheme != "unix" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, badOption("a Redis URL has a port that is not 1 to 65535")
		}
	}
	q := u.Query()
	for name, values := range q {
		switch {
		case name == "cluster" && (values[0] == "true" || values[0] == "false"):
			o.IsClusterMode = o.IsClusterMode || values[0] == "true"
		case name == "master_name" && (o.MasterName == "" || o.MasterName == values[0]):
			o.MasterName = values[0]
		case name == "db" && u.Scheme == "unix":
			continue
		default:
			return nil, badOption("a Redis URL has a parameter that is not known here; known are cluster=true and master_name")
		}
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	one, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, badOption("a Redis URL cannot be read: the scheme is redis, rediss or unix, and what follows the host is a database number")
	}
	return one, nil
}
