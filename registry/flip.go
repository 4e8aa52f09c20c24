package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
)

// Errors of Replace and Rollback that are not the store's, by errors.Is. The old version stays in force with each but the last two: with
// ErrReplicas the new one is if Report.Version is set, and after ErrUnsure Info tells.
var (
	ErrRefused    = errors.New("registry: refused")                      // the data or the arguments; the text says what to change
	ErrBusy       = errors.New("registry: another import is under way")  // try again later
	ErrSuperseded = errors.New("registry: overtaken by another change")  // a newer import or a rollback came between
	ErrNotFound   = errors.New("registry: there is no such version")     // no list, or no previous version to go back to
	ErrReplicas   = errors.New("registry: too few replicas have a copy") // see Import.Replicas; Report.Version is set if the new one is in force
	ErrUnsure     = errors.New("registry: the outcome is not known")     // Redis broke off while the version changed
)

func isNil(err error) bool { return errors.Is(err, redis.Nil) }

// flipScript changes the head if its generation and the last id handed out are what they were. ARGV: the
// generation, the id, the fields to remove (their number, then them), fields and values. A server without memory refuses HSET, and then
// nothing has changed.
const flipScript = `
local h = redis.call('HMGET', KEYS[1], 'gen', 'next')
if (h[1] or '') ~= ARGV[1] or (h[2] or '') ~= ARGV[2] then return 0 end
local n = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], unpack(ARGV, 4 + n))
for i = 4, 3 + n do redis.call('HDEL', KEYS[1], ARGV[i]) end
return 1`

// flip changes the head by compare-and-set, and finds out what came of it when the reply was lost.
func (r *Registry) flip(ctx context.Context, oldGen, next string, remove []string, set map[string]string) error {
	args := []any{"eval", flipScript, 1, r.key, oldGen, next, len(remove)}
	for _, f := range remove {
		args = append(args, f)
	}
	for f, v := range set {
		args = append(args, f, v)
	}
	reply, err := r.do(ctx, args...)
	switch {
	case err == nil && reply == int64(1):
		return nil
	case err == nil && reply != int64(0):
		return r.malformed("EVAL answers neither 0 nor 1")
	case outOfMemory(err):
		return err // it is not carried out, and a server like that hands out no id either
	}
	// Another change came first, or this one arrived and its reply did not. Without a reply it may even be under way still: handing out
	// one more id makes sure that it does not arrive later. After a reply there is nothing to fence, and the id would be in the way of
	// the other change.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for try := range 8 {
		var fenceErr error
		if err != nil {
			_, fenceErr = r.do(after, "hincrby", r.key, fieldNext, 1)
		}
		if fenceErr == nil {
			now, failure := r.readHead(after)
			switch {
			case failure != nil:
			case now[fieldGen] == set[fieldGen] && now[fieldVer] == set[fieldVer] && now[fieldLoaded] == set[fieldLoaded]:
				return nil
			case err != nil:
				return err
			case now[fieldGen] == oldGen && lower(now[fieldNext], next):
				return r.fail(dnc.CodeListStale, "the server was restored from an old copy while the version changed: do it again")
			default:
				return fmt.Errorf("%w: list %q: version %s came into force before this one", ErrSuperseded, r.name, orNone(now[fieldVer]))
			}
		}
		if !pause(after, time.Duration(try+1)*100*time.Millisecond) {
			break
		}
	}
	if err == nil {
		return ErrUnsure
	}
	return fmt.Errorf("%w: %w", ErrUnsure, err)
}

