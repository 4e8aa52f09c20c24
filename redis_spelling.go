package dnc

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// scan is a pass over all members of the list, or over all geo rules, a few pages in each health
// check. No check finds one that is in another spelling. So the list is misconfigured until two
// passes in a row have found no such member. One pass is not enough: a cursor is not valid on
// another server, so a pass during a failover can leave members out.
type scan struct {
	cursor   string // of SSCAN or HSCAN; "" before a pass
	found    *Error // what this pass has found
	standing *Error // what holds until two passes in a row have found nothing
	clean    int    // passes in a row that found nothing
	finished bool   // at least one pass was completed
}

// The first look at a list reads its first 50,000 members before anything is allowed, however long
// that takes: a limit by the clock would let a slow machine allow what a fast one refuses.
const (
	scanPage   = 1000 // members a page
	scanPages  = 4    // pages in each health check
	hurryPage  = 5000 // while no pass was completed, or something is wrong
	hurryPages = 10
)

// checkMembers looks at a random sample of members, and goes on with the pass over all of them.
func (r *RedisChecker) checkMembers(ctx context.Context, sample *redisconn.Part) *Error {
	list := r.config.list
	if sample.Fault != nil {
		return storeError(list, sample.Fault)
	}
	members, ok := redisconn.Strings(sample.Replies[0])
	if !ok {
		return storeError(list, redisconn.Malformed("SRANDMEMBER has an element that is not a string"))
	}
	odd, total := 0, 0
	for _, m := range members {
		if m == marker {
			continue
		}
		total++
		switch r.config.memberKind(m) {
		case otherSpelling:
			r.scan.note(misspelledError(list, m))
		case notANumber:
			odd++
		case asAsked:
		}
	}
	if e := r.scanMembers(ctx); e != nil {
		return e
	}
	e := oddError(list, odd, total)
	if odd > 0 && odd*10 >= total {
		return e
	}
	r.reportOdd(ctx, 0, Incident{Event: EventMembersIgnored, List: list, Numbers: odd, Err: e})
	return nil
}

// oddError is for members that are not numbers.
func oddError(list string, odd, total int) *Error {
	return &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf(
		"members that are not numbers, and so never match: %d of %d; write numbers as +E.164, or use WithMemberFormat", odd, total)}
}

// scanMembers reads the next pages. It returns what the list is misconfigured for.
func (r *RedisChecker) scanMembers(ctx context.Context) *Error {
	list := r.config.list
	return r.scan.read(ctx, r.rdb, "sscan", 1, list, r.config.key, func(members []string) *Error {
		for _, m := range members {
			if m != marker && r.config.memberKind(m) == otherSpelling {
				return misspelledError(list, m)
			}
		}
		return nil
	})
}

// read reads the next pages, and returns what stands against the list. An item is about so many
// times as long as a number. wrong looks at a page.
func (s *scan) read(
	ctx context.Context, rdb *redisconn.Client, command string, length int, list, key string, wrong func(items []string) *Error,
) *Error {
	pages, size := scanPages, scanPage
	if !s.finished || s.standing != nil {
		pages, size = hurryPages, hurryPage
	}
	pages, size = pages*length, size/length
	for range pages {
		cursor := s.cursor
		if cursor == "" {
			cursor = "0"
		}
		replies, f := rdb.Pipe(ctx, key, redisconn.Cmd{command, key, cursor, "count", size})
		if f != nil {
			return storeError(list, f)
		}
		next, items, ok := redisconn.Page(replies[0])
		if !ok {
			return storeError(list, redisconn.Malformed(strings.ToUpper(command)+" has no cursor and array of strings"))
		}
		if s.found == nil {
			s.note(wrong(items))
		}
		if s.cursor = next; next == "0" {
			s.endPass()
			break
		}
	}
	return s.standing
}

func (s *scan) endPass() {
	if s.clean++; s.found != nil {
		s.clean = 0
	}
	if s.clean >= 2 {
		s.standing = nil
	}
	s.found, s.cursor, s.finished = nil, "", true
}

// note notes what is wrong with a member, nil for nothing.
func (s *scan) note(e *Error) {
	if s.found == nil && e != nil {
		s.found, s.standing = e, e
	}
}

func misspelledError(list, member string) *Error {
	return &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf("a member of the shape %q is a number in another "+
		"spelling than numbers are asked in, so it would never match: RedisWriter.Repair rewrites such members, "+
		"and WithMemberFormat asks in several spellings", shapeOf(member))}
}

// shapeOf shows the shape of a text, with every digit as "#".
func shapeOf(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsDigit(c):
			return '#'
		case unicode.IsLetter(c):
			return 'a'
		case unicode.IsPrint(c):
			return c
		}
		return '?'
	}, text[:min(len(text), maxSpell)])
}

