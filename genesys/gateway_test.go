package genesys_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/genesys"
)

// answers is a client that gets a reply of success for everything but logins.
func (b *bed) answers(header map[string]string, body string) *genesys.CampaignClient {
	return b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/oauth/token") {
			return b.p.RoundTrip(r)
		}
		resp := answer(r, http.StatusOK, body)
		for name, value := range header {
			resp.Header.Set(name, value)
		}
		return resp, nil
	})))
}

// What gateways make of a reply is named, so that somebody can find the gateway.
func TestRepliesThatGatewaysChange(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	good := string(b.p.Campaign(b.campaign))
	for name, test := range map[string]struct {
		header map[string]string
		body   string
		text   string // "": it is read
	}{
		"a byte order mark":  {nil, "\ufeff" + good, ""},
		"a charset twice":    {map[string]string{"Content-Type": "application/json; charset=utf-8; charset=utf-8"}, good, ""},
		"packed":             {map[string]string{"Content-Encoding": "br"}, "\x8b\x02\x80", `it is packed as "br", which was not asked for`},
		"said to be packed":  {map[string]string{"Content-Encoding": "deflate"}, good, `it is packed as "deflate"`},
		"identity":           {map[string]string{"Content-Encoding": "identity"}, good, ""},
		"another type":       {map[string]string{"Content-Type": "text/plain"}, good, `its content type is "text/plain"`},
		"a number as a type": {map[string]string{"Content-Type": "+14155550123"}, good, `its content type is "[redacted]"`},
		"another charset":    {nil, "\xff\xfe{\x00}\x00", "it is not UTF-8"},
		"an array":           {nil, "[" + good + "]", "JSON of another shape"},
		"a name twice":       {nil, strings.Replace(good, "{", `{"version":7,`, 1), "has a name twice"},
		"something behind":   {nil, good + good, "the reply is not JSON"},
	} {
		_, err := b.answers(test.header, test.body).Campaign(t.Context(), b.campaign)
		if test.text == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, genesys.ErrUnexpectedReply, name)
		require.ErrorContains(t, err, test.text, name)
	}
}

// A file that is packed is told as that, and not as a table with a strange header.
func TestFilesThatArePacked(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	list := b.p.AddDNCList("x", numbers(3)...)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("name,phone number,expiration\r\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for encoding, text := range map[string]string{"": "it is a packed file (gzip or zip)", "gzip": `it is packed as "gzip"`} {
		c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
			if !strings.HasPrefix(r.URL.Path, "/signed/") {
				return b.p.RoundTrip(r)
			}
			resp := answer(r, http.StatusOK, packed.String())
			resp.Header.Set("Content-Type", "text/csv")
			if encoding != "" {
				resp.Header.Set("Content-Encoding", encoding)
			}
			return resp, nil
		})))
		_, err := c.MissingDNCNumbers(t.Context(), list, numbers(3), time.Time{})
		require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
		require.ErrorContains(t, err, text)
	}
}
