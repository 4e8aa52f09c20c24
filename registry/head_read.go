package registry

import (
	"context"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/internal/redisconn"
)

// askHead is the part of a pipeline that shows whether a head is still the one in force.
func (s *store) askHead() *redisconn.Part {
	return s.headPart(s.headCmd)
}

// isCurrent reads its reply: whether h is in force.
func (s *store) isCurrent(p *redisconn.Part, h *head) (bool, *dnc.Error) {
	v, failure := s.readFields(p, 3)
	if failure != nil {
		return false, failure
	}
	gen, okGen := v[0].(string)
	version, okVersion := v[1].(string)
	stamp, _ := v[2].(string)
	return okGen && okVersion && h.same(gen, version, stamp), nil
}

// inForce asks whether a head still is.
func (s *store) inForce(ctx context.Context, h *head) (bool, *dnc.Error) {
	p := s.askHead()
	s.conn.PipeEach(ctx, p)
	return s.isCurrent(p, h)
}

// readHead reads all fields of the head.
func (s *store) readHead(ctx context.Context) (map[string]string, *dnc.Error) {
	p := s.headPart(redisconn.Cmd{"hgetall", s.keys.head})
	s.conn.PipeEach(ctx, p)
	return s.readMap(p)
}

// current reads the head that is in force.
func (r *Registry) current(ctx context.Context) (*head, *dnc.Error) {
	h, _, failure := r.read(ctx)
	return h, failure
}

// read reads the head that is in force. The fields are those of the reply. Where another goroutine
// saw a newer head meanwhile, the head is the newer one, and the fields are not its own.
func (r *Registry) read(ctx context.Context) (*head, map[string]string, *dnc.Error) {
	r.warned.Do(func() {
		if w := r.store.conn.Warning(); w != "" {
			r.store.warn(ctx, w, nil)
		}
	})
	least := r.heads.highestSeen() // what is read from here on is not lower, unless the server has an old copy
	f, failure := r.store.readHead(ctx)
	if failure != nil {
		return nil, nil, failure
	}
	h, failure := r.heads.accept(r.store, f, least)
	return h, f, failure
}

// currentFields reads the head that is in force, and its own fields: also those that a head does
// not keep.
func (r *Registry) currentFields(ctx context.Context) (*head, map[string]string, *dnc.Error) {
	for range maxTries {
		h, f, failure := r.read(ctx)
		if failure != nil {
			return nil, nil, failure
		}
		if h.same(f[fieldGen], f[fieldVer], f[fieldLoaded]) {
			return h, f, nil
		}
	}
	return nil, nil, r.store.errChanging()
}
