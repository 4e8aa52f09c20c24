package auth

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The regions of the vendor, by AWS name.
var vendor = map[string]string{
	"us-east-1": "mypurecloud.com", "us-east-2": "use2.us-gov-pure.cloud", "us-west-2": "usw2.pure.cloud", "ca-central-1": "cac1.pure.cloud",
	"mx-central-1": "mxc1.pure.cloud", "sa-east-1": "sae1.pure.cloud", "eu-west-1": "mypurecloud.ie", "eu-west-2": "euw2.pure.cloud",
	"eu-central-1": "mypurecloud.de", "eu-central-2": "euc2.pure.cloud", "me-central-1": "mec1.pure.cloud", "ap-south-1": "aps1.pure.cloud",
	"ap-southeast-1": "apse1.pure.cloud", "ap-southeast-2": "mypurecloud.com.au", "ap-northeast-1": "mypurecloud.jp",
	"ap-northeast-2": "apne2.pure.cloud", "ap-northeast-3": "apne3.pure.cloud", "eusc-de-east-1": "edee1.eusc-pure.cloud",
}

func TestKnownRegions(t *testing.T) {
	for name, domain := range vendor {
		for _, s := range []string{name, domain, strings.ToUpper(domain)} {
			r, err := ParseRegion(s)
			require.NoError(t, err, s)
			assert.True(t, r.Known())
			assert.Equal(t, domain, r.String())
			assert.Equal(t, "https://api."+domain, r.APIURL())
			assert.Equal(t, "https://login."+domain, r.LoginURL())
		}
	}
	r, err := ParseRegion("xyz9.pure.cloud")
	require.NoError(t, err, "regions are added about yearly")
	assert.False(t, r.Known())
}

func TestRegionsThatAreNone(t *testing.T) {
	for _, s := range []string{
		"", " ", "com", "us-east-9", "https://mypurecloud.com", "mypurecloud.com/", "mypurecloud.com/x", "mypurecloud.com:443", "mypurecloud.com@evil.com",
		"mypurecloud.com:443@127.0.0.1:8080", "evil.com/#", "evil.com?x=", "../evil.com", "..", "a..b", ".mypurecloud.com", "mypurecloud.com.", "127.0.0.1",
		"[::1]", "localhost", "my purecloud.com", "mypurecloud.com\n", "mypurecloud.com\x00", "mурecloud.com", "xn--mpurecloud-9gg.com", "api.mypurecloud.com",
		"login.mypurecloud.com", "mypurecloud.com.evil.com", "mypurecloud.ie.example.net", "-a.com", "a-.com", "a_b.com", "a%2eb.com", "1.2.3.4.5.6",
		strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 200) + "com",
	} {
		r, err := ParseRegion(s)
		if s == "1.2.3.4.5.6" && err == nil {
			continue // a name of digits, no address
		}
		require.ErrorIs(t, err, ErrInvalidConfig, "%q", s)
		assert.True(t, r.IsZero())
	}
}

func TestCustomRegions(t *testing.T) {
	for _, good := range []string{"https://gateway.example.net", "https://gateway.example.net:8443/", "http://127.0.0.1:8080", "http://[::1]:80", "http://localhost:1"} {
		r, err := CustomRegion(good, good)
		require.NoError(t, err, good)
		assert.Equal(t, strings.TrimSuffix(good, "/"), r.APIURL())
		assert.False(t, r.Known())
	}
	for _, bad := range []string{
		"", "gateway.example.net", "http://gateway.example.net", "http://127.0.0.1.evil.com", "ftp://x.example", "https://u:p@x.example", "https://x.example/path",
		"https://x.example?q", "https://x.example#f", "https://", "https://x.example:", "https://x.example:0", "https://x.example:99999", "https://0.0.0.0", "https://x_y",
		"https:x.example", "https://x.example/../y", "http://10.0.0.1",
	} {
		_, err := CustomRegion(bad, "https://x.example")
		require.ErrorIs(t, err, ErrInvalidConfig, bad)
		_, err = CustomRegion("https://x.example", bad)
		require.ErrorIs(t, err, ErrInvalidConfig, bad)
		assert.NotContains(t, err.Error(), "u:p")
	}
}

func FuzzParseRegion(f *testing.F) {
	for name, domain := range vendor {
		f.Add(name)
		f.Add(domain)
	}
	f.Add("mypurecloud.com@evil.com")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRegion(s)
		if err != nil {
			require.True(t, r.IsZero())
			return
		}
		for prefix, text := range map[string]string{"api.": r.APIURL(), "login.": r.LoginURL()} {
			u, err := url.Parse(text)
			require.NoError(t, err)
			require.Equal(t, "https", u.Scheme)
			require.Equal(t, prefix+r.String(), u.Host)
			require.Equal(t, "https://"+u.Host, text)
		}
		again, err := ParseRegion(r.String())
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}
