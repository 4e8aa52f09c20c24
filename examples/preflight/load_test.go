package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

func TestLoadCommand(t *testing.T) {
	t.Parallel()
	store := redistest.Start(t)
	store.Do(t, "sadd", "dnc:blacklist", "+14155550123")
	store.Do(t, "hset", "dnc:geo_rules", "+44", `{"allowed":false,"riskLevel":"high"}`)
	p, env, urls, _ := remote(t)
	list := p.AddContactList("Summer", "phone")
	dir := t.TempDir()
	in, rejected := filepath.Join(dir, "in.csv"), filepath.Join(dir, "rejected.csv")
	require.NoError(t, os.WriteFile(in, []byte("customer,phone\nC-1,+14155550100\nC-2,(415) 555-0123\nC-3,none\n"), 0o600))
	do := func(args ...string) ran {
		t.Helper()
		return start(t, env, append(append([]string{"load", "-redis", store.URL(), "-country", "1"}, urls...), args...)...)
	}
	r := do("-contact-list", list, "-in", in, "-id-column", "customer", "-rejected", rejected)
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Equal(t, "rows: 3; 1 loaded, 0 already on the list, 1 blocked, 0 unknown, 1 invalid\n", r.out)
	text, err := os.ReadFile(rejected)
	require.NoError(t, err)
	assert.Contains(t, string(text), "3,phone,block,dnc_blacklist,blacklist,\n4,phone,,invalid_number,,")
	assert.Len(t, p.Contacts(list), 1)
	r = do("-contact-list", list, "-in", in, "-id-column", "customer")
	require.Equal(t, exitOK, r.code, r.errOut)
	assert.Equal(t, "rows: 3; 0 loaded, 1 already on the list, 1 blocked, 0 unknown, 1 invalid\n", r.out)

	r = do("-in", in)
	assert.Equal(t, exitUsage, r.code)
	assert.Contains(t, r.errOut, "-contact-list is missing")
	r = do("-contact-list", list)
	assert.Contains(t, r.errOut, "-in is missing")
	r = do("-contact-list", list, "-in", in)
	assert.Equal(t, exitError, r.code)
	assert.Contains(t, r.errOut, `the columns ["customer"], which the contact list does not have`)
	r = start(t, nil, "load", "-in", in, "-id-column", "customer")
	assert.Contains(t, r.errOut, `preflight: genesys: invalid input: the row lacks the columns ["name" "phone2"]`)
}
