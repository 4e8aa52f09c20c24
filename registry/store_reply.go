package registry

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/block"
)

// readMap reads the reply of HGETALL: a map with RESP3, a flat array with RESP2.
func (s *store) readMap(ctx context.Context, cmd *redis.Cmd) (map[string]string, *dnc.Error) {
	if err := cmd.Err(); err != nil {
		return nil, s.failure(ctx, err)
	}
	out := map[string]string{}
	put := func(k, v any) bool {
		key, ok1 := k.(string)
		value, ok2 := v.(string)
		out[key] = value
		return ok1 && ok2
	}
	switch reply := cmd.Val().(type) {
	case map[any]any:
		for k, v := range reply {
			if !put(k, v) {
				return nil, s.malformed("HGETALL answers something that is no string")
			}
		}
		return out, nil
	case []any:
		if len(reply)%2 == 0 {
			for i := 0; i < len(reply); i += 2 {
				if !put(reply[i], reply[i+1]) {
					return nil, s.malformed("HGETALL answers something that is no string")
				}
			}
			return out, nil
		}
	}
	return nil, s.malformed("HGETALL answers no map")
}

// readFields reads the reply of HMGET: n elements, each nil or a string.
func (s *store) readFields(ctx context.Context, cmd *redis.Cmd, n int) ([]any, *dnc.Error) {
	if err := cmd.Err(); err != nil {
		return nil, s.failure(ctx, err)
	}
	v, ok := cmd.Val().([]any)
	if !ok || len(v) != n {
		return nil, s.malformed("HMGET answers no array of its fields")
	}
	for _, x := range v {
		if _, ok := x.(string); !ok && x != nil {
			return nil, s.malformed("HMGET answers something that is no string")
		}
	}
	return v, nil
}

// readBlocks reads the reply of HMGET for the marker of a shard and n of its fields. It returns the
// fields: nil, or a string that is a block.
func (s *store) readBlocks(ctx context.Context, cmd *redis.Cmd, h *head, shard uint64, n int) ([]any, *dnc.Error) {
	v, failure := s.readFields(ctx, cmd, n+1)
	if failure != nil {
		return nil, failure
	}
	marker, ok := v[0].(string)
	if !ok {
		return nil, s.errIncomplete(h, shard, "has no completeness marker")
	}
	if _, err := strconv.ParseUint(marker, 10, 63); err != nil {
		return nil, s.errIncomplete(h, shard, "has a completeness marker that is no count")
	}
	for _, b := range v[1:] {
		if b, ok := b.(string); ok && (b == "" || block.Check(b) != nil) { // nobody writes an empty one
			return nil, s.errIncomplete(h, shard, "has a block of a length that no block has")
		}
	}
	return v[1:], nil
}

// members reads a SET: an array with RESP2, with RESP3 what the client makes of a set.
func (s *store) members(ctx context.Context, key string) ([]string, error) {
	reply, err := s.do(ctx, "smembers", key)
	if err != nil {
		return nil, err
	}
	var out []string
	put := func(x any) {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	switch v := reply.(type) {
	case []any:
		for _, x := range v {
			put(x)
		}
	case map[any]struct{}:
		for x := range v {
			put(x)
		}
	case map[any]any:
		for x := range v {
			put(x)
		}
	default:
		return nil, s.malformed("SMEMBERS answers no set")
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
