package genesys_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const noID = "99999999-9999-4999-8999-999999999999"

// bed is a platform with one campaign on one contact list, and a client of it.
type bed struct {
	*testing.T
	p              *genesystest.Platform
	c              *genesys.CampaignClient
	campaign, list string
}

func newBed(t *testing.T, opts ...genesystest.Option) *bed {
	t.Helper()
	b := &bed{T: t, p: genesystest.New(opts...)}
	b.list = b.p.AddContactList("Spring", "name", "phone")
	b.campaign = b.add("")
	b.c = b.client()
	return b
}

// add makes a campaign on the bed's list; more is members of its JSON, with a comma behind each.
func (b *bed) add(more string) string {
	b.Helper()
	id, err := b.p.AddCampaign(fmt.Sprintf(`{%s"contactList":{"id":%q}}`, more, b.list))
	require.NoError(b, err)
	return id
}

func (b *bed) client(opts ...genesys.Option) *genesys.CampaignClient {
	b.Helper()
	c, err := genesys.NewCampaignClient(b.p.Source(), append([]genesys.Option{genesys.WithLimiter(nil)}, opts...)...)
	require.NoError(b, err)
	return c
}

// only is a client whose credentials have these permissions.
func (b *bed) only(permissions ...string) *genesys.CampaignClient {
	b.Helper()
	source, err := b.p.AddClient(permissions...).Source()
	require.NoError(b, err)
	c, err := genesys.NewCampaignClient(source, genesys.WithLimiter(nil))
	require.NoError(b, err)
	return c
}

// once is a policy without repeats.
var once = genesys.WithRetry(retry.Policy{MaxAttempts: 1})

func numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("+1415555%04d", i)
	}
	return out
}

// writes is how many requests changed something: all but GETs, logins and searches.
func (b *bed) writes() int {
	n := 0
	for _, e := range b.p.Requests() {
		if e.Method != http.MethodGet && e.Path != "/oauth/token" && e.Status != 0 {
			n++
		}
	}
	return n
}

// transport is a way to the platform on which something happens.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a reply of JSON.
func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}

func asError(err error) (*genesys.Error, bool) { return errors.AsType[*genesys.Error](err) }

// context5 has a deadline in 5 s.
func context5(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 5*time.Second)
}
