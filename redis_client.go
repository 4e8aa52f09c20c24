package dnc

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Client is the part of a go-redis client that is used here. *redis.Client, with or without Sentinel, *redis.ClusterClient and
// redis.UniversalClient have it. A client that is wrapped in another type cannot be inspected: whether it reads from replicas,
// checks certificates and keeps deadlines is then the caller's to see to.
type Client interface {
	Pipeline() redis.Pipeliner
	TxPipeline() redis.Pipeliner
}

// topology is what a client says of itself.
type topology struct {
	single  bool                      // one server, of which HELLO must say so
	version int                       // of the protocol that the client speaks, for HELLO not to change it
	reload  func(ctx context.Context) // of a cluster: look for the new primary
	warning string                    // an option that delays answers
}

// inspect refuses clients that could read from a replica or talk to a server that nobody has authenticated.
func inspect(rdb Client) (topology, error) {
	var t topology
	var config *tls.Config
	var deadlines bool
	switch c := rdb.(type) {
	case nil:
		return t, badOption("the Redis client is nil")
	case *redis.Client:
		if c == nil {
			return t, badOption("the Redis client is nil")
		}
		o := c.Options()
		t.single, t.version, config, deadlines = true, o.Protocol, o.TLSConfig, o.ContextTimeoutEnabled
	case *redis.ClusterClient:
		if c == nil {
			return t, badOption("the Redis client is nil")
		}
		o := c.Options()
		if o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			return t, badOption("ReadOnly, RouteByLatency and RouteRandomly read from replicas, which may lack numbers: set all three to false")
		}
		t.reload, config, deadlines = c.ReloadState, o.TLSConfig, o.ContextTimeoutEnabled
	default:
		return t, nil
	}
	if config != nil && config.InsecureSkipVerify {
		return t, badOption("TLSConfig.InsecureSkipVerify lets any server answer: give the CA in TLSConfig.RootCAs instead")
	}
	if !deadlines {
		t.warning = "ContextTimeoutEnabled is false, so a call may outlive its deadline by seconds: set it to true, or use the options of dnc.RedisOptions"
	}
	return t, nil
}

// RedisOptions reads URLs into options for redis.NewUniversalClient with which a check keeps its deadline: dial, read and write
// time out after 300 ms, one retry, contexts are obeyed. The defaults of go-redis let a call hang for 40 s when the server is frozen.
//
//	redis://user:password@host:6379/0           one server; rediss:// with TLS
//	redis://host1:6379,redis://host2:6379       two or more, as arguments or comma-separated: a cluster
//	redis://host:6379?cluster=true              a cluster reached through one address
//	redis://sentinel:26379?master_name=mymaster the primary that Sentinel names
//
// Every other query parameter is refused, and so is a URL with another user, password or database than the first. The errors do not
// show the URL, which may hold a password. Change the options before the client is made where the network needs it.
func RedisOptions(urls ...string) (*redis.UniversalOptions, error) {
	o := &redis.UniversalOptions{
		ContextTimeoutEnabled: true,
		DialTimeout:           300 * time.Millisecond,
		ReadTimeout:           300 * time.Millisecond,
		WriteTimeout:          300 * time.Millisecond,
		PoolTimeout:           300 * time.Millisecond,
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
			one, err := readURL(strings.TrimSpace(raw), o)
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
		return nil, badOption("a Redis URL cannot be read; it looks like redis://user:password@host:6379/0")
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

// storeError is the Error for what go-redis returned. The text of a server's error can quote arguments, numbers among them, so
// only its beginning is kept, without digits, and the error itself is not wrapped.
func storeError(ctx context.Context, list string, err error) *Error {
	if ended(ctx) != nil {
		return contextError(ctx, list)
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, redis.Nil) {
		return malformed(list, "it is nil")
	}
	var server redis.Error
	if errors.As(err, &server) {
		return serverError(list, server.Error())
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrPoolTimeout),
		errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Code: CodeStoreTimeout, List: list, Hint: "Redis did not answer in time", Err: quiet(err)}
	case errors.Is(err, redis.ErrClosed):
		return &Error{Code: CodeStoreMisconfigured, List: list, Hint: "the Redis client is closed"}
	case unreadable.MatchString(err.Error()):
		return malformed(list, redact(err.Error()))
	default:
		return &Error{Code: CodeStoreUnavailable, List: list, Hint: "Redis could not be reached", Err: quiet(err)}
	}
}

// unreadable are go-redis's words for a reply that is no RESP, or another than the command has.
var unreadable = regexp.MustCompile(`^redis: (can't parse|invalid|expected|unexpected|got \d+ elements|the length of|RESP3|empty)|strconv\.`)

func serverError(list, text string) *Error {
	word, _, _ := strings.Cut(text, " ")
	e := &Error{Code: CodeStoreMisconfigured, List: list, Hint: "Redis refused: " + redact(text)}
	switch word {
	case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "NOREPLICAS", "BUSY", "ASK":
		e.Code = CodeStoreUnavailable
	case "OOM":
		e.Code, e.full = CodeStoreUnavailable, true
		e.Hint += "; the server has reached its maxmemory, and then refuses transactions"
	case "MOVED":
		e.Hint = "this is one node of a cluster: use redis.NewClusterClient, or IsClusterMode of UniversalOptions"
	case "WRONGTYPE":
		e.Hint = "the key holds another type: a list is a SET, geo rules and registries are HASHes"
	case "NOPERM", "NOAUTH", "WRONGPASS":
		e.Hint += "; the rights that are needed stand in the documentation of the Checker's type"
	default:
		if strings.Contains(text, "max number of clients") {
			e.Code = CodeStoreUnavailable
		}
	}
	return e
}

func malformed(list, hint string) *Error {
	return &Error{Code: CodeStoreMisconfigured, List: list, Hint: "a reply is not what Redis answers: " + hint}
}

// redact keeps what says something about the fault and nothing that could be a number.
func redact(text string) string {
	text, _, _ = strings.Cut(text, ", with args")
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 160 {
		text = text[:160]
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && (class[text[j]] < 10) {
			j++
		}
		if j-i >= 6 {
			out = append(out, "..."...)
		} else {
			out = append(out, text[i:j]...)
		}
		if j < len(text) {
			out = append(out, text[j])
			j++
		}
		i = j
	}
	return string(out)
}

// quiet keeps errors of the network and of contexts, which name addresses at most, and takes the text alone of all others.
func quiet(err error) error {
	var network interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &network) {
		return err
	}
	return errors.New(redact(err.Error()))
}
