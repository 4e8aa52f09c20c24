package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Client asks questions through a go-redis client that Open accepted. It is safe for concurrent
// use. The methods of a nil Client return a Fault.
type Client struct {
	single   *redis.Client
	cluster  *redis.ClusterClient
	assume   bool // the caller vouches for the role
	tls      bool
	protocol int // 2 or 3

	question atomic.Int32 // the index in roleQuestions of the one that was answered last
	worked   atomic.Bool  // a server has answered
	reloaded atomic.Int64 // when the topology was last asked for, in nanoseconds since epoch
	drop     sync.Mutex   // held while connections to replicas are closed
	dropped  atomic.Int64 // when that was last done, in nanoseconds since epoch
	drops    atomic.Int64 // how often
}

// Settings are what a caller can choose.
type Settings struct {
	// AssumePrimary leaves the role out: the caller vouches that no answer is a replica's.
	AssumePrimary bool
}

// epoch carries a monotonic clock reading, so changes of the system's time do not matter.
var epoch = time.Now()

const never = -int64(time.Hour)

func sinceEpoch() int64 { return int64(time.Since(epoch)) }

// Open accepts a client, and says in the error what to change about one that it refuses. It dials
// nothing.
func Open(rdb any, s Settings) (*Client, error) {
	c := &Client{assume: s.AssumePrimary}
	c.reloaded.Store(never)
	c.dropped.Store(never)
	var config *tls.Config
	switch rdb := rdb.(type) {
	case nil:
		return nil, errNilClient
	case *redis.Client:
		switch {
		case rdb == nil:
			return nil, errNilClient
		case reflect.ValueOf(rdb).Elem().IsZero():
			return nil, errors.New("the redis.Client was not made by redis.NewClient")
		}
		o := rdb.Options()
		c.single, config, c.protocol = rdb, o.TLSConfig, o.Protocol
	case *redis.ClusterClient:
		if rdb == nil {
			return nil, errNilClient
		}
		o := rdb.Options()
		switch {
		case o == nil:
			return nil, errors.New("the redis.ClusterClient was not made by redis.NewClusterClient")
		case o.ReadOnly || o.RouteByLatency || o.RouteRandomly:
			return nil, errors.New("ReadOnly, RouteByLatency and RouteRandomly read from replicas, " +
				"which may lack numbers: set all three to false")
		case o.ClusterSlots != nil:
			return nil, errors.New("ClusterSlots replaces what the cluster says of itself: leave it out, " +
				"and use redis.NewFailoverClient for Sentinel")
		}
		c.cluster, config, c.protocol = rdb, o.TLSConfig, o.Protocol
	default:
		return nil, refused(rdb)
	}
	if c.protocol != 2 {
		c.protocol = 3 // the default of go-redis
	}
	if config != nil {
		c.tls = true
		if config.InsecureSkipVerify {
			return nil, errors.New("TLSConfig.InsecureSkipVerify lets any server answer: " +
				"give the CA in TLSConfig.RootCAs instead")
		}
	}
	return c, nil
}

var errNilClient = errors.New("the Redis client is nil")

// refused says why a client of another type cannot be used, and what can.
func refused(rdb any) error {
	const instead = "pass the *redis.Client or *redis.ClusterClient itself"
	switch rdb.(type) {
	case *redis.Ring:
		return errors.New("a Ring spreads keys over servers by itself and cannot say which one is a primary: " +
			"use a *redis.Client for each server, or a cluster")
	case *redis.Conn:
		return errors.New("a Conn is one connection, which cannot be replaced after a failover: " + instead)
	case *redis.Tx:
		return errors.New("a Tx is one connection within a transaction: " + instead)
	case *redis.Pipeline, redis.Pipeliner:
		return errors.New("a pipeline is not a client: " + instead)
	}
	return fmt.Errorf("a client of type %T cannot be inspected, and its nodes cannot be reached one by one: %s; "+
		"metrics and traces are added to it with AddHook", rdb, instead)
}

// Warning names an option of the client that delays answers. It is empty if there is none.
func (c *Client) Warning() string {
	enabled := false
	switch {
	case c.single != nil:
		enabled = c.single.Options().ContextTimeoutEnabled
	case c.cluster != nil:
		enabled = c.cluster.Options().ContextTimeoutEnabled
	}
	if enabled {
		return ""
	}
	return "ContextTimeoutEnabled is false, so a call may outlive its deadline by seconds: set it to true, " +
		"or use the options of dnc.RedisOptions"
}

// Cluster reports whether the client is one of a cluster.
func (c *Client) Cluster() bool { return c.cluster != nil }

const reloadEvery = 250 * time.Millisecond

// reload has a cluster client ask for the topology, at most four times a second. By itself it asks
// once a minute.
func (c *Client) reload(ctx context.Context) {
	if c.cluster == nil {
		return
	}
	now, last := sinceEpoch(), c.reloaded.Load()
	if now-last >= int64(reloadEvery) && c.reloaded.CompareAndSwap(last, now) {
		c.cluster.ReloadState(ctx)
	}
}
