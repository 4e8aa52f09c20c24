package dnc

import (
	"context"
	"fmt"
	"strings"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// geoListName is the name that reasons of geo rules carry: "geo_rules" for the key "dnc:geo_rules".
func geoListName(key string) string { return strings.TrimPrefix(key, "dnc:") }

// readRules reads all rules into a table, or finds that there are too many for that.
func (r *RedisChecker) readRules(ctx context.Context, h *health, size *redisconn.Part) {
	list := r.geoList()
	if size.Fault != nil {
		h.geoErr = storeError(list, size.Fault)
		return
	}
	count, _ := size.Replies[0].(int64)
	if count <= 0 {
		h.geoErr = r.noRules()
		return
	}
	if count > maxGeoFields {
		if h.geoErr = r.sampleRules(ctx); h.geoErr == nil {
			h.geoErr = r.scanRules(ctx)
		}
		h.geo, h.large = nil, true
		return
	}
	replies, f := r.rdb.Tx(ctx, r.config.geoKey, redisconn.Cmd{"hgetall", r.config.geoKey})
	if f != nil {
		h.geoErr = storeError(list, f)
		return
	}
	fields, ok := redisconn.Fields(replies[0])
	if !ok {
		h.geoErr = storeError(list, redisconn.Malformed("the reply to HGETALL is not a map of strings"))
		return
	}
	if len(fields) == 0 { // gone since it was counted
		h.geoErr = r.noRules()
		return
	}
	t := &geoTable{list: list}
	for field, value := range fields {
		t.add(field, value)
	}
	r.reportOdd(ctx, 1, Incident{Event: EventGeoRuleInvalid, List: t.list, Numbers: t.invalid, Err: t.invalidError()})
	h.geo, h.large, h.geoErr = t, false, nil
	r.rules = scan{}
}

// reportOdd reports what cannot be read, once for each count that a look finds.
func (r *RedisChecker) reportOdd(ctx context.Context, what int, i Incident) {
	if r.odd[what].Swap(int64(i.Numbers)) != int64(i.Numbers) && i.Numbers > 0 {
		r.config.reporter.report(ctx, i)
	}
}

func (r *RedisChecker) noRules() *Error {
	return &Error{Code: CodeListMissing, List: r.geoList(), Hint: fmt.Sprintf(
		"key %q does not exist: geo rules are required once WithGeoRules is given; leave it out if there are none", r.config.geoKey)}
}

// sampleRules looks at 100 fields of a hash that is asked field by field: there only "+1900" and
// "1900" can be found.
func (r *RedisChecker) sampleRules(ctx context.Context) *Error {
	list := r.geoList()
	replies, f := r.rdb.Pipe(ctx, r.config.geoKey, redisconn.Cmd{"hrandfield", r.config.geoKey, sampleSize})
	if f != nil {
		return storeError(list, f)
	}
	sample, ok := redisconn.Strings(replies[0])
	if !ok {
		return storeError(list, redisconn.Malformed("HRANDFIELD has an element that is not a string"))
	}
	bad := 0
	for _, field := range sample {
		if !isAsked(field) {
			bad++
		}
	}
	e := &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf(
		"fields that are not a prefix: %d of %d in the sample; in a hash of more than %d fields a prefix is written \"+1900\" or \"1900\"", bad, len(sample), maxGeoFields)}
	if bad > 0 && bad*10 >= len(sample) {
		return e
	}
	r.reportOdd(ctx, 1, Incident{Event: EventGeoRuleInvalid, List: list, Numbers: bad, Err: e})
	return nil
}

// scanRules reads the next pages of a hash that is asked field by field. It returns what the rules
// are misconfigured for: a field that says something of numbers in a spelling that nobody asks for.
func (r *RedisChecker) scanRules(ctx context.Context) *Error {
	list := r.geoList()
	return r.rules.read(ctx, r.rdb, "hscan", 5, list, r.config.geoKey, func(fields []string) *Error {
		for i := 0; i+1 < len(fields); i += 2 {
			if isAsked(fields[i]) {
				continue
			}
			var t geoTable
			if t.add(fields[i], fields[i+1]); len(t.rules.nodes) > 0 {
				return &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf("a field of the shape %q is not a prefix in the form that "+
					"checks ask for, so its rule would never match; in a hash of more than %d fields one is written \"+1900\" or \"1900\"",
					shapeOf(fields[i]), maxGeoFields)}
			}
		}
		return nil
	})
}

// isAsked reports whether askRules asks for a field.
func isAsked(field string) bool {
	digits, ok := cleanPrefix(field)
	return ok && strings.TrimPrefix(field, "+") == digits
}

// askRules asks a hash of too many rules to keep for every prefix of some numbers, in both
// spellings, each once.
func (q *question) askRules(ctx context.Context, ns []Number) (*geoTable, *Error) {
	c, list := &q.r.config, q.r.geoList()
	args := redisconn.Cmd{"hmget", c.geoKey}
	seen := make(map[string]struct{})
	var fields []string
	var buf [maxDigits + 1]byte
	for _, n := range ns {
		text := n.appendE164(buf[:0])
		for end := 2; end <= len(text); end++ {
			if _, ok := seen[string(text[:end])]; ok {
				continue
			}
			field := string(text[:end])
			seen[field] = struct{}{}
			fields = append(fields, field, field[1:])
		}
	}
	for i := range fields {
		args = append(args, &fields[i])
	}
	replies, f := q.r.rdb.Tx(ctx, c.geoKey, redisconn.Cmd{"hlen", c.geoKey}, args)
	if f != nil {
		return nil, storeError(list, f)
	}
	reply, ok := replies[1].([]any)
	if !ok || len(reply) != len(fields) {
		return nil, storeError(list, redisconn.Malformed(fmt.Sprintf("HMGET has %d elements for %d fields", len(reply), len(fields))))
	}
	if size, _ := replies[0].(int64); size <= 0 {
		return nil, q.r.noRules()
	}
	t := &geoTable{list: list}
	for i, v := range reply {
		switch text := v.(type) {
		case nil:
		case string:
			t.add(fields[i], text)
		default:
			return nil, storeError(list, redisconn.Malformed("an element of the reply to HMGET is not a string"))
		}
	}
	return t, nil
}
