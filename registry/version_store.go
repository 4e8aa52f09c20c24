package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

const maxFields = 128 // of one HMGET, and commands of one pipeline that removes or counts

// errMeta is a meta key whose fields cannot be read.
var errMeta = errors.New("what is kept of it cannot be read")

// readMetaFields reads what is kept of a version beside the head.
func (s *store) readMetaFields(ctx context.Context, version string) (map[string]string, error) {
	cmd := command(ctx, "hgetall", s.keys.meta(version))
	s.run(ctx, cmd)
	f, failure := s.readMap(ctx, cmd)
	if failure != nil {
		return nil, failure
	}
	if len(f) == 0 {
		return nil, fmt.Errorf("%w: nothing is kept of version %s of list %q", ErrNotFound, version, s.list)
	}
	return f, nil
}

// readMeta reads it as a head that is not in force.
func (s *store) readMeta(ctx context.Context, version string) (*head, error) {
	f, err := s.readMetaFields(ctx, version)
	if err != nil {
		return nil, err
	}
	f[fieldVer], f[fieldGen] = version, "1"
	h, failure := s.parseHead(f)
	if failure != nil {
		return nil, fmt.Errorf("registry: version %s of list %q: %w: %w", version, s.list, errMeta, failure)
	}
	return h, nil
}

// readMarkers reads the counts in the completeness markers of a version's shards. A shard without
// one is left out.
func (s *store) readMarkers(ctx context.Context, prefix string, shards []uint64) (map[uint64]uint64, error) {
	counts := make(map[uint64]uint64, len(shards))
	for from := 0; from < len(shards); from += maxFields {
		part := shards[from:min(from+maxFields, len(shards))]
		cmds := make([]*redis.Cmd, len(part))
		for i, shard := range part {
			cmds[i] = command(ctx, "hmget", prefix+uintText(shard), markerField)
		}
		s.run(ctx, cmds...)
		for i, cmd := range cmds {
			if redis.HasErrorPrefix(cmd.Err(), "WRONGTYPE") {
				continue // something else has written there
			}
			v, failure := s.readFields(ctx, cmd, 1)
			if failure != nil {
				return nil, failure
			}
			text, _ := v[0].(string)
			if n, err := strconv.ParseUint(text, 10, 63); err == nil {
				counts[part[i]] = n
			}
		}
	}
	return counts, nil
}

// recordShards records that a version has keys for shards, before they are written: whoever cleans
// up later finds them by this record.
func (s *store) recordShards(ctx context.Context, version string, shards []uint64) error {
	cmds := []*redis.Cmd{command(ctx, "sadd", s.keys.versions(), version)}
	if len(shards) > 0 {
		args := []any{"sadd", s.keys.shards(version)}
		for _, shard := range shards {
			args = append(args, uintText(shard))
		}
		cmds = append(cmds, command(ctx, args...))
	}
	s.run(ctx, cmds...)
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			s.reload(ctx)
			return s.failure(ctx, err)
		}
	}
	return nil
}

// removeOld removes the keys of all versions whose number is below a limit, except for the one in
// force and the previous one: those that were replaced, and those that an import left behind when it
// died. A version with a higher number belongs to an import that began later.
func (s *store) removeOld(ctx context.Context, below uint64) error {
	f, failure := s.readHead(ctx)
	if failure != nil {
		return failure
	}
	versions, err := s.members(ctx, s.keys.versions())
	if err != nil {
		return err
	}
	for _, v := range versions {
		n, err := versionNumber(v)
		if err != nil || n >= below || v == f[fieldVer] || v == f[fieldPrev] {
			continue
		}
		if err := s.removeVersion(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// removeVersion unlinks the keys of a version: its recorded shards and those that are given. The
// record goes last, so that a removal that is broken off can be repeated.
func (s *store) removeVersion(ctx context.Context, version string, known ...uint64) error {
	shards, err := s.members(ctx, s.keys.shards(version))
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(shards)+len(known)+1)
	for _, shard := range shards {
		keys = append(keys, s.keys.prefix(version)+shard)
	}
	for _, shard := range known {
		keys = append(keys, s.keys.shard(version, shard))
	}
	keys = append(keys, s.keys.meta(version))
	for from := 0; from < len(keys); from += maxFields {
		var cmds []*redis.Cmd
		for _, k := range keys[from:min(from+maxFields, len(keys))] {
			cmds = append(cmds, command(ctx, "unlink", k)) // one key a command: they are on different nodes of a cluster
		}
		s.run(ctx, cmds...)
		for _, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return s.failure(ctx, err)
			}
		}
	}
	for _, args := range [][]any{{"unlink", s.keys.shards(version)}, {"srem", s.keys.versions(), version}} {
		if _, err := s.do(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}
