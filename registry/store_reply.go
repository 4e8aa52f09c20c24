package registry

import (
	"context"
	"strconv"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// readMap reads the reply of HGETALL.
func (s *store) readMap(p *redisconn.Part) (map[string]string, *dnc.Error) {
	if p.Fault != nil {
		return nil, s.failure(p.Fault)
	}
	f, ok := redisconn.Fields(p.Replies[0])
	if !ok {
		return nil, s.malformed("HGETALL answers no map of strings")
	}
	return f, nil
}

// readFields reads the reply of HMGET: n elements, each nil or a string.
func (s *store) readFields(p *redisconn.Part, n int) ([]any, *dnc.Error) {
	if p.Fault != nil {
		return nil, s.failure(p.Fault)
	}
	v, ok := p.Replies[0].([]any)
	if !ok || len(v) != n {
		return nil, s.malformed("HMGET answers no array of its fields")
	}
	for _, x := range v {
		if _, ok := x.(string); !ok && x != nil {
			return nil, s.malformed("HMGET answers something that is not a string")
		}
	}
	return v, nil
}

// readBlocks reads the reply of HMGET for the marker of a shard and n of its fields. It returns the
// fields: nil, or a string that is a block.
func (s *store) readBlocks(p *redisconn.Part, h *head, shard uint64, n int) ([]any, *dnc.Error) {
	v, failure := s.readFields(p, n+1)
	if failure != nil {
		return nil, failure
	}
	marker, ok := v[0].(string)
	if !ok {
		return nil, s.errIncomplete(h, shard, "has no completeness marker")
	}
	if _, err := strconv.ParseUint(marker, 10, 63); err != nil {
		return nil, s.errIncomplete(h, shard, "has a completeness marker that is not a count")
	}
	for _, b := range v[1:] {
		if b, ok := b.(string); ok && (b == "" || block.Check(b) != nil) { // nobody writes an empty one
			return nil, s.errIncomplete(h, shard, "has a block of a length that no block has")
		}
	}
	return v[1:], nil
}

// members reads a SET.
func (s *store) members(ctx context.Context, key string) ([]string, error) {
	reply, f := s.do(ctx, key, "smembers", key)
	if f != nil {
		return nil, s.failure(f)
	}
	out, ok := redisconn.Strings(reply)
	if !ok {
		return nil, s.malformed("SMEMBERS answers no strings")
	}
	return out, nil
}

// errIncomplete says what a shard of the version in force has or lacks.
func (s *store) errIncomplete(h *head, shard uint64, what string) *dnc.Error {
	return s.fail(dnc.CodeListIncomplete, "shard "+shardName(shard)+" of version "+h.version+" "+what+
		": it was evicted, lost or is being written by something else; import the list again")
}

// shardName is how an error names a shard: the digits its numbers begin with.
func shardName(shard uint64) string { return short(strconv.FormatUint(shard, 10)) }

// short is at most six digits: more of them come near to a number.
func short(name string) string {
	if len(name) > 6 {
		return name[:6] + "..."
	}
	return name
}
