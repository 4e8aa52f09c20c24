package genesys_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// cut is a body that ends in the middle.
func cut() io.Reader {
	return io.MultiReader(strings.NewReader(`{"id":"`), readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The body of what is read is asked for again when it is cut off, as often as anything else.
func TestBodiesThatAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, times := range []int{1, 3, -1} {
			b := newBed(t)
			list := b.p.AddDNCList("x", numbers(2)...)
			for what, read := range map[string]func() error{
				"campaign": func() error { _, err := b.c.Campaign(t.Context(), b.campaign); return err },
				"search": func() error {
					for _, err := range b.c.SearchContacts(t.Context(), b.list, genesys.ContactQuery{}) {
						return err
					}
					return nil
				},
				"listing": func() error {
					for _, err := range b.c.DNCLists(t.Context(), genesys.DNCListQuery{}) {
						return err
					}
					return nil
				},
				"numbers": func() error { return b.c.AddDNCNumbers(t.Context(), list, numbers(3), time.Time{}) },
			} {
				b.p.ClearFaults()
				b.p.AddFault(genesystest.Fault{Status: 200, Stream: cut, Times: times, Path: "/api/", Header: map[string]string{"Content-Type": "application/json"}})
				before := b.p.CountRequests("", "/api/")
				err := read()
				if times > 0 {
					require.NoError(t, err, "%s, %d", what, times)
					continue
				}
				require.ErrorIs(t, err, genesys.ErrUnexpectedReply, what)
				e, ok := asError(err)
				require.True(t, ok)
				assert.Equal(t, http.StatusOK, e.Status)
				assert.Equal(t, what == "numbers", e.Uncertain)
				assert.Equal(t, 4, b.p.CountRequests("", "/api/")-before, "%s: one count", what)
			}
		}
	})
}

// A connection may be closed in the middle without a sign.
func TestBodiesThatEndEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{`{`, `{"id":"`, `{"id":"` + noID + `"`, `[{"id":1},`} {
			b := newBed(t)
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 200, Body: body, Header: map[string]string{"Content-Type": "application/json"}})
			_, err := b.c.Campaign(t.Context(), b.campaign)
			require.NoError(t, err, body)
		}
		for _, body := range []string{`{]`, `{"id":tru}`, `[]x`} { // which is no end
			b := newBed(t)
			b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 200, Body: body, Header: map[string]string{"Content-Type": "application/json"}})
			_, err := b.c.Campaign(t.Context(), b.campaign)
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply, body)
		}
	})
}

// What may not be repeated is not, when its reply is cut off: it is in doubt.
func TestWritesWhoseReplyIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x", numbers(2)...)
		for what, write := range map[string]func() error{
			"start":  func() error { return b.c.StartCampaign(t.Context(), b.campaign) },
			"remove": func() error { return b.c.RemoveDNCNumbers(t.Context(), list, numbers(1)) },
			"empty":  func() error { return b.c.EmptyDNCList(t.Context(), list, genesys.EveryNumberMayBeDialled) },
			"create": func() error { _, err := b.c.CreateDNCList(t.Context(), "y"); return err },
		} {
			before := b.writes()
			for _, method := range []string{"POST", "PATCH", "DELETE"} {
				b.p.AddFault(genesystest.Fault{Status: 200, Stream: cut, Times: 1, Method: method, Path: "/api/"})
			}
			err := write()
			b.p.ClearFaults()
			e, ok := asError(err)
			require.True(t, ok, what)
			assert.True(t, e.Uncertain, what)
			assert.Equal(t, 1, b.writes()-before, what)
		}
		// A mark is looked at before it is made again.
		added, err := b.c.AddContacts(t.Context(), b.list, contacts(1), genesys.AddOptions{})
		require.NoError(t, err)
		for _, fault := range []genesystest.Fault{{Status: 200, Stream: cut, ActFirst: true}, {Status: 200, ActFirst: true}} {
			fault.Method, fault.Path = "PUT", "/contacts/"
			b.p.AddFault(fault)
			require.NoError(t, b.c.MarkUncallable(t.Context(), b.list, added[0].ID, genesys.WholeContact()))
		}
		assert.Equal(t, 1, b.p.CountRequests("PUT", "/contacts/"))
	})
}

// A proxy that could not be reached has not passed anything on.
func TestProxyThatIsNotReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, inner := range []error{errors.New("x"), &net.OpError{Op: "dial", Err: errors.New("x")}, &net.OpError{Op: "read", Err: errors.New("x")}} {
			b := newBed(t)
			tries := 0
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPost || r.URL.Path == "/oauth/token" {
					return b.p.RoundTrip(r)
				}
				tries++
				return nil, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: inner}
			})))
			e, ok := asError(c.StartCampaign(t.Context(), b.campaign))
			require.True(t, ok)
			assert.False(t, e.Uncertain, "it cannot have been started")
			assert.True(t, e.Retryable())
			assert.Equal(t, 4, tries, "so it is tried again")
		}
	})
}

