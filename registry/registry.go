package registry

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/dnc-go/dnc"
)

// Registry is a very large list in Redis. It is a [dnc.Checker], and it imports and deletes
// versions of the list. Make it with [New]. It is safe for concurrent use.
//
// The package comment says when a number is allowed. An older version than one that this Registry
// has seen is list_stale: a primary that was restarted from an old dump, or was cut off, has such a
// version. A new process has not seen any version, and accepts it.
//
// Checks need these rights (Redis ACL), here for a list named national. %R~ needs Redis 7: with
// Redis 6.2 write ~ instead.
//
//	%R~dnc:list:national %R~dnc:list:national:* -@all +multi +exec +hmget +hgetall +role +hello +auth +ping +client +select, and in a cluster
//	+cluster|slots +cluster|shards +cluster|nodes +command +readonly +asking
//
// Imports also need:
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

// New makes the Registry with a name, 1 to 64 of a-z, 0-9 and _. Its keys begin with
// "dnc:list:<name>". The reason of a listed number is dnc_<name>. New dials nothing. The caller
// closes the client. Errors wrap [dnc.ErrOption] and say what to change.
func New(rdb dnc.RedisClient, name string, opts ...Option) (*Registry, error) {
	if !listName.MatchString(name) {
		return nil, fmt.Errorf("%w: a list's name is 1 to 64 of a-z, 0-9 and _", dnc.ErrOption)
	}
	r := &Registry{name: name, config: config{
		maxAge: defaultMaxAge, refresh: defaultRefresh, maxLag: defaultMaxLag, connections: defaultConnections,
		leaseFor: defaultLease, suffix: newSuffix, firstGen: milliseconds,
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
