package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/dnc-go/dnc/internal/redisconn"
)

const maxFields = 128 // of one HMGET, and commands of one pipeline that removes or counts

// errMeta is a meta key whose fields cannot be read.
var errMeta = errors.New("what is kept of it cannot be read")

// readMetaFields reads what is kept of a version beside the head.
func (s *store) readMetaFields(ctx context.Context, version string) (map[string]string, error) {
	key := s.keys.meta(version)
	p := part(key, redisconn.Cmd{"hgetall", key})
	s.conn.PipeEach(ctx, p)
	f, failure := s.readMap(p)
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
	for some := range slices.Chunk(shards, maxFields) {
		parts := make([]*redisconn.Part, len(some))
		for i, shard := range some {
			key := prefix + uintText(shard)
			parts[i] = part(key, redisconn.Cmd{"hmget", key, markerField})
		}
		s.conn.PipeEach(ctx, parts...)
		for i, p := range parts {
			if p.Fault != nil && p.Fault.WrongType {
				continue // something else has written there
			}
			v, failure := s.readFields(p, 1)
			if failure != nil {
				return nil, failure
			}
			text, _ := v[0].(string)
			if n, err := strconv.ParseUint(text, 10, 63); err == nil {
				counts[some[i]] = n
			}
		}
	}
	return counts, nil
}

// recordShards records that a version has keys for shards, before they are written: whoever cleans
// up later finds them by this record.
func (s *store) recordShards(ctx context.Context, version string, shards []uint64) error {
	if failure := s.doAll(ctx, s.record(version, shards)...); failure != nil {
		return failure
	}
	return nil
}

// record is the parts that do it.
func (s *store) record(version string, shards []uint64) []*redisconn.Part {
	versions, key := s.keys.versions(), s.keys.shards(version)
	parts := []*redisconn.Part{part(versions, redisconn.Cmd{"sadd", versions, version})}
	if len(shards) == 0 {
		return parts
	}
	cmd := redisconn.Cmd{"sadd", key}
	for _, shard := range shards {
		cmd = append(cmd, uintText(shard))
	}
	return append(parts, part(key, cmd))
}

// removeOld removes the keys of all versions whose number is below a limit, except for the one in
// force and the previous one: those that were replaced, and those that an import left behind when
// it died. A version with a higher number belongs to an import that began later.
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
	for some := range slices.Chunk(keys, maxFields) {
		var parts []*redisconn.Part
		for _, key := range some {
			parts = append(parts, part(key, redisconn.Cmd{"unlink", key}))
		}
		if failure := s.doAll(ctx, parts...); failure != nil {
			return failure
		}
	}
	recorded, versions := s.keys.shards(version), s.keys.versions()
	for _, last := range []*redisconn.Part{
		part(recorded, redisconn.Cmd{"unlink", recorded}),
		part(versions, redisconn.Cmd{"srem", versions, version}),
	} {
		if failure := s.doAll(ctx, last); failure != nil {
			return failure
		}
	}
	return nil
}
