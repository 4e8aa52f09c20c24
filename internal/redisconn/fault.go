package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Kind is what kind of fault a Fault is.
type Kind uint8

// The kinds of faults.
const (
	Unavailable   Kind = iota + 1 // no server could be reached, or it does not serve now
	Timeout                       // no answer in time
	Misconfigured                 // a server answers, but not as it must: type, right, role, reply
	Canceled                      // the caller gave up
	Panicked                      // the client or one of its hooks panicked
)

// Fault is why a question has no answer. It quotes no argument of a command, so it holds no number.
type Fault struct {
	Kind      Kind
	Full      bool // the server has reached its maxmemory, and then refuses to queue commands
	NoTx      bool // the server, or a proxy before it, has no transactions
	Replica   bool // the server says that it is a replica
	WrongType bool // the key holds another type
	Hint      string
	Err       error

	to      *redirect // of MOVED and ASK
	replies []any     // of a server that said that it is the primary: the fault is that of one command
	roleOf  string    // the server has no answer to this question about its role
}

// Code is the reason code of package dnc.
func (f *Fault) Code() string {
	switch f.Kind {
	case Timeout:
		return "store_timeout"
	case Misconfigured:
		return "store_misconfigured"
	case Canceled:
		return "canceled"
	case Panicked:
		return "checker_failed"
	default:
		return "store_unavailable"
	}
}

// Moved reports whether the fault is that of a node which sends to another one.
func (f *Fault) Moved() bool { return f != nil && f.to != nil }

// Retryable reports whether asking again can help with nothing changed.
func (f *Fault) Retryable() bool { return f.Kind == Unavailable || f.Kind == Timeout }

func (f *Fault) Error() string {
	if f.Err == nil {
		return f.Hint
	}
	return f.Hint + ": " + f.Err.Error()
}

func (f *Fault) Unwrap() error { return f.Err }

// Malformed is the Fault of a reply that is not what Redis answers.
func Malformed(hint string) *Fault {
	return &Fault{Kind: Misconfigured, Hint: "a reply is not what Redis answers: " + hint}
}

// Ended is the error of a context that is over, nil while it is not. A connection that has the
// context's deadline can time out a moment before the context itself notices.
func Ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// ContextFault is the Fault of a call whose context ended: a timeout past a deadline, else
// canceled.
func ContextFault(ctx context.Context) *Fault {
	err := Ended(ctx)
	f := &Fault{Kind: Canceled, Hint: "the caller gave up", Err: err}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Kind, f.Hint = Timeout, "the deadline of the call passed"
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		f.Err = fmt.Errorf("%w: %w", err, cause)
	}
	return f
}

// fault classifies what go-redis returned.
func (c *Client) fault(ctx context.Context, err error) *Fault {
	var known *Fault
	var server redis.Error
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	var record tls.RecordHeaderError
	switch {
	case Ended(ctx) != nil:
		return ContextFault(ctx)
	case errors.As(err, &known):
		return known
	case strings.Contains(err.Error(), "all sentinels specified in configuration are unreachable"):
		return sentinelFault(err)
	case errors.Is(err, redis.TxFailedErr):
		return &Fault{Kind: Unavailable, Hint: "the transaction was not run: EXEC answered null"}
	case errors.Is(err, redis.Nil):
		return Malformed("it is nil")
	case errors.As(err, &server):
		return serverFault(server.Error())
	case errors.Is(err, redis.ErrClosed):
		return &Fault{Kind: Misconfigured, Hint: "the Redis client is closed"}
	case errors.As(err, &record):
		return &Fault{Kind: Misconfigured, Hint: "the server answers a TLS handshake in plain text: use redis:// instead of rediss://"}
	case errors.As(err, &op) && op.Op == "dial" && !op.Timeout():
		return &Fault{Kind: Unavailable, Hint: "Redis could not be reached", Err: quiet(err)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted),
		errors.As(err, &timeout) && timeout.Timeout():
		return &Fault{Kind: Timeout, Hint: "Redis did not answer in time" + c.waited(), Err: quiet(err)}
	case unreadable.MatchString(err.Error()):
		return Malformed(redact(err.Error()))
	default:
		return &Fault{Kind: Unavailable, Hint: "Redis could not be reached" + c.hungUp(err), Err: quiet(err)}
	}
}

// waited is a likely cause of a timeout where no server has answered yet: a plain server waits for
// a TLS client to go on.
func (c *Client) waited() string {
	if c.worked.Load() || !c.tls {
		return ""
	}
	return "; if the server has no TLS at this port, use redis:// instead of rediss://"
}

// hungUp is a likely cause where the server ended the connection before any server has answered. Its
// own word can be lost then: a server that is full, or in protected mode, says so and hangs up.
func (c *Client) hungUp(err error) string {
	var network interface{ Timeout() bool }
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
	if c.worked.Load() || !ended {
		return ""
	}
	text := "; the server ends connections, as one does that has reached its maxclients or is in protected mode"
	if !c.tls {
		text += "; if it wants TLS at this port, use rediss:// instead of redis://"
	}
	return text
}

// sentinelFault tells a name that no Sentinel knows from Sentinels that cannot be reached.
func sentinelFault(err error) *Fault {
	if errors.Is(err, redis.Nil) || strings.Contains(err.Error(), redis.Nil.Error()) {
		return &Fault{Kind: Misconfigured, Hint: "no Sentinel knows a primary of that name: check master_name"}
	}
	var server redis.Error
	if errors.As(err, &server) {
		return serverFault(server.Error())
	}
	return &Fault{Kind: Unavailable, Hint: "no Sentinel could be reached", Err: quiet(err)}
}

