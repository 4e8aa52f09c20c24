package redistest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sentinels is a primary with two replicas under three Sentinels.
type Sentinels struct {
	Primary   *Server
	Replicas  []*Server
	Sentinels []*Server
}

// MasterName is the name under which the Sentinels know the primary.
const MasterName = "primary"

// StartSentinels starts them and waits until the Sentinels know each other and the replicas are in
// sync.
func StartSentinels(tb testing.TB) *Sentinels {
	tb.Helper()
	s := &Sentinels{Primary: Start(tb, "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0")}
	for range 2 {
		s.Replicas = append(s.Replicas, Start(tb, "--replicaof", fmt.Sprintf("127.0.0.1 %d", s.Primary.Port), "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"))
	}
	for range 3 {
		s.Sentinels = append(s.Sentinels, startSentinel(tb, s.Primary.Port))
	}
	if err := Eventually(func() error {
		for _, x := range s.Sentinels {
			text, _ := x.Do(tb, "info", "sentinel").(string)
			if !strings.Contains(text, "slaves=2,sentinels=3") {
				return errors.New("the Sentinels do not know all yet")
			}
		}
		text, _ := s.Primary.Do(tb, "info", "replication").(string)
		if strings.Count(text, "state=online") != 2 {
			return errors.New("the replicas are not in sync yet")
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return s
}

func startSentinel(tb testing.TB, primary int) *Server {
	tb.Helper()
	s := &Server{tb: tb, dir: tb.TempDir(), args: []string{"--sentinel"}, Port: freePort(tb)}
	tb.Cleanup(s.Kill)
	config := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor %s 127.0.0.1 %d 2\n"+
		"sentinel down-after-milliseconds %s 1000\nsentinel failover-timeout %s 5000\nsentinel parallel-syncs %s 1\n",
		s.Port, s.dir, filepath.Join(s.dir, "log"), MasterName, primary, MasterName, MasterName, MasterName)
	if err := os.WriteFile(filepath.Join(s.dir, "sentinel.conf"), []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	s.launch()
	if err := s.wait(); err != nil {
		tb.Fatalf("sentinel does not start: %v\n%s", err, s.log())
	}
	return s
}

// URLs are the Sentinels' addresses as dnc.RedisOptions reads them.
func (s *Sentinels) URLs() string {
	var urls []string
	for _, x := range s.Sentinels {
		urls = append(urls, x.URL()+"?master_name="+MasterName)
	}
	return strings.Join(urls, ",")
}
