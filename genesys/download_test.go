package genesys_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func exported(t *testing.T, c *genesys.CampaignClient, list string) (entries int, last error) {
	t.Helper()
	for _, err := range c.ExportDNCList(t.Context(), list) {
		if err != nil {
			return entries, err
		}
		entries++
	}
	return entries, nil
}

// What a storage refuses says nothing about credentials; its address is asked for once more, as it
// may have expired.
func TestStorageThatRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{401, 403, 404, 410} {
			for _, times := range []int{1, 2, -1} {
				b := newBed(t)
				list := b.p.AddDNCList("x", numbers(3)...)
				b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: status, Body: `<Error><Code>AccessDenied</Code></Error>`, Times: times})
				n, err := exported(t, b.c, list)
				if times > 0 {
					require.NoError(t, err)
					assert.Equal(t, 3, n)
					continue
				}
				require.ErrorContains(t, err, "storage")
				for _, not := range []error{genesys.ErrUnauthorized, genesys.ErrForbidden, genesys.ErrNotFound} {
					require.NotErrorIs(t, err, not)
				}
				e, ok := asError(err)
				require.True(t, ok)
				assert.Equal(t, status, e.Status)
				assert.True(t, e.Retryable())
				assert.Equal(t, 4, b.p.CountRequests("", "/signed/"))
				assert.Equal(t, 1, b.p.CountRequests("POST", "/oauth/"), "the token is good")
			}
		}
	})
}

// A storage that throttles has been asked often enough when the retries are used up: a fresh address
// is of no use. The API may not know a file at once that it has just named.
func TestFileThatIsNotThereYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		list := b.p.AddDNCList("x", numbers(3)...)
		b.p.AddFault(genesystest.Fault{Path: "/downloads/", Status: 404, Body: `{"code":"not.found"}`, Times: 2})
		n, err := exported(t, b.c, list)
		require.NoError(t, err)
		assert.Equal(t, 3, n)
		b.p.AddFault(genesystest.Fault{Path: "/downloads/", Status: 404, Body: `{"code":"not.found"}`, Times: -1})
		_, err = exported(t, b.c, list)
		require.ErrorIs(t, err, genesys.ErrNotFound)
		b.p.ClearFaults()
		b.p.AddFault(genesystest.Fault{Path: "/signed/", Status: 429, Times: -1})
		seen, begin := b.p.CountRequests("", "/signed/"), time.Now()
		_, err = exported(t, b.c, list)
		require.ErrorContains(t, err, "429")
		assert.Equal(t, 4, b.p.CountRequests("", "/signed/")-seen)
		assert.Less(t, time.Since(begin), 2*time.Minute)
	})
}

// A file that is cut off is read on where it was cut, if it is the same file.
func TestFileThatIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			cuts int
			swap bool
			ok   bool
		}{"once": {1, false, true}, "thrice": {3, false, true}, "always": {1000, false, false}, "another file": {1, true, false}} {
			b := newBed(t)
			list := b.p.AddDNCList("x", numbers(5000)...)
			cuts := 0
			c := b.client(genesys.WithTransport(transport(func(r *http.Request) (*http.Response, error) {
				resp, err := b.p.RoundTrip(r)
				if err != nil || !strings.HasPrefix(r.URL.Path, "/signed/") {
					return resp, err
				}
				if cuts++; cuts <= test.cuts {
					resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, int64(20_000*cuts)), readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })))
				} else if test.swap {
					data, readErr := io.ReadAll(resp.Body)
					require.NoError(t, readErr)
					resp.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(data), "+1415", "+1416")))
				}
				return resp, err
			})))
			n, err := exported(t, c, list)
			if test.ok {
				require.NoError(t, err, name)
				assert.Equal(t, 5000, n, name)
				continue
			}
			require.ErrorIs(t, err, genesys.ErrUnexpectedReply, name)
			assert.LessOrEqual(t, cuts, 4, name)
		}
	})
}

// Behind a gateway the platform names its own host for a download: the path is asked for at the
// gateway. A platform that is served names the host at which it was found.
func TestExportBehindAGateway(t *testing.T) {
	p := genesystest.New()
	list := p.AddDNCList("x", numbers(3)...)
	served := httptest.NewServer(p)
	defer served.Close()
	defer served.Client().CloseIdleConnections()
	at, err := url.Parse(served.URL)
	require.NoError(t, err)
	gateway := httptest.NewServer(&httputil.ReverseProxy{
		Transport: served.Client().Transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(at) },
		ModifyResponse: func(r *http.Response) error { // the platform has a public name
			if strings.HasSuffix(r.Request.URL.Path, "/export") && r.Request.Method == http.MethodGet && r.StatusCode == http.StatusOK {
				data, err := io.ReadAll(r.Body)
				if err != nil {
					return err
				}
				text := strings.ReplaceAll(string(data), served.URL, "https://api.mypurecloud.com")
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
				r.Header.Set("Content-Length", fmt.Sprint(len(text)))
			}
			return nil
		},
	})
	defer gateway.Close()
	for _, origin := range []string{served.URL, gateway.URL} {
		region, err := auth.CustomRegion(origin, origin)
		require.NoError(t, err)
		credentials := p.AddClient("outbound:dnc:view", "outbound:dncList:view")
		credentials.Region, credentials.Transport = region, served.Client().Transport
		source, err := credentials.Source()
		require.NoError(t, err)
		c, err := genesys.NewCampaignClient(source)
		require.NoError(t, err)
		n, err := exported(t, c, list)
		require.NoError(t, err, origin)
		assert.Equal(t, 3, n)
	}
}
