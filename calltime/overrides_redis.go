package calltime

import (
	"context"
	"strconv"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// OverridesKey is the key of the HASH that RedisOverrides reads. Its fields are those of
// OverrideFile.
const OverridesKey = "dnc:hours:overrides"

// RedisOverrides reads overrides from the HASH dnc:hours:overrides, and compares the server's clock
// with that of this process. It uses only answers of a primary. The client must be one that
// dnc.NewRedisChecker accepts.
func RedisOverrides(rdb dnc.RedisClient) (OverrideSource, error) {
	conn, err := redisconn.Open(rdb, redisconn.Settings{})
	if err != nil {
		return nil, bad("%w", err)
	}
	return OverrideFunc(func(ctx context.Context) (Overrides, error) {
		replies, f := conn.Tx(ctx, OverridesKey, redisconn.Cmd{"hgetall", OverridesKey}, redisconn.Cmd{"time"})
		if f != nil {
			return Overrides{}, &dnc.Error{Code: f.Code(), List: overridesList, Hint: f.Hint, Err: f.Err}
		}
		fields, ok := redisconn.Fields(replies[0])
		now, ok2 := serverTime(replies[1])
		if !ok || !ok2 {
			return Overrides{}, &dnc.Error{
				Code: dnc.CodeStoreMisconfigured, List: overridesList, Hint: "the reply to HGETALL is not a map of strings, or that to TIME is not a time",
			}
		}
		if len(fields) == 0 {
			return Overrides{}, &dnc.Error{Code: dnc.CodeListMissing, List: overridesList, Hint: "the key \"" + OverridesKey +
				"\" does not exist: write it with the field \"" + complete + "\", also when there are no overrides"}
		}
		out, err := parseOverrides(fields)
		out.Now = now
		return out, err
	}), nil
}

func serverTime(reply any) (time.Time, bool) {
	parts, ok := reply.([]any)
	if !ok || len(parts) != 2 {
		return time.Time{}, false
	}
	var n [2]int64
	for i, part := range parts {
		switch v := part.(type) {
		case int64:
			n[i] = v
		case string:
			var err error
			if n[i], err = strconv.ParseInt(v, 10, 64); err != nil {
				return time.Time{}, false
			}
		default:
			return time.Time{}, false
		}
	}
	return time.Unix(n[0], n[1]*1000), true
}