// unreadable are go-redis's words for a reply that is no RESP, or another than the command has.
var unreadable = regexp.MustCompile(`^redis: (can't parse|invalid|expected|unexpected|got \d+ elements|the length of|RESP3|empty)|strconv\.`)

// passing are the first words of errors that pass by themselves.
var passing = map[string]bool{
	"LOADING": true, "MASTERDOWN": true, "CLUSTERDOWN": true, "READONLY": true, "TRYAGAIN": true,
	"NOREPLICAS": true, "BUSY": true, "ASK": true, "EXECABORT": true, "MISCONF": true, "UNBLOCKED": true,
}

// proxyWords are what balancers and proxies say when they cannot pass a command on now. Envoy:
// "upstream failure", "no upstream host", "max requests limit exceeded".
var proxyWords = regexp.MustCompile(`(?i)upstream|backend|max number of clients|limit exceeded|too many|timed? ?out|` +
	`unavailable|overload|throttl|try again|not ready|connection (refused|reset|closed|lost)|failover`)

// scriptWord is the first word of what a command in a script failed with: Redis 6 and KeyDB put words
// before it.
var scriptWord = regexp.MustCompile(`^ERR Error running script .*?: -?([A-Z]{2,}) `)

// noTransaction is what servers without MULTI say of it.
var noTransaction = regexp.MustCompile(`(?i)(unknown|unsupported|not supported|disabled|invalid) .*\bmulti\b|\bmulti\b.*(not|un)[ -]?(supported|allowed|available)`)

// serverFault classifies a server's error. Its text can quote arguments, so only a redacted
// beginning is kept.
func serverFault(text string) *Fault {
	if cause, ok := strings.CutPrefix(text, "EXECABORT Transaction discarded because of: "); ok {
		text = cause
	}
	word, rest, _ := strings.Cut(text, " ")
	f := &Fault{Kind: Misconfigured, Hint: "Redis refused: " + redact(text)}
	if inScript := scriptWord.FindStringSubmatch(text); inScript != nil {
		word = inScript[1]
	}
	switch word {
	case "OOM":
		f.Kind, f.Full = Unavailable, true
		f.Hint += "; the server has reached its maxmemory, and then refuses transactions"
	case "MOVED", "ASK":
		f.Kind = Unavailable
		if word == "MOVED" {
			f.Kind = Misconfigured
		}
		f.to = newRedirect(word, rest)
		f.Hint = "this is one node of a cluster: use redis.NewClusterClient, or IsClusterMode of UniversalOptions"
	case "WRONGTYPE":
		f.WrongType = true
		f.Hint += "; the key holds another type: a list is a SET, geo rules and registries are HASHes"
	case "ERR":
		if strings.Contains(text, "executing the script can't run") { // it does not say which command
			f.Hint += rights
		} else if f.NoTx = noTransaction.MatchString(text); f.NoTx {
			f.Hint += "; without transactions nothing shows that the server that answers is the primary: " +
				"go around the proxy, or use dnc.DangerouslyAssumePrimary"
		} else if proxyWords.MatchString(text) {
			f.Kind = Unavailable
		}
	case "NOAUTH", "WRONGPASS":
		f.Hint += "; the user and the password are given in the URL, as in redis://user:password@host:6379, or in the client's options"
	case "NOPERM":
		f.Hint += rights
	default:
		if passing[word] || strings.ToUpper(word) != word || proxyWords.MatchString(text) {
			f.Kind = Unavailable
		}
	}
	return f
}

// nameKey adds to a Fault of a wrong type which key it is. replies are those of cmds. The cause is
// one of them.
func (f *Fault) nameKey(cmds []Cmd, replies []any, cause error) *Fault {
	if !f.WrongType {
		return f
	}
	for i, r := range replies {
		if err, ok := r.(error); !ok || err.Error() != cause.Error() || i >= len(cmds) {
			continue
		}
		var names []string
		for _, key := range cmds[i].keys() {
			names = append(names, strconv.Quote(redact(key)))
		}
		switch len(names) {
		case 0:
		case 1:
			f.Hint += " (key " + names[0] + ")"
		default:
			f.Hint += " (one of the keys " + strings.Join(names, ", ") + ")"
		}
		break
	}
	return f
}

// keys are the keys of a command.
func (cmd Cmd) keys() (keys []string) {
	args := cmd[1:min(2, len(cmd))]
	if cmd[0] == "eval" && len(cmd) > 2 {
		n, _ := cmd[2].(int)
		args = cmd[3:min(3+n, len(cmd))]
	}
	for _, a := range args {
		if key, ok := a.(string); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

const rights = "; the documentation of the Checker's type has the rights that are needed"

// redact keeps what says something about the fault and nothing that could be a number.
func redact(text string) string {
	text, _, _ = strings.Cut(text, ", with args")
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 160 {
		text = text[:160]
	}
	return digits.ReplaceAllString(text, "...")
}

// digits are six or more with nothing but up to three other characters between two of them.
var digits = regexp.MustCompile(`\p{Nd}(?:[^\p{Nd}\pL]{0,3}\p{Nd}){5,}`)

// quiet keeps errors of the network and of contexts, which name addresses at most, and takes the
// redacted text of all others.
func quiet(err error) error {
	var network interface{ Timeout() bool }
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &network) {
		return err
	}
	return errors.New(redact(err.Error()))
}
