package genesys

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/internal/noquote"
	"github.com/dnc-go/dnc/retry"
)

// A CampaignClient reads and changes outbound campaigns, DNC lists and contact lists. It is safe
// for concurrent use. Make one client for all calls with the same credentials: each client has its
// own rate limit and retry budget.
//
// A request passes through retries ([WithRetry]), then the rate limit ([WithLimiter]), then gets
// the token, and is sent by [WithTransport]. After a reply of 401 it is sent once more with a new
// token.
type CampaignClient struct {
	api       string // origin, without a slash at the end
	http      *http.Client
	single    *http.Client // the same without repeats
	downloads *http.Client // without a limit of time for each try
	signed    *http.Client // for signed URLs of other hosts: no token
	again     retry.Policy // of what is read anew before it is repeated
	logger    *slog.Logger // nil: slog.Default()
	observer  Observer     // nil: none
	chunk     int
	making    chan struct{} // held by the one call that creates a DNC list
	made      *sync.Map     // the names of the lists that calls have tried to create
}

// What the platform is known to allow: 300 requests a minute for each token
// (client.credentials.token.rate.per.minute). 60 s x 4.8 + 10 = 298.
const (
	defaultRate  = 4.8
	defaultBurst = 10
	// A body of JSON that is larger is not read: 100 campaigns, the largest page, are under 1 MiB.
	maxReply       = 16 << 20
	maxErrorReply  = 64 << 10
	attemptTimeout = 30 * time.Second
)

// NewCampaignClient makes a client that logs in with source and talks to the source's region. It
// sends nothing yet. An error wraps [ErrInvalidInput].
func NewCampaignClient(source *auth.Source, opts ...Option) (*CampaignClient, error) {
	if source == nil || source.Region().IsZero() {
		return nil, invalid("the source has no region: make it with auth.ClientCredentials or auth.FromOAuth2")
	}
	c := config{
		limiter: rate.NewLimiter(defaultRate, defaultBurst),
		base:    source.Transport(),
		chunk:   maxChunk,
	}
	for _, o := range opts {
		if o == nil {
			return nil, invalid("an Option is nil")
		}
		if err := o(&c); err != nil {
			return nil, err
		}
	}
	if c.base == nil {
		c.base = http.DefaultTransport
	}
	c.base = noquote.Transport(c.base)
	if c.retry.AttemptTimeout == 0 {
		c.retry.AttemptTimeout = attemptTimeout
	}
	if c.retry.Budget == nil {
		c.retry.Budget = new(retry.Budget) // one for all that follows
	}
	moving := &stall{base: c.base, after: c.retry.AttemptTimeout}
	limited := &retry.LimitTransport{Base: &bearer{base: moving, source: source}, Limiter: c.limiter}
	long, single := c.retry, c.retry
	long.AttemptTimeout = 0 // a large file takes as long as it takes, if it moves on
	single.MaxAttempts = 1
	return &CampaignClient{
		api:       source.Region().APIURL(),
		logger:    c.logger,
		observer:  c.observer,
		chunk:     c.chunk,
		making:    make(chan struct{}, 1),
		made:      new(sync.Map),
		http:      client(limited, c.retry),
		single:    client(limited, single),
		again:     long,
		downloads: client(limited, long),
		signed:    client(moving, long),
	}, nil
}

func client(base http.RoundTripper, p retry.Policy) *http.Client {
	return &http.Client{
		Transport:     &retry.Transport{Base: base, Policy: p},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type config struct {
	retry   retry.Policy
	limiter *rate.Limiter
	base    http.RoundTripper
	logger  *slog.Logger
	chunk   int

	observer Observer
}

// An Option changes how a [CampaignClient] works. [NewCampaignClient] refuses an invalid option
// with an error that wraps [ErrInvalidInput].
type Option func(*config) error

// WithRetry sets how requests are repeated. The default is the zero [retry.Policy]: up to 4 tries.
// An AttemptTimeout of 0 means 30 s. For the download of an export it limits the time without new
// data, not the whole download.
func WithRetry(p retry.Policy) Option {
	return func(c *config) error {
		if err := p.Validate(); err != nil {
			return fmt.Errorf("%w: WithRetry: %w", ErrInvalidInput, err)
		}
		c.retry = p
		return nil
	}
}

// WithLimiter sets the rate limit. nil means no limit. If several clients use the same credentials,
// give them the same limiter. The default is 4.8 requests a second with a burst of 10, which stays
// under the platform's 300 a minute. Each try counts as one request.
func WithLimiter(l *rate.Limiter) Option {
	return func(c *config) error {
		if l != nil && l.Burst() < 1 && l.Limit() != rate.Inf {
			return invalid("WithLimiter: a burst of 0 lets nothing through")
		}
		c.limiter = l
		return nil
	}
}

// WithTransport sets the transport that sends all requests, including downloads of exports. The
// default is the Transport of the source's credentials, and without one [http.DefaultTransport].
func WithTransport(base http.RoundTripper) Option {
	return func(c *config) error {
		if base == nil {
			return invalid("WithTransport(nil): leave it out for http.DefaultTransport")
		}
		c.base = base
		return nil
	}
}

// WithLogger sets the logger. Each request is one Debug record with method, path, status and
// correlation id. The default, also for nil, is slog.Default() at the time of the call.
// [retry.Policy].Logger logs the retries.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.logger = l
		return nil
	}
}

// maxChunk is how many numbers or contacts go into one request. For contacts it is the platform's
// limit; for DNC numbers the definition names none, and programs in use send 1,000.
const maxChunk = 1000

// WithChunkSize sets how many DNC numbers one request has, 1 to 1,000. The default is 1,000. Use it
// if a gateway in between refuses larger requests: after a reply of 413 the client halves the
// requests for the rest of the call, but begins the next call with this size.
func WithChunkSize(n int) Option {
	return func(c *config) error {
		if n < 1 || n > maxChunk {
			return invalid("WithChunkSize(%d): want 1 to %d", n, maxChunk)
		}
		c.chunk = n
		return nil
	}
}
