// Package redistest starts real redis-server processes for tests, alone, as a primary with a
// replica, as a cluster and under Sentinel, on free loopback ports, and stops them when the test
// ends. Proxy is in front of them as a balancer, as a name that moves, and as a bad network. A test
// that needs a server and finds none fails: it is never skipped.
package redistest

// ClosedPoolDial is a function of go-redis that goleak must ignore: after errors of dialling it
// looks once a second whether its pool was closed, so it can outlive Close by a second.
const ClosedPoolDial = "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"
