package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TLSServer is a Server with a second port for TLS. Its certificate is made for the test.
type TLSServer struct {
	*Server
	Roots   *x509.CertPool // the authority that signed the certificate
	TLSPort int
}

// StartTLS starts a server with a certificate for a host name or an IP address.
func StartTLS(tb testing.TB, host string, args ...string) *TLSServer {
	tb.Helper()
	s := &TLSServer{TLSPort: freePort(tb)}
	dir := tb.TempDir()
	var files []string
	s.Roots, files = certificate(tb, dir, host)
	args = append(append(files, "--tls-port", strconv.Itoa(s.TLSPort), "--tls-auth-clients", "no"), args...)
	s.Server = Start(tb, args...)
	return s
}

// TLSAddr is the host and port for TLS; Addr is the one for plain text.
func (s *TLSServer) TLSAddr() string { return "127.0.0.1:" + strconv.Itoa(s.TLSPort) }

// TLSURL is the address for TLS as dnc.RedisOptions reads it.
func (s *TLSServer) TLSURL() string { return "rediss://" + s.TLSAddr() }

// certificate makes an authority, and a certificate for a host, as arguments for redis-server.
func certificate(tb testing.TB, dir, host string) (roots *x509.CertPool, args []string) {
	tb.Helper()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, key.Public(), key)
	must(err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
	}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), key)
	must(err)
	private, err := x509.MarshalECPrivateKey(key)
	must(err)
	parsed, err := x509.ParseCertificate(authorityDER)
	must(err)
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return roots, []string{
		"--tls-cert-file", write("cert", "CERTIFICATE", der), "--tls-key-file", write("key", "EC PRIVATE KEY", private),
		"--tls-ca-cert-file", write("ca", "CERTIFICATE", authorityDER),
	}
}
