package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// verify reads everything back after the markers were written. A failover in the course of the
// import may have lost blocks that were acknowledged, and markers are written again where replicas
// are waited for.
func (i *importer) verify(ctx context.Context) error {
	return i.s.readShards(ctx, i.s.keys.prefix(i.id), i.writer.sortedShards(), func(shard uint64, c *shardContents, problem string) *dnc.Error {
		if problem == "" && !i.writer.shards[shard].matches(c) {
			problem = "has not what was written"
		}
		if problem != "" {
			return i.writer.errLost(shard, problem)
		}
		return nil
	})
}

// writeMarkers writes the completeness markers, and what is kept of the version beside the head,
// and waits for the replicas.
func (i *importer) writeMarkers(ctx context.Context) error {
	shards := i.writer.sortedShards()
	var writes []write
	counts := make([]string, 0, len(shards))
	for _, shard := range shards {
		count := strconv.FormatUint(i.writer.shards[shard].numbers, 10)
		key := i.s.keys.shard(i.id, shard)
		writes = append(writes, write{key, redisconn.Cmd{"hset", key, markerField, count}})
		counts = append(counts, count)
	}
	i.loaded = time.Now().UTC().Format(time.RFC3339Nano)
	key := i.s.keys.meta(i.id)
	meta := redisconn.Cmd{"hset", key, fieldCounts, strings.Join(counts, ",")}
	for f, v := range i.meta() {
		meta = append(meta, f, v)
	}
	kept, err := i.keepForeign(ctx)
	if err != nil {
		return err
	}
	writes = append(writes, kept...)
	if err := i.s.recordShards(ctx, i.id, shards); err != nil { // also a version without a shard: it has its meta to remove
		return err
	}
	return i.s.writeReplicated(ctx, append(writes, write{key, meta}), i.imp.Replicas, i.imp.ReplicaTimeout)
}

// keepForeign is for a version in force that another tool wrote, the head and the shards alone: it
// is kept for a rollback and removed in its time like any other. It returns the write of what is
// kept beside the head, none where that is there.
func (i *importer) keepForeign(ctx context.Context) ([]write, error) {
	if i.old == nil || i.unreadable || i.base[fieldVer] != i.old.version {
		return nil, nil
	}
	if _, err := i.s.readMetaFields(ctx, i.old.version); !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err := i.s.recordShards(ctx, i.old.version, i.old.sorted); err != nil {
		return nil, err
	}
	key := i.s.keys.meta(i.old.version)
	kept := redisconn.Cmd{"hset", key}
	for _, f := range metaFields {
		kept = append(kept, f, i.base[f])
	}
	return []write{{key, kept}}, nil
}

// meta is what the head says of the new version.
func (i *importer) meta() map[string]string {
	shards := i.writer.sortedShards()
	names := make([]string, len(shards))
	for at, shard := range shards {
		names[at] = strconv.FormatUint(shard, 10)
	}
	return map[string]string{
		fieldCount: strconv.FormatInt(i.report.Numbers, 10), fieldShards: strings.Join(names, ","),
		fieldSource: i.imp.Source, fieldSHA256: i.imp.SHA256, fieldObtained: i.imp.Obtained.UTC().Format(time.RFC3339),
		fieldLoaded: i.loaded, fieldCoverage: strings.Join(i.covered.strings(), ","),
	}
}

// putInForce switches the head to the new version, and waits for the replicas.
func (i *importer) putInForce(ctx context.Context) error {
	i.switching = true
	set := i.meta()
	set[fieldGen], set[fieldVer], set[fieldPrev] = i.r.heads.after(i.base[fieldGen], i.r.firstGen()), i.id, i.base[fieldVer]
	change := headSwitch{gen: i.base[fieldGen], next: strconv.FormatUint(i.number, 10), set: set}
	if err := i.s.switchHead(ctx, change); err != nil {
		return err
	}
	i.report.Version = i.id
	if i.imp.Replicas == 0 {
		return nil
	}
	key := i.s.keys.head
	touch := []write{{key, redisconn.Cmd{"eval", touchScript, 1, key, set[fieldGen]}}}
	switch err := i.s.writeReplicated(ctx, touch, i.imp.Replicas, i.imp.ReplicaTimeout); {
	case errors.Is(err, ErrSuperseded): // the lease was lost: nothing changed in between
		return fmt.Errorf("%w: list %q: version %s is in force, but the lease was lost before they were counted", ErrTooFewReplicas, i.r.name, i.id)
	case err != nil:
		return fmt.Errorf("registry: list %q: version %s is in force, but: %w", i.r.name, i.id, err)
	}
	return nil
}

// isSuperseded reports whether another import has begun since this one did.
func (i *importer) isSuperseded(ctx context.Context) bool {
	if i.id == "" || i.switching || ctx.Err() != nil {
		return false
	}
	f, failure := i.s.readHead(ctx)
	next, err := parseID(f[fieldNext])
	return failure == nil && err == nil && next > i.number // a lower one is a server that was restored from an old copy
}

const discardWithin = 10 * time.Second

// discard removes the keys of an import that failed.
func (i *importer) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardWithin)
	defer cancel()
	f, failure := i.s.readHead(ctx)
	if failure == nil && (f[fieldVer] == i.id || f[fieldPrev] == i.id) {
		return // the switch had arrived after all
	}
	var err error = failure
	if failure == nil {
		var written []uint64
		if i.writer != nil { // another import may have removed the record before this one wrote the rest
			written = i.writer.sortedShards()
		}
		err = i.s.removeVersion(ctx, i.id, written...)
	}
	if err != nil {
		i.s.warn(ctx, "the remains of an import could not be removed; the next import will", err)
	}
}