// Seven digits are masked, in any script and with whatever is between them.
func TestNumbersInErrors(t *testing.T) {
	b := newBed(t)
	for _, number := range []string{
		"+1 415 555 0123", "415\u00a0555\u00a00123", "415\u2013555\u20130123", "415_555_0123", "\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
		"\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "415 / 555 / 0123", "(415)*555*0123", "4.1.5.5.5.5.0.1.2.3", "415\u200b555\u20290123",
		"4\u20111\u22125\u00ad5\u202f5\u30005\u20600\u00b71\u20222\u00b73", "415|555|0123", "415\t555\n0123", "415:555:0123", "\U0001d7d2\U0001d7cf\U0001d7d3 \U0001d7d3\U0001d7d3\U0001d7d3 0123",
	} {
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: fmt.Sprintf(`{"code":"invalid.value","message":"The value %s in column phone"}`, strings.NewReplacer("\t", `\t`, "\n", `\n`).Replace(number))})
		_, err := b.c.Campaign(t.Context(), b.campaign)
		e, ok := asError(err)
		require.True(t, ok)
		assert.Regexp(t, `^The value \W?\[redacted\] in column phone$`, e.Message, "%q", number)
	}
	long := strings.Repeat("x ", 2046) + "4155550123 y"
	b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: `{"code":"invalid.value","message":"` + long + `"}`})
	_, err := b.c.Campaign(t.Context(), b.campaign)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "415", "not even its beginning")
	b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: `{"message":"list ` + noID + ` has 123456 entries of 50"}`})
	_, err = b.c.Campaign(t.Context(), b.campaign)
	require.ErrorContains(t, err, "list "+noID+" has 123456 entries of 50", "ids and small numbers stay")
}

// A number is seen in whatever way it is escaped, and as base64.
func TestEscapedNumbersInErrors(t *testing.T) {
	each := func(format string) string {
		var out strings.Builder
		for _, c := range "+14155550123" {
			fmt.Fprintf(&out, format, c)
		}
		return out.String()
	}
	b := newBed(t)
	for _, number := range []string{
		"%2B1%2D415%2D555%2D0123", "%28415%29%2E555%2E0123", "415%C2%A0555%C2%A00123", "%252B1%252D415%252D555%252D0123", each("%%%02X"), each("%%25%02x"),
		each(`\u%04x`), each(`\\u%04X`), each(`\x%02x`), each(`\u{%x}`), each("&#x%x;"), each("&#X0%X;"), each("&#%d;"), `415\u002d555\u002d0123`, "415&#8211;555&#8211;0123",
		base64.StdEncoding.EncodeToString([]byte("+14155550123")), base64.StdEncoding.EncodeToString([]byte("phone=415-555-0123")), base64.RawURLEncoding.EncodeToString([]byte("4155550123")),
		"\u202e+1 415 555 0123\u202c\u2028", "4155550123-0000-4000-8000-000000000000", "00000000-0000-4000-8000-0000000000004155550123",
	} {
		body, err := json.Marshal(map[string]string{"code": "invalid.value", "message": "The value " + number + " in column phone"})
		require.NoError(t, err)
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: string(body)})
		_, err = b.c.Campaign(t.Context(), b.campaign)
		e, ok := asError(err)
		require.True(t, ok)
		assert.Regexp(t, `^The value \W{0,2}(\[redacted\]\W{0,2})+ in column phone$`, e.Message, "%q", number)
	}
	for _, text := range []string{`50% of 100%25 &#xFFFFFFF; \ud83d \u{110000} invalidUpdateCampaignStatus AbCdEfGhIjKl`, "x" + noID + "x " + noID} {
		body, err := json.Marshal(map[string]string{"message": text})
		require.NoError(t, err)
		b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: string(body)})
		_, err = b.c.Campaign(t.Context(), b.campaign)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "redacted", "words and ids stay")
	}
	long := strings.Repeat("x ", 2040) + each(`\u%04x`)
	body, err := json.Marshal(map[string]string{"message": long})
	require.NoError(t, err)
	b.p.AddFault(genesystest.Fault{Path: "/campaigns/", Status: 400, Body: string(body)})
	_, err = b.c.Campaign(t.Context(), b.campaign)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "0031", "not even its beginning")
}
