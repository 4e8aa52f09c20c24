package dnc

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// Repair rewrites members that are numbers in another spelling than checks ask for, such as
// "14155550123" for "+14155550123". It returns how many it rewrote. It adds the right spelling
// before it removes the old one, so the number is on the list all the time.
//
// parse reads the members. nil means ParseNumber; Repair then also tries members of eleven or more
// digits with a "+" in front. For members in a national form, use the Parse method of a Parser with
// the list's country. If parse refuses members that look like numbers, the error is
// ErrListIncomplete and says how many. Members that are not numbers stay.
func (w *RedisWriter) Repair(ctx context.Context, parse func(string) (Number, error)) (int, error) {
	if e := w.notMade(); e != nil {
		return 0, e
	}
	list := w.config.list
	if parse == nil {
		parse = parseWithoutPlus
	}
	if f := w.ready(ctx); f != nil {
		return 0, storeError(list, f)
	}
	repaired, unread := 0, 0
	for range repairPasses {
		n, bad, err := w.repairPass(ctx, parse)
		repaired, unread = repaired+n, bad
		if err != nil {
			return repaired, err
		}
		if n == 0 {
			break
		}
	}
	if unread > 0 {
		return repaired, &Error{Code: CodeListIncomplete, List: list, Hint: fmt.Sprintf("members that look like numbers, but cannot be read: %d; "+
			"give Repair the Parse of a dnc.Parser with the list's Country, or remove them", unread)}
	}
	return repaired, nil
}

// repairPasses is how often Repair goes over the list at most. It ends after a pass that changed
// nothing, since a pass during a failover can leave members out. The bound is for a list to which
// something else goes on adding members in another spelling.
const repairPasses = 10

// repairPass goes over all members once.
func (w *RedisWriter) repairPass(ctx context.Context, parse func(string) (Number, error)) (repaired, unread int, err error) {
	list := w.config.list
	for cursor := "0"; ; {
		replies, f := w.rdb.Pipe(ctx, w.config.key, redisconn.Cmd{"sscan", w.config.key, cursor, "count", scanPage})
		if f != nil {
			return repaired, unread, storeError(list, f)
		}
		next, members, ok := redisconn.Page(replies[0])
		if !ok {
			return repaired, unread, storeError(list, redisconn.Malformed("SSCAN has no cursor and array of strings"))
		}
		n, bad, err := w.repair(ctx, members, parse)
		repaired, unread = repaired+n, unread+bad
		if err != nil {
			return repaired, unread, err
		}
		if cursor = next; cursor == "0" {
			return repaired, unread, nil
		}
	}
}

// parseWithoutPlus reads E.164 with or without the plus. Ten digits without one can be a national
// form of country code 1 and an international one of another code.
func parseWithoutPlus(member string) (Number, error) {
	n, err := ParseNumber(member)
	digits := 0
	for _, c := range member {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	if err != nil && digits > 10 && !strings.Contains(member, "+") {
		if n, err := ParseNumber("+" + member); err == nil {
			return n, nil
		}
	}
	return n, err
}

// repair rewrites the members of one page.
func (w *RedisWriter) repair(ctx context.Context, members []string, parse func(string) (Number, error)) (repaired, unread int, err error) {
	var right []Number
	var wrong []string
	for _, m := range members {
		if m == marker || w.config.memberKind(m) != otherSpelling {
			continue
		}
		n, err := parse(m)
		if err != nil || n.IsZero() {
			unread++
			continue
		}
		right, wrong = append(right, n), append(wrong, m)
	}
	if len(right) == 0 {
		return 0, unread, nil
	}
	if _, err := w.change(ctx, "add", right); err != nil {
		return 0, unread, err
	}
	if _, err := w.changeMembers(ctx, "remove", wrong); err != nil {
		return 0, unread, err
	}
	return len(wrong), unread, nil
}