func lower(a, b string) bool {
	x, _ := parseID(a)
	y, _ := parseID(b)
	return x < y
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// Rollback puts the previous version in force again; the one it replaces is the previous then, so a second Rollback undoes the first. It
// refuses a version that is not complete any more (ErrNotFound) or older than WithMaxAge (ErrRefused). An import that is under way fails when
// it ends. It waits for no replica. It returns what is in force then.
func (r *Registry) Rollback(ctx context.Context) (Info, error) {
	f, failure := r.readHead(ctx)
	if failure != nil {
		return Info{}, failure
	}
	if _, err := versionNumber(f[fieldPrev]); err != nil || f[fieldVer] == "" {
		return Info{}, fmt.Errorf("%w: list %q has no previous version", ErrNotFound, r.name)
	}
	meta, err := r.readMeta(ctx, f[fieldPrev])
	if err != nil {
		return Info{}, err
	}
	set := map[string]string{fieldGen: r.raise(f[fieldGen]), fieldVer: f[fieldPrev], fieldPrev: f[fieldVer]}
	for _, name := range metaFields {
		set[name] = meta[name]
	}
	h, failure := r.parseHead(set)
	if failure != nil {
		return Info{}, fmt.Errorf("%w: version %s of list %q: %w", ErrNotFound, f[fieldPrev], r.name, failure)
	}
	counts, err := r.markers(ctx, h)
	if err != nil {
		return Info{}, err
	}
	var total uint64
	for _, c := range counts {
		total += c
	}
	if total != h.count || len(counts) != len(h.shards) {
		return Info{}, fmt.Errorf("%w: version %s of list %q is not complete any more", ErrNotFound, h.version, r.name)
	}
	if old := h.aged(r, time.Now()); old != nil {
		return Info{}, fmt.Errorf("%w: version %s of list %q would answer nothing: %w", ErrRefused, h.version, r.name, old)
	}
	if err := r.flip(ctx, f[fieldGen], f[fieldNext], nil, set); err != nil {
		return Info{}, err
	}
	if info, err := r.Info(ctx); err == nil {
		return info, nil
	}
	return h.info(h.gen), nil // it is in force, also where it could not be read again
}

// Delete removes a list and all its versions, the head first: from then on its numbers are list_missing. Its generation and the
// last id handed out stay, so that a list of the same name cannot be taken for an old one. It waits for no replica.
func (r *Registry) Delete(ctx context.Context) error {
	ctx, l, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	defer l.release(context.WithoutCancel(ctx))
	f, failure := r.readHead(ctx)
	if failure != nil {
		return failure
	}
	last, _ := parseID(f[fieldNext])
	if f[fieldVer] == "" {
		if last > 0 { // what a Delete that was broken off has left; the id stops an import that is held up and would go on
			if _, err := r.do(ctx, "hincrby", r.key, fieldNext, 1); err != nil {
				return err
			}
			if err := r.sweep(ctx, last+1); err != nil {
				return err
			}
		}
		return fmt.Errorf("%w: there is no list %q", ErrNotFound, r.name)
	}
	gone := append([]string{fieldVer, fieldPrev}, metaFields...)
	if err := r.flip(ctx, f[fieldGen], f[fieldNext], gone, map[string]string{fieldGen: r.raise(f[fieldGen])}); err != nil {
		return err
	}
	return r.sweep(ctx, last+1)
}

// markers reads the counts in the completeness markers of a version's shards. A shard without one is left out.
func (r *Registry) markers(ctx context.Context, h *head) (map[uint64]uint64, error) {
	counts := make(map[uint64]uint64, len(h.shards))
	for from := 0; from < len(h.sortedShard); from += maxFields {
		part := h.sortedShard[from:min(from+maxFields, len(h.sortedShard))]
		p := r.rdb.Pipeline()
		cmds := make([]*redis.Cmd, len(part))
		for i, s := range part {
			cmds[i] = p.Do(ctx, "hmget", h.prefix+strconv.FormatUint(s, 10), markerField)
		}
		_, _ = p.Exec(ctx)
		for i, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				if redis.HasErrorPrefix(err, "WRONGTYPE") {
					continue // something else has written there
				}
				return nil, r.storeError(ctx, err)
			}
			v, ok := cmd.Val().([]any)
			if !ok || len(v) != 1 {
				return nil, r.malformed("HMGET answers no array of its fields")
			}
			text, _ := v[0].(string)
			if n, err := strconv.ParseUint(text, 10, 63); err == nil {
				counts[part[i]] = n
			}
		}
	}
	return counts, nil
}
