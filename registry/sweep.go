package registry

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"
)

func (r *Registry) importsKey() string              { return r.key + ":imports" }
func (r *Registry) shardsKey(version string) string { return r.key + ":" + version + ":shards" }

// announce puts shards down as keys of a version, before they are written.
func (r *Registry) announce(ctx context.Context, id string, shards []uint64) error {
	args := []any{"sadd", r.shardsKey(id)}
	for _, s := range shards {
		args = append(args, strconv.FormatUint(s, 10))
	}
	p := r.rdb.Pipeline()
	cmds := []*redis.Cmd{p.Do(ctx, "sadd", r.importsKey(), id)}
	if len(shards) > 0 {
		cmds = append(cmds, p.Do(ctx, args...))
	}
	_, _ = p.Exec(ctx)
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			r.reload(ctx)
			return r.storeError(ctx, err)
		}
	}
	return nil
}

// sweep removes the keys of all versions of a lower id but the one in force and the previous one: those that an import left behind when
// it crashed, and those that were replaced. A higher id is an import that began later.
func (r *Registry) sweep(ctx context.Context, below uint64) error {
	f, failure := r.readHead(ctx)
	if failure != nil {
		return failure
	}
	versions, err := r.members(ctx, r.importsKey())
	if err != nil {
		return err
	}
	for _, v := range versions {
		id, err := versionNumber(v)
		if err != nil || id >= below || v == f[fieldVer] || v == f[fieldPrev] {
			continue
		}
		if err := r.remove(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// remove unlinks the keys of a version, those that were put down and those that are given, and forgets it last.
func (r *Registry) remove(ctx context.Context, version string, known ...uint64) error {
	shards, err := r.members(ctx, r.shardsKey(version))
	if err != nil {
		return err
	}
	for _, s := range known {
		shards = append(shards, strconv.FormatUint(s, 10))
	}
	keys := make([]string, 0, len(shards)+2)
	for _, s := range shards {
		keys = append(keys, r.key+":"+version+":"+s)
	}
	keys = append(keys, r.metaKey(version))
	for from := 0; from < len(keys); from += maxFields {
		p := r.rdb.Pipeline()
		var cmds []*redis.Cmd
		for _, k := range keys[from:min(from+maxFields, len(keys))] {
			cmds = append(cmds, p.Do(ctx, "unlink", k)) // one key a command: they are on different nodes of a cluster
		}
		_, _ = p.Exec(ctx)
		for _, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return r.storeError(ctx, err)
			}
		}
	}
	for _, cmd := range [][]any{{"unlink", r.shardsKey(version)}, {"srem", r.importsKey(), version}} {
		if _, err := r.do(ctx, cmd...); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) members(ctx context.Context, key string) ([]string, error) {
	reply, err := r.do(ctx, "smembers", key)
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
		return nil, r.malformed("SMEMBERS answers no set")
	}
	return out, nil
}
