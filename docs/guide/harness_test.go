// Package guide_test holds the code of the guides beside it: the code of files.md is in
// files_test.go, and so on. The tests of package docs compare the two.
package guide_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// files is where the examples write theirs.
var files string

func TestMain(m *testing.M) {
	var err error
	if files, err = os.MkdirTemp("", "dnc-guide-*"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(files)
		os.Exit(code)
	}))
}

// write makes a file.
func write(name, text string) string {
	path := filepath.Join(files, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return path
}

// connect starts a Redis in this process and returns a client of it.
func connect() (rdb redis.UniversalClient, server *miniredis.Miniredis, stop func()) {
	server, err := miniredis.Run()
	if err != nil {
		panic(err)
	}
	options, err := dnc.RedisOptions("redis://" + server.Addr())
	if err != nil {
		panic(err)
	}
	rdb = redis.NewUniversalClient(options)
	return rdb, server, func() {
		_ = rdb.Close()
		server.Close()
	}
}

// number is for numbers that are written in the source.
func number(s string) dnc.Number {
	n, err := dnc.ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// campaignInMemory is a campaign that dials these numbers, on a platform in memory.
func campaignInMemory(numbers ...string) (*genesys.CampaignClient, string) {
	platform := genesystest.New()
	list := platform.AddContactList("Spring", "phone")
	campaign, err := platform.AddCampaign(`{"contactList":{"id":"` + list + `"}}`)
	if err != nil {
		panic(err)
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil)) // in memory nothing is limited
	if err != nil {
		panic(err)
	}
	contacts := make([]genesys.Contact, 0, len(numbers))
	for _, s := range numbers {
		contacts = append(contacts, genesys.Contact{Data: map[string]string{"phone": s}})
	}
	if _, err := client.AddContacts(context.Background(), list, contacts, genesys.AddOptions{}); err != nil {
		panic(err)
	}
	return client, campaign
}