// memberKind is how a member is written.
type memberKind uint8

const (
	asAsked       memberKind = iota // a check asks for this spelling of the number
	otherSpelling                   // it is a number, but no check asks for this spelling
	notANumber
)

// memberKind says how a member is written.
func (c *redisConfig) memberKind(member string) memberKind {
	if len(c.formats) == 0 {
		n, err := ParseNumber(member)
		if err == nil && n.isSpelled(member) {
			return asAsked
		}
		if err == nil {
			return otherSpelling
		}
		return looksLike(member)
	}
	digits := make([]byte, 0, maxSpell)
	for i := range min(len(member), maxSpell) {
		if c := member[i]; c >= '0' && c <= '9' {
			digits = append(digits, c)
		}
	}
	if len(digits) >= 4 && c.undo(member, digits) {
		return asAsked
	}
	if _, err := ParseNumber(member); err == nil {
		return otherSpelling
	}
	return looksLike(member)
}

// isSpelled reports whether text is the number in E.164.
func (n Number) isSpelled(text string) bool {
	var buf [maxDigits + 1]byte
	return string(n.appendE164(buf[:0])) == text
}

// looksLike tells whether a member can mean a number: without its country code, as people dial it,
// or beside something else, as in "+14155550123;2026-11-26".
func looksLike(member string) memberKind {
	digits, letters, others := 0, 0, 0
	for i, c := range member {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsLetter(c):
			letters++
		case c == '+' && i == 0:
		case classOf(c) == foreign:
			others++
		}
	}
	switch {
	case digits < minDigits, isUUID(member):
		return notANumber
	case holdsNumber(member):
		return otherSpelling
	case member[0] == '+' && letters == 0 && others == 0:
		return signedWrongly(member)
	case digits > maxDigits+3, letters > digits/2:
		return notANumber
	}
	return otherSpelling
}

// signedWrongly says what a member is that begins with "+" and that ParseNumber refuses. It can be
// a national number with "+" in front. Otherwise it is not a number, as "+11111111111".
func signedWrongly(member string) memberKind {
	if strings.Trim(member, "+0 ") == "" {
		return notANumber
	}
	_, err := Parser{Country: "1"}.Parse(member[1:])
	if err == nil || strings.HasPrefix(strings.TrimLeft(member[1:], " ("), "0") {
		return otherSpelling
	}
	return notANumber
}

// holdsNumber reports whether a run of digits in a text is a number: behind "+", or with ten digits
// or more and no letter beside it.
func holdsNumber(text string) bool {
	digit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for i := 0; i < len(text); i++ {
		if !digit(i) {
			continue
		}
		from := i
		for digit(i) {
			i++
		}
		size := i - from
		switch {
		case size > maxDigits:
		case from > 0 && text[from-1] == '+':
			if _, err := ParseNumber(text[from-1 : i]); err == nil {
				return true
			}
		case size >= 10 && !letterAt(text, from-1) && !letterAt(text, i):
			return true
		}
	}
	return false
}

func letterAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= utf8.RuneSelf || unicode.IsLetter(rune(text[i])))
}

// isUUID reports whether a text is a UUID, whose last digits can look like a number.
func isUUID(text string) bool {
	if len(text) != len("550e8400-e29b-41d4-a716-446655440000") {
		return false
	}
	for i, c := range []byte(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// undo reports whether a format makes this member of some number. A format can leave out the
// country code, or put a trunk 0 before the rest. So undo tries numbers, and accepts only one for
// which a check asks for exactly this member.
func (c *redisConfig) undo(member string, digits []byte) bool {
	try := func(code int) bool {
		rest := digits
		for {
			text := append(make([]byte, 0, maxSpell+4), '+')
			if code > 0 {
				text = strconv.AppendInt(text, int64(code), 10)
			}
			if n, err := ParseNumber(string(append(text, rest...))); err == nil && c.asks(n, member) {
				return true
			}
			if len(rest) == 0 || rest[0] != '0' {
				return false
			}
			rest = rest[1:]
		}
	}
	if try(0) || try(int(c.lastCode.Load())) {
		return true
	}
	for code := 1; code < 1000; code++ {
		if try(code) {
			c.lastCode.Store(int32(code))
			return true
		}
	}
	return false
}

// asks reports whether one of the formats makes this member of a guessed number. A format that fits
// the caller's own numbers can panic on a guess. Then the guess is wrong.
func (c *redisConfig) asks(n Number, member string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	for _, format := range c.formats {
		if format(n) == member {
			return true
		}
	}
	return false
}
