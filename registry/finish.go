package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
)

// verify reads everything back, after the markers were written: a failover in the course of the import may have lost blocks that were
// acknowledged, and markers are written again where replicas are waited for.
func (i *importing) verify(ctx context.Context) error {
	return i.r.walk(ctx, i.r.key+":"+i.id+":", i.sorted(), func(shard uint64, f map[string]string) *dnc.Error {
		t := i.w.shards[shard]
		c, problem := readContents(f)
		if problem == "" && !t.matches(&c) {
			problem = "has not what was written"
		}
		if problem != "" {
			return i.w.lost(shard, problem)
		}
		return nil
	})
}

// mark writes the completeness markers, and what is kept of the version beside the head, and waits for the replicas.
func (i *importing) mark(ctx context.Context) error {
	var writes [][]any
	for _, s := range i.sorted() {
		writes = append(writes, []any{"hset", i.w.key(s), markerField, strconv.FormatUint(i.w.shards[s].numbers, 10)})
	}
	i.loaded = time.Now().UTC().Format(time.RFC3339Nano)
	meta := []any{"hset", i.r.metaKey(i.id)}
	for f, v := range i.meta() {
		meta = append(meta, f, v)
	}
	counts := make([]string, 0, len(i.w.shards))
	for _, s := range i.sorted() {
		counts = append(counts, strconv.FormatUint(i.w.shards[s].numbers, 10))
	}
	meta = append(meta, fieldCounts, strings.Join(counts, ","))
	if kept, err := i.adopt(ctx); err != nil {
		return err
	} else if kept != nil {
		writes = append(writes, kept)
	}
	if err := i.r.announce(ctx, i.id, i.sorted()); err != nil { // also a version without a shard: it has its meta to remove
		return err
	}
	return i.r.replicated(ctx, append(writes, meta), i.imp.Replicas, i.imp.ReplicaTimeout)
}

// adopt has a version in force that another tool wrote, the head and the shards alone, kept for a rollback and removed in its time like
// any other. It returns the write of what is kept beside the head, nil where that is there.
func (i *importing) adopt(ctx context.Context) ([]any, error) {
	if i.old == nil || i.unread || i.base[fieldVer] != i.old.version {
		return nil, nil
	}
	if _, err := i.r.readMeta(ctx, i.old.version); !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err := i.r.announce(ctx, i.old.version, i.old.sortedShard); err != nil {
		return nil, err
	}
	kept := []any{"hset", i.r.metaKey(i.old.version)}
	for _, f := range metaFields {
		kept = append(kept, f, i.base[f])
	}
	return kept, nil
}

func (i *importing) meta() map[string]string {
	shards := make([]string, 0, len(i.w.shards))
	for _, s := range i.sorted() {
		shards = append(shards, strconv.FormatUint(s, 10))
	}
	return map[string]string{
		fieldCount: strconv.FormatInt(i.report.Numbers, 10), fieldShards: strings.Join(shards, ","),
		fieldSource: i.imp.Source, fieldSHA256: i.imp.SHA256, fieldObtained: i.imp.Obtained.UTC().Format(time.RFC3339),
		fieldLoaded: i.loaded, fieldCoverage: strings.Join(i.covered.strings(), ","),
	}
}

// put puts the new version in force.
func (i *importing) put(ctx context.Context) error {
	i.switching = true
	set := i.meta()
	set[fieldGen], set[fieldVer], set[fieldPrev] = i.r.raise(i.base[fieldGen]), i.id, i.base[fieldVer]
	if err := i.r.flip(ctx, i.base[fieldGen], strconv.FormatUint(i.n, 10), nil, set); err != nil {
		return err
	}
	i.report.Version = i.id
	if i.imp.Replicas == 0 {
		return nil
	}
	touch := []any{"eval", touchScript, 1, i.r.key, set[fieldGen]}
	switch err := i.r.replicated(ctx, [][]any{touch}, i.imp.Replicas, i.imp.ReplicaTimeout); {
	case errors.Is(err, ErrSuperseded): // the lease was lost: nothing came between
		return fmt.Errorf("%w: list %q: version %s is in force, but the lease was lost before they were counted", ErrReplicas, i.r.name, i.id)
	case err != nil:
		return fmt.Errorf("registry: list %q: version %s is in force, but: %w", i.r.name, i.id, err)
	}
	return nil
}

// overtaken reports whether another import has begun since this one did.
func (i *importing) overtaken(ctx context.Context) bool {
	if i.id == "" || i.switching || ctx.Err() != nil {
		return false
	}
	f, failure := i.r.readHead(ctx)
	next, err := parseID(f[fieldNext])
	return failure == nil && err == nil && next > i.n // a lower one is a server that was restored from an old copy
}

// discard removes the keys of an import that failed.
func (i *importing) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	f, failure := i.r.readHead(ctx)
	if failure == nil && (f[fieldVer] == i.id || f[fieldPrev] == i.id) {
		return // the switch had arrived after all
	}
	var err error = failure
	if failure == nil {
		var written []uint64
		if i.w != nil { // another import may have swept what was put down before this one wrote the rest
			written = i.sorted()
		}
		err = i.r.remove(ctx, i.id, written...)
	}
	if err != nil {
		i.r.warn(ctx, "the remains of an import could not be removed; the next import will", err)
	}
}
