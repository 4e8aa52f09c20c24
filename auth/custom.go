package auth

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CustomRegion makes a region of two hosts: those of a gateway, or of a platform for tests. Both
// URLs are origins: a scheme, a host, a port if need be, and nothing else
// ("https://gateway.example.net:8443"; a slash at the end is ignored). The scheme must be https.
// http is accepted only for a loopback address (127.0.0.0/8, ::1) or "localhost", because it sends
// the client secret and every token unencrypted. Errors wrap [ErrInvalidConfig].
func CustomRegion(apiURL, loginURL string) (Region, error) {
	api, host, err := parseOrigin(apiURL)
	if err != nil {
		return Region{}, fmt.Errorf("%w: API URL: %w", ErrInvalidConfig, err)
	}
	login, _, err := parseOrigin(loginURL)
	if err != nil {
		return Region{}, fmt.Errorf("%w: login URL: %w", ErrInvalidConfig, err)
	}
	return Region{name: host, api: api, login: login}, nil
}

// originError says why a URL is not an origin. It does not repeat the URL, because that may hold a
// password.
type originError string

func (e originError) Error() string { return string(e) }

func parseOrigin(s string) (origin, host string, err error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", "", originError("not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "", "", originError("the scheme is not https")
	case u.Opaque != "" || u.User != nil:
		return "", "", originError("it has user info")
	case u.Path != "" && u.Path != "/":
		return "", "", originError("it has a path; want scheme and host only")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(s, "#"):
		return "", "", originError("it has a query or a fragment; want scheme and host only")
	}
	name := strings.ToLower(u.Hostname())
	loopback := name == "localhost"
	if addr, err := netip.ParseAddr(name); err == nil {
		if addr.Zone() != "" || addr.IsUnspecified() {
			return "", "", originError("the host is not an address to connect to")
		}
		loopback = addr.IsLoopback()
	} else if !isDomain(name) || len(name) > 253 {
		return "", "", originError("the host is neither a DNS name nor an IP address")
	}
	if u.Scheme == "http" && !loopback {
		return "", "", originError("http is for loopback only; use https")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return "", "", originError("the port is not a number from 1 to 65535")
		}
	}
	host = strings.ToLower(u.Host)
	if strings.HasSuffix(host, ":") {
		return "", "", originError("the port is empty")
	}
	return u.Scheme + "://" + host, host, nil
}
