// Package garbage is a server for tests whose replies are no HTTP, or broken HTTP.
package garbage

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Replies are malformed in the ways that net/http has errors for; each holds the canary where the
// error would quote it.
func Replies(canary string) map[string]string {
	const ok = "HTTP/1.1 200 OK\r\n"
	return map[string]string{
		"no HTTP":                canary + "\r\n\r\n",
		"no HTTP, long":          canary + " " + canary + " " + canary + "\r\n\r\n",
		"version":                "HTTP/" + canary + " 200 OK\r\n\r\n",
		"status":                 "HTTP/1.1 " + canary + " OK\r\n\r\n",
		"header without a colon": ok + canary + "\r\n\r\n",
		"header's first line":    ok + " " + canary + ": b\r\n\r\n",
		"length":                 ok + "Content-Length: " + canary + "\r\n\r\n",
		"two lengths":            ok + "Content-Length: 5\r\nContent-Length: " + canary + "\r\n\r\n",
		"transfer encoding":      ok + "Transfer-Encoding: " + canary + "\r\n\r\n",
		"chunk's size":           ok + "Transfer-Encoding: chunked\r\n\r\n" + canary + "\r\n",
		"chunk's end":            ok + "Transfer-Encoding: chunked\r\n\r\n1\r\n" + canary + "\r\n",
		"trailer":                ok + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n0\r\n" + canary + "\r\n\r\n",
		"gzip":                   ok + "Content-Encoding: gzip\r\n\r\n" + canary,
		"early end":              ok + "Content-Length: 500\r\n\r\n" + canary,
		"Location":               "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://%zz/" + canary + "\r\n\r\n",
	}
}

// Serve answers each connection's request with the bytes of reply and closes it. It returns the
// server's URL.
func Serve(t testing.TB, reply string) (url string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_ = req.Body.Close() // reads it
				_, _ = conn.Write([]byte(reply))
			}
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return "http://" + l.Addr().String()
}
