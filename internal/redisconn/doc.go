// Package redisconn is the one room that talks to Redis. Packages dnc and registry ask through it.
//
// A question is a few commands that run on one connection. The role of the server is asked in the
// same transaction or pipeline, so an answer is used only if the server that gave it said that it
// is the primary. Nothing is concluded from another connection: behind a load balancer, a Service
// or a name that moves, each connection can lead to another server.
//
//	Open      accepts *redis.Client and *redis.ClusterClient, and refuses every other type
//	Tx        a transaction: MULTI, the role, the commands, EXEC
//	Pipe      a pipeline: the role and the commands
//	PipeEach  pipelines of several keys, one for each node
//	NodeOf    the node of a key, for commands that have no key, such as WAIT
//	Fault     what went wrong, as a value: unavailable, timeout, misconfigured, canceled, panicked
//
// In a cluster every question goes to the node that owns the key. MOVED and ASK are followed here,
// and the role is asked there as well. A replica of a cluster answers MOVED.
//
// A connection that leads to a replica is closed, with all others of its pool: after a failover
// behind one name the pool is right again by itself.
package redisconn
