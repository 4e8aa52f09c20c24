package genesystest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc/auth"
)

type client struct {
	id, secret  string
	permissions map[string]bool // nil: all
}

type token struct {
	client  *client
	expires time.Time
}

// Source makes a source of tokens with every permission. A genesys.CampaignClient with this source
// talks to this platform, without a network.
func (p *Platform) Source() *auth.Source {
	s, err := p.addClient(nil).Source()
	if err != nil {
		panic("genesystest: " + err.Error()) // the credentials are well-formed
	}
	return s
}

// AddClient makes an OAuth client that has only these permissions, such as "outbound:dnc:edit".
func (p *Platform) AddClient(permissions ...string) auth.ClientCredentials {
	has := map[string]bool{}
	for _, name := range permissions {
		has[name] = true
	}
	return p.addClient(has)
}

func (p *Platform) addClient(permissions map[string]bool) auth.ClientCredentials {
	region, err := auth.CustomRegion(apiURL, loginURL)
	if err != nil {
		panic("genesystest: " + err.Error()) // the URLs are constants
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == nil { // nothing can be asked of a zero Platform before it has a client
		p.defaults()
	}
	c := &client{id: p.newID(), permissions: permissions}
	c.secret = "secret-of-" + c.id
	p.clients[c.id] = c
	return auth.ClientCredentials{Region: region, ClientID: c.id, ClientSecret: auth.NewSecret(c.secret), Transport: p}
}

// RevokeTokens ends all tokens: the API then answers 401 to them.
func (p *Platform) RevokeTokens() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.tokens)
}

// login is POST /oauth/token with client credentials (RFC 6749, section 4.4).
func (p *Platform) login(r *http.Request, body []byte) reply {
	refuse := func(status int, code, description string) reply {
		return reply{status: status, code: code, body: quoted(map[string]string{
			"error": code, "description": description, "error_description": description,
		})}
	}
	form, err := url.ParseQuery(string(body))
	id, secret, basic := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "invalid_request", "method not allowed")
	case err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return refuse(http.StatusBadRequest, "invalid_request", "the body is not a form")
	case form.Get("grant_type") != "client_credentials":
		return refuse(http.StatusBadRequest, "unsupported_grant_type", "grant type not supported")
	case !basic:
		return refuse(http.StatusBadRequest, "invalid_client", "client authentication missing")
	}
	// RFC 6749 section 2.3.1: both are form-encoded before they go into the header.
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	c := p.clients[id]
	if errID != nil || errSecret != nil || c == nil || c.secret != secret {
		return refuse(http.StatusBadRequest, "invalid_client", "client not found or secret wrong")
	}
	p.serial++
	value := fmt.Sprintf("token-%d-of-%s", p.serial, c.id)
	p.tokens[value] = &token{client: c, expires: time.Now().Add(p.options.life)}
	return ok(quoted(
		map[string]any{"access_token": value, "token_type": "bearer", "expires_in": int(p.options.life / time.Second)},
	))
}

// bearer is who asks, or why that is refused.
func (p *Platform) bearer(r *http.Request) (string, *token, *reply) {
	value, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		got := fail(http.StatusUnauthorized, "authentication.required", "No authentication bearer token specified in authorization header.")
		return "", nil, &got
	}
	t := p.tokens[value]
	if t == nil || !time.Now().Before(t.expires) {
		got := fail(http.StatusUnauthorized, "bad.credentials", "Invalid login credentials.")
		return "", nil, &got
	}
	return value, t, nil
}

// may refuses a client that lacks permissions, which are given as a route has them.
func (t *token) may(needs string) *reply {
	var lacks []string
	for any := range strings.FieldsSeq(needs) {
		has, names := false, strings.Split(any, "|")
		for i, name := range names {
			names[i] = "outbound:" + name
			has = has || t.client.permissions == nil || t.client.permissions[names[i]]
		}
		if !has {
			lacks = append(lacks, names...)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	got := fail(http.StatusForbidden, "missing.permissions", "Unable to perform the requested action. You are missing the following permission(s): "+
		strings.Join(lacks, ", "))
	return &got
}

// window counts a token's requests.
type window struct {
	begin time.Time
	count int
	times []time.Time // of a sliding window
}

// limited counts a request and says whether it is one too many, and which headers tell so.
func (p *Platform) limited(value string, header http.Header) *reply {
	limit := p.options.rate
	if limit == 0 {
		return nil
	}
	w := p.windows[value]
	if w == nil {
		w = &window{}
		p.windows[value] = w
	}
	at := time.Now()
	var reset time.Duration
	if p.options.sliding {
		for len(w.times) > 0 && at.Sub(w.times[0]) >= time.Minute {
			w.times = w.times[1:]
		}
		w.count = len(w.times)
		if w.count > 0 {
			reset = time.Minute - at.Sub(w.times[0])
		}
	} else {
		if at.Sub(w.begin) >= time.Minute {
			w.begin, w.count = at, 0
		}
		reset = time.Minute - at.Sub(w.begin)
	}
	seconds := strconv.Itoa(int((reset + time.Second - 1) / time.Second))
	if w.count >= limit {
		got := fail(http.StatusTooManyRequests, "too.many.requests.retry.after",
			"Rate limit exceeded the maximum. Retry the request in ["+seconds+"] seconds")
		got.header = http.Header{"Retry-After": {seconds}}
		return &got
	}
	w.count++
	if p.options.sliding {
		w.times = append(w.times, at)
	}
	header.Set("Inin-Ratelimit-Count", strconv.Itoa(w.count))
	header.Set("Inin-Ratelimit-Allowed", strconv.Itoa(limit))
	header.Set("Inin-Ratelimit-Reset", seconds)
	return nil
}
