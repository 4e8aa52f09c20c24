package dnc

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// geoListName is the name that reasons of geo rules carry: "geo_rules" for the key "dnc:geo_rules".
func geoListName(key string) string { return strings.TrimPrefix(key, "dnc:") }

// readRules reads all rules into a table, or finds that there are too many for that.
func (r *RedisChecker) readRules(ctx context.Context, v *view, fields *redis.IntCmd) {
	list := r.geoList()
	if err := fields.Err(); err != nil {
		v.geoErr = storeError(ctx, list, err)
		return
	}
	if fields.Val() == 0 {
		v.geoErr = r.noRules()
		return
	}
	if fields.Val() > maxGeoFields {
		v.geoErr = r.sampleRules(ctx)
		v.geo, v.large = nil, true
		return
	}
	p := r.rdb.Pipeline()
	all := p.HGetAll(ctx, r.config.geoKey)
	if err := run(ctx, list, p, all); err != nil {
		v.geoErr = err
		return
	}
	if len(all.Val()) == 0 { // gone since it was counted
		v.geoErr = r.noRules()
		return
	}
	t := &geoTable{list: list}
	for field, value := range all.Val() {
		t.add(field, value)
	}
	r.reportOdd(ctx, 1, Incident{Event: EventGeoRules, List: t.list, Numbers: t.invalid, Err: t.invalidError()})
	v.geo, v.large, v.geoErr = t, false, nil
}

// reportOdd reports what cannot be read, once for each count that a look finds.
func (r *RedisChecker) reportOdd(ctx context.Context, what int, i Incident) {
	if r.odd[what].Swap(int64(i.Numbers)) != int64(i.Numbers) && i.Numbers > 0 {
		r.config.reporter.report(ctx, i)
	}
}

func (r *RedisChecker) noRules() *Error {
	return &Error{Code: CodeListMissing, List: r.geoList(), Hint: fmt.Sprintf(
		"key %q does not exist: geo rules are required once WithGeoRules is given", r.config.geoKey)}
}

// sampleRules looks at 100 fields of a hash that is asked field by field: there only "+1900" and "1900" can be found.
func (r *RedisChecker) sampleRules(ctx context.Context) *Error {
	list := r.geoList()
	p := r.rdb.Pipeline()
	sample := p.HRandField(ctx, r.config.geoKey, sampleSize)
	if err := run(ctx, list, p, sample); err != nil {
		return err
	}
	bad := 0
	for _, field := range sample.Val() {
		if digits, ok := cleanPrefix(field); !ok || strings.TrimPrefix(field, "+") != digits {
			bad++
		}
	}
	e := &Error{Code: CodeStoreMisconfigured, List: list, Hint: fmt.Sprintf(
		"%d of %d sampled fields are no prefix; in a hash of more than %d fields one is written \"+1900\" or \"1900\"", bad, len(sample.Val()), maxGeoFields)}
	if bad > 0 && bad*10 >= len(sample.Val()) {
		return e
	}
	r.reportOdd(ctx, 1, Incident{Event: EventGeoRules, List: list, Numbers: bad, Err: e})
	return nil
}

// askRules asks a hash of too many rules to keep for every prefix of some numbers, in both spellings, each once.
func (q *question) askRules(ctx context.Context, ns []Number) (*geoTable, *Error) {
	c, list := &q.r.config, q.r.geoList()
	args := []any{"hmget", c.geoKey}
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
	size := redis.NewIntCmd(ctx, "hlen", c.geoKey)
	values := redis.NewCmd(ctx, args...)
	tx := q.r.rdb.TxPipeline()
	_ = tx.Process(ctx, size)
	_ = tx.Process(ctx, values)
	if err := run(ctx, list, tx, size, values); err != nil {
		return nil, err
	}
	reply, ok := values.Val().([]any)
	if !ok || len(reply) != len(fields) {
		return nil, malformed(list, fmt.Sprintf("HMGET has %d elements for %d fields", len(reply), len(fields)))
	}
	if size.Val() <= 0 {
		return nil, q.r.noRules()
	}
	t := &geoTable{list: list}
	for i, v := range reply {
		switch text := v.(type) {
		case nil:
		case string:
			t.add(fields[i], text)
		default:
			return nil, malformed(list, "an element of HMGET is no string")
		}
	}
	return t, nil
}
