package registry

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// The id of a version is the number that the head handed out and some letters, as 7-kqbdwpzm. The
// number puts versions in order. The letters keep two imports apart that were given the same
// number, because a failover lost the first one's: without them both would write to the same keys.
const (
	idLetters  = "bcdfghjkmnpqrtvw" // 16; no vowels, so that no word comes out
	suffixSize = 8
)

func newSuffix() string {
	var b [suffixSize]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = idLetters[b[i]%16]
	}
	return "-" + string(b[:])
}

// versionNumber is the number of a version's id. An id that is a number alone is one as well.
func versionNumber(id string) (uint64, error) {
	digits, letters, found := strings.Cut(id, "-")
	if found && (letters == "" || strings.Trim(letters, "abcdefghijklmnopqrstuvwxyz") != "") {
		return 0, strconv.ErrSyntax
	}
	return parseID(digits)
}

func parseID(s string) (uint64, error) {
	v, err := strconv.ParseUint(s, 10, 63)
	if err == nil && (v == 0 || s[0] == '0') {
		err = strconv.ErrSyntax
	}
	return v, err
}

// A generation is at least the milliseconds since 2020. Where the head was lost, the next import is
// then newer than what running processes have seen, so that they take it.
var firstMoment = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func milliseconds() uint64 {
	return uint64(max(0, time.Since(firstMoment).Milliseconds()))
}

// lower reports whether an id that was handed out is lower than another.
func lower(a, b string) bool {
	x, _ := parseID(a)
	y, _ := parseID(b)
	return x < y
}
