package registry

import (
	"context"
	"fmt"
)

// Delete removes the list and all its versions. From then on every number is Unknown, list_missing.
// Two counters stay in Redis, so that nothing takes a new list of the same name for the old one.
// Delete does not wait for replicas.
func (r *Registry) Delete(ctx context.Context) error {
	if e := r.notMade(); e != nil {
		return e
	}
	ctx, l, err := r.store.acquire(ctx, r.leaseFor)
	if err != nil {
		return err
	}
	defer l.release(context.WithoutCancel(ctx))
	f, failure := r.store.readHead(ctx)
	if failure != nil {
		return failure
	}
	last, _ := parseID(f[fieldNext])
	if f[fieldVer] == "" {
		if last > 0 { // what a Delete that was broken off has left; the new id fences an import that is held up
			key := r.store.keys.head
			if _, f := r.store.do(ctx, key, "hincrby", key, fieldNext, 1); f != nil {
				return r.store.failure(f)
			}
			if err := r.store.removeOld(ctx, last+1); err != nil {
				return err
			}
		}
		return fmt.Errorf("%w: there is no list %q", ErrNotFound, r.name)
	}
	err = r.store.switchHead(ctx, headSwitch{
		gen: f[fieldGen], next: f[fieldNext],
		remove: append([]string{fieldVer, fieldPrev}, metaFields...),
		set:    map[string]string{fieldGen: r.heads.after(f[fieldGen], r.firstGen())},
	})
	if err != nil {
		return err
	}
	return r.store.removeOld(ctx, last+1)
}
