package auth

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInvalidConfig is wrapped by every error about a region, credentials or an option that cannot
// be used.
var ErrInvalidConfig = errors.New("auth: invalid configuration")

// known holds the regions of Genesys Cloud, AWS region name → domain, and is never changed. From
// the vendor's Go SDK 188 (configuration.go), its Terraform provider 1.84 (provider.go) and its
// JavaScript SDK 259 (PureCloudRegionHosts.js), 2026.
var known = map[string]string{
	"us-east-1":      "mypurecloud.com",
	"us-east-2":      "use2.us-gov-pure.cloud", // FedRAMP
	"us-west-2":      "usw2.pure.cloud",
	"ca-central-1":   "cac1.pure.cloud",
	"mx-central-1":   "mxc1.pure.cloud",
	"sa-east-1":      "sae1.pure.cloud",
	"eu-west-1":      "mypurecloud.ie",
	"eu-west-2":      "euw2.pure.cloud",
	"eu-central-1":   "mypurecloud.de",
	"eu-central-2":   "euc2.pure.cloud",
	"me-central-1":   "mec1.pure.cloud",
	"ap-south-1":     "aps1.pure.cloud",
	"ap-southeast-1": "apse1.pure.cloud",
	"ap-southeast-2": "mypurecloud.com.au",
	"ap-northeast-1": "mypurecloud.jp",
	"ap-northeast-2": "apne2.pure.cloud",
	"ap-northeast-3": "apne3.pure.cloud",
	"eusc-de-east-1": "edee1.eusc-pure.cloud", // EU sovereign
}

// A Region has the host of an organisation's API and the host of its login. Get one from
// [ParseRegion], or from [CustomRegion] for a test or a gateway. The zero Region is not valid.
// Regions can be compared with ==.
type Region struct {
	name, api, login string
}

// ParseRegion takes the domain of a region, such as "mypurecloud.ie" or "usw2.pure.cloud", or its
// AWS name, such as "eu-west-1". The API is then https://api.<domain> and the login
// https://login.<domain>.
//
// These are known, and [Region.Known] is true for them:
//
//	us-east-1 mypurecloud.com             eu-central-1 mypurecloud.de    ap-southeast-1 apse1.pure.cloud
//	us-east-2 use2.us-gov-pure.cloud      eu-central-2 euc2.pure.cloud   ap-southeast-2 mypurecloud.com.au
//	us-west-2 usw2.pure.cloud             me-central-1 mec1.pure.cloud   ap-northeast-1 mypurecloud.jp
//	ca-central-1 cac1.pure.cloud          ap-south-1 aps1.pure.cloud     ap-northeast-2 apne2.pure.cloud
//	mx-central-1 mxc1.pure.cloud          sa-east-1 sae1.pure.cloud      ap-northeast-3 apne3.pure.cloud
//	eu-west-1 mypurecloud.ie              eu-west-2 euw2.pure.cloud      eusc-de-east-1 edee1.eusc-pure.cloud
//
// The vendor adds a region about every year. So any other domain is accepted if it is a DNS name of
// at least two labels of ASCII letters, digits and hyphens, in upper or lower case. The client
// secret is sent to login.<domain>, always by https. If the region comes from somebody you do not
// trust, check Known. Everything else is refused: URLs, ports, IP addresses, international names,
// which can look like other names, hosts ("api.mypurecloud.com"), and names that begin with a known
// domain ("mypurecloud.com.example.net"). Errors wrap [ErrInvalidConfig].
func ParseRegion(s string) (Region, error) {
	lower := strings.ToLower(s)
	if domain, ok := known[lower]; ok {
		return regionOf(domain), nil
	}
	switch {
	case s == "":
		return Region{}, fmt.Errorf("%w: the region is empty; want a domain such as mypurecloud.com", ErrInvalidConfig)
	case !isDomain(s) || len(s) > 253-len("login."):
		// The text is not repeated: it may be a URL with a password, or a secret that took the region's
		// place.
		return Region{}, fmt.Errorf("%w: the region is not a domain such as mypurecloud.com", ErrInvalidConfig)
	case !strings.Contains(s, "."):
		return Region{}, fmt.Errorf("%w: the region is neither a domain nor a known AWS region; give the domain",
			ErrInvalidConfig)
	}
	for _, host := range []string{"api.", "login.", "apps."} {
		if rest, ok := strings.CutPrefix(lower, host); ok && strings.Contains(rest, ".") {
			return Region{}, fmt.Errorf("%w: region %q is a host; give its domain, %s", ErrInvalidConfig, s, rest)
		}
	}
	region := regionOf(lower)
	if region.Known() {
		return region, nil
	}
	for _, domain := range known {
		if strings.HasPrefix(lower, domain+".") {
			return Region{}, fmt.Errorf("%w: region %q only looks like %s", ErrInvalidConfig, s, domain)
		}
	}
	return region, nil
}

func regionOf(domain string) Region {
	return Region{name: domain, api: "https://api." + domain, login: "https://login." + domain}
}

// APIURL is the origin of the API: scheme, host, and the port if there is one, without a slash at
// the end.
func (r Region) APIURL() string { return r.api }

// LoginURL is the origin of the login, in the same form.
func (r Region) LoginURL() string { return r.login }

// String returns the domain, which [ParseRegion] accepts, or the host of the API of a custom
// region.
func (r Region) String() string { return r.name }

// IsZero reports whether r is the zero Region.
func (r Region) IsZero() bool { return r == Region{} }

// Known reports whether the region is one of those in the comment of [ParseRegion]. It is false for
// a custom region.
func (r Region) Known() bool {
	for _, domain := range known {
		if r == regionOf(domain) {
			return true
		}
	}
	return false
}

// isDomain reports whether s is one or more DNS labels of ASCII letters, digits and hyphens, the
// last one is not a number (that would be an IP address) and none is the encoding of
// an international name.
func isDomain(s string) bool {
	var numeric bool
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if len(label) > 3 && label[2:4] == "--" {
			return false
		}
		numeric = true
		for _, c := range []byte(label) {
			switch {
			case c >= '0' && c <= '9':
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-':
				numeric = false
			default:
				return false
			}
		}
	}
	return !numeric
}
