package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
	"github.com/dnc-go/dnc/registry"
)

func TestALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out, 1000)
		stop := p.start()
		p.set(registry.PhaseRead, 0, 0)
		p.bytes.Add(420)
		p.set(registry.PhaseRead, 12_000_000, 0)
		time.Sleep(lineEvery + time.Millisecond)
		p.bytes.Add(1000)
		p.set(registry.PhaseRead, 30_000_000, 7)
		time.Sleep(lineEvery)
		p.set(registry.PhaseVerify, 30_000_000, 7)
		time.Sleep(lineEvery)
		_, _ = p.Write([]byte("a log line\n"))
		stop()
		assert.Equal(t, "import: 42 %  read: 12,000,000 numbers, 2,400,000/s\n"+
			"import: 100 %  read: 30,000,000 numbers, 3,000,000/s, 7 rejected\n"+
			"import: 100 %  verify: 30,000,000 numbers, 7 rejected\na log line\n", out.String())
	})
}

func TestABar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{}
		p := newProgress(s, 1000)
		stop := p.start()
		p.set(registry.PhaseRead, 0, 0)
		p.bytes.Add(500)
		p.set(registry.PhaseRead, 1_000_000, 0)
		time.Sleep(barEvery + time.Millisecond)
		_, _ = p.Write([]byte("a log line\n"))
		stop()
		assert.Equal(t, clearLine+"[----------------]   0 %  read"+
			clearLine+"[########--------]  50 %  read: 1,000,000 numbers, 5,000,000/s"+
			clearLine+"a log line\n", s.String())
		stop = p.start()
		p.set(registry.PhaseVerify, 1_000_000, 0)
		stop()
		assert.True(t, bytes.HasSuffix([]byte(s.String()), []byte(clearLine)), "the bar is cleared before the report")
	})
}

func TestABarFits(t *testing.T) {
	s := &screen{}
	p := newProgress(s, 1000)
	p.bytes.Add(1000)
	p.began = time.Now().Add(-4 * time.Second)
	p.phase, p.numbers, p.rejected = registry.PhaseRead, 250_000_000, 100
	p.draw()
	assert.Less(t, len(s.String()), len(clearLine)+80)
}

func TestTheBarOfAnImport(t *testing.T) {
	server := redistest.Start(t)
	write(t, "415.txt", rows(415, 10))
	var out bytes.Buffer
	s := &screen{}
	require.Equal(t, exitOK, run(t.Context(), []string{"-redis", server.URL(), "-obtained", today(), "415.txt"}, &out, s))
	for _, phase := range []registry.Phase{phaseHash, registry.PhaseRead, registry.PhaseVerify, registry.PhaseSwitch} {
		assert.Contains(t, s.String(), "%  "+string(phase))
	}
	assert.NotContains(t, s.String(), "\n")
	assert.False(t, isTerminal(&out))
}
