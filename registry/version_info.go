package registry

import (
	"context"
	"errors"
	"time"
)

// Info describes one version of a list.
type Info struct {
	Version    string    // its id, such as "7-kqbdwpzm"; the number before the hyphen grows with each import
	Generation uint64    // grows with every import and every rollback; 0 for a version that is not in force
	Numbers    uint64    // how many numbers it has
	Shards     int       // how many shards, that is Redis keys, it has: in North America one for each area code
	Coverage   []string  // the digit prefixes it covers
	Source     string    // where the data came from, as Replace was told
	SHA256     string    // of the data, as Replace was told
	Obtained   time.Time // when the data was obtained from its source
	Loaded     time.Time // when it was imported
}

func (h *head) info(gen uint64) Info {
	return Info{
		Version: h.version, Generation: gen, Numbers: h.count, Shards: len(h.shards), Coverage: h.coverage.strings(),
		Source: h.source, SHA256: h.sha256, Obtained: h.obtained, Loaded: h.loaded,
	}
}

// Info describes the version in force. If there is none, the error is list_missing.
func (r *Registry) Info(ctx context.Context) (Info, error) {
	if e := r.notMade(); e != nil {
		return Info{}, e
	}
	h, failure := r.current(ctx)
	if failure != nil {
		return Info{}, failure
	}
	return h.info(h.gen), nil
}

// Versions describes the version in force and, after it, the previous version, if there is one to
// roll back to.
func (r *Registry) Versions(ctx context.Context) ([]Info, error) {
	if e := r.notMade(); e != nil {
		return nil, e
	}
	for range maxTries {
		h, f, failure := r.currentFields(ctx)
		if failure != nil {
			return nil, failure
		}
		all := []Info{h.info(h.gen)}
		if f[fieldPrev] == "" {
			return all, nil
		}
		previous, err := r.store.readMeta(ctx, f[fieldPrev])
		if err == nil {
			return append(all, previous.info(0)), nil
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		current, failure := r.store.inForce(ctx, h) // an import removes the previous version of before
		switch {
		case failure != nil:
			return nil, failure
		case current:
			return all, nil // nothing to roll back to
		}
	}
	return nil, r.store.errChanging()
}
