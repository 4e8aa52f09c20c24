package registry

import (
	"context"
	"fmt"
	"time"
)

// Rollback puts the previous version in force again, and returns it. A second Rollback undoes the
// first. It refuses a version that is not complete any more (ErrNotFound) or is older than
// WithMaxAge (ErrRefused). An import that is running fails at its end (ErrSuperseded). Rollback
// does not wait for replicas.
func (r *Registry) Rollback(ctx context.Context) (Info, error) {
	if e := r.notMade(); e != nil {
		return Info{}, e
	}
	f, failure := r.store.readHead(ctx)
	if failure != nil {
		return Info{}, failure
	}
	if _, err := versionNumber(f[fieldPrev]); err != nil || f[fieldVer] == "" {
		return Info{}, fmt.Errorf("%w: list %q has no previous version", ErrNotFound, r.name)
	}
	meta, err := r.store.readMetaFields(ctx, f[fieldPrev])
	if err != nil {
		return Info{}, err
	}
	set := map[string]string{fieldGen: r.heads.after(f[fieldGen], r.firstGen()), fieldVer: f[fieldPrev], fieldPrev: f[fieldVer]}
	for _, name := range metaFields {
		set[name] = meta[name]
	}
	h, failure := r.store.parseHead(set)
	if failure != nil {
		return Info{}, fmt.Errorf("%w: version %s of list %q: %w", ErrNotFound, f[fieldPrev], r.name, failure)
	}
	if err := r.store.checkMarkers(ctx, h); err != nil {
		return Info{}, err
	}
	if old := h.tooOld(r.store, r.maxAge, time.Now()); old != nil {
		return Info{}, fmt.Errorf("%w: version %s of list %q would answer nothing: %w", ErrRefused, h.version, r.name, old)
	}
	if err := r.store.switchHead(ctx, headSwitch{gen: f[fieldGen], next: f[fieldNext], set: set}); err != nil {
		return Info{}, err
	}
	if info, err := r.Info(ctx); err == nil {
		return info, nil
	}
	return h.info(h.gen), nil // it is in force, also where it could not be read again
}

// checkMarkers refuses a version that has lost a shard.
func (s *store) checkMarkers(ctx context.Context, h *head) error {
	counts, err := s.readMarkers(ctx, h.prefix, h.sorted)
	if err != nil {
		return err
	}
	var total uint64
	for _, c := range counts {
		total += c
	}
	if total != h.count || len(counts) != len(h.shards) {
		return fmt.Errorf("%w: version %s of list %q is not complete any more", ErrNotFound, h.version, s.list)
	}
	return nil
}
