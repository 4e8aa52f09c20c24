package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Info describes one version of a list.
type Info struct {
	Version    string    // its id, as "7-kqbdwpzm": what is before the hyphen grows with each import
	Generation uint64    // raised by every import and every rollback; 0 of a version that is not in force
	Numbers    uint64    // how many numbers it has
	Shards     int       // in how many keys: for North America, area codes
	Coverage   []string  // the digit prefixes it speaks for
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

// Info reads the version in force. Without one the error is list_missing.
func (r *Registry) Info(ctx context.Context) (Info, error) {
	h, failure := r.current(ctx)
	if failure != nil {
		return Info{}, failure
	}
	return h.info(h.gen), nil
}

// Versions reads the version in force and, after it, the previous one, where there is one to roll back to.
func (r *Registry) Versions(ctx context.Context) ([]Info, error) {
	h, failure := r.current(ctx)
	if failure != nil {
		return nil, failure
	}
	all := []Info{h.info(h.gen)}
	f, failure := r.readHead(ctx) // a rollback does not change what a head that was kept says of its previous version, but an import does
	if failure != nil {
		return nil, failure
	}
	if f[fieldPrev] == "" {
		return all, nil
	}
	meta, err := r.readMeta(ctx, f[fieldPrev])
	if errors.Is(err, ErrNotFound) {
		return all, nil // nothing to roll back to
	}
	if err != nil {
		return nil, err
	}
	meta[fieldVer], meta[fieldGen] = f[fieldPrev], "1"
	previous, failure := r.parseHead(meta)
	if failure != nil {
		return nil, fmt.Errorf("registry: version %s of list %q: %w", f[fieldPrev], r.name, failure)
	}
	return append(all, previous.info(0)), nil
}

func (r *Registry) metaKey(version string) string { return r.key + ":" + version + ":meta" }

// readMeta reads what is kept of a version beside the head.
func (r *Registry) readMeta(ctx context.Context, version string) (map[string]string, error) {
	p := r.rdb.Pipeline()
	cmd := p.Do(ctx, "hgetall", r.metaKey(version))
	_, _ = p.Exec(ctx)
	f, failure := r.readMap(ctx, cmd)
	if failure != nil {
		return nil, failure
	}
	if len(f) == 0 {
		return nil, fmt.Errorf("%w: nothing is kept of version %s of list %q", ErrNotFound, version, r.name)
	}
	return f, nil
}
