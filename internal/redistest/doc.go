// Package redistest starts real redis-server processes for tests, alone, as a cluster and under Sentinel, on free loopback ports,
// and stops them when the test ends. A test that needs a server and finds none fails: it is never skipped.
package redistest
