package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var dated = regexp.MustCompile("^20[0-9]{2}-[01][0-9]-[0-3][0-9] · (`[^`]+`(?:, `[^`]+`)*)$")

// Each decision has a heading, and below it a date and the files that follow it.
func TestDecisions(t *testing.T) {
	t.Parallel()
	count := 0
	lines := strings.Split(read(t, "decisions.md"), "\n")
	for i, line := range lines {
		assert.False(t, strings.HasPrefix(line, "**"), "line %d of docs/decisions.md: a decision begins with a heading: ### %s", i+1, line)
		title, ok := strings.CutPrefix(line, "### ")
		if !ok {
			continue
		}
		count++
		at := ""
		if i+2 < len(lines) {
			at = lines[i+2]
		}
		m := dated.FindStringSubmatch(at)
		if !assert.NotNil(t, m, "%q: below the heading is a line as: 2026-11-26 · `redis.go`, `registry/check.go`", title) {
			continue
		}
		for _, file := range quoted.FindAllStringSubmatch(m[1], -1) {
			assert.True(t, exists(file[1]), "%q names %s, which is not there", title, file[1])
		}
	}
	assert.Greater(t, count, 100)
}
