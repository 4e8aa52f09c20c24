package registry

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/dnc-go/dnc"
)

// Registry is a very large list in Redis that is replaced as a whole: a [dnc.Checker], and the
// importer of the list. Make it with [New]. It is safe for concurrent use.
//
// A number is allowed only if one error-free round trip finds the list's head, the completeness
// marker of the number's shard and the block that would name it, if the head is the one in force,
// if the number lies within the coverage, and if the data is not older than [WithMaxAge]. A version
// lower than one that this Registry has seen is list_stale: a primary that was restarted from an
// old dump, or was cut off, answers like that. A new process has seen no version, and cannot know.
//
// The rights that checking needs (Redis ACL), of a list named national:
//
//	%R~dnc:list:national %R~dnc:list:national:* -@all +hmget +hgetall +role +hello +auth +ping +client +select, and in a cluster
//	+cluster|slots +cluster|shards +cluster|nodes +command +readonly +asking
//
// and importing besides:
//
//	~dnc:list:national ~dnc:list:national:* +hset +hdel +hincrby +unlink +sadd +srem +smembers +set +get +eval +pexpire +del +wait
type Registry struct {
	name string
	config
	store   *store
	heads   headCache
	scratch sync.Pool // of *scratch
	warned  sync.Once // about the client's options
}

var listName = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// New makes the Registry of a name, 1 to 64 of a-z, 0-9 and _: its keys begin with
// "dnc:list:<name>", and a listed number has the reason dnc_<name>. It dials nothing. The client
// stays the caller's to close. Errors wrap [dnc.ErrOption] and say what to change.
func New(rdb dnc.RedisClient, name string, opts ...Option) (*Registry, error) {
	if !listName.MatchString(name) {
		return nil, fmt.Errorf("%w: a list's name is 1 to 64 of a-z, 0-9 and _", dnc.ErrOption)
	}
	r := &Registry{name: name, config: config{
		maxAge: defaultMaxAge, refresh: defaultRefresh, maxLag: defaultMaxLag, connections: defaultConnections,
		leaseFor: defaultLease, suffix: newSuffix, firstGen: minutes,
	}}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("%w: an Option is nil", dnc.ErrOption)
		}
		if err := o(&r.config); err != nil {
			return nil, err
		}
	}
	var err error
	if r.store, err = newStore(rdb, name, &r.config); err != nil {
		return nil, err
	}
	r.scratch.New = func() any { return new(scratch) }
	return r, nil
}

// notMade is the error of the zero Registry, nil for one that New has made.
func (r *Registry) notMade() *dnc.Error {
	if r != nil && r.store != nil {
		return nil
	}
	return &dnc.Error{Code: dnc.CodeCheckerFailed, Hint: "this Registry was not made by New: call registry.New"}
}
