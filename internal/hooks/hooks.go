// Package hooks lends what the root package knows of Redis to the other packages of this module, without exporting it. The root sets
// the variables when it is initialised.
package hooks

import "context"

// Topology is what a client says of itself.
type Topology struct {
	Single  bool                      // one server, of which HELLO must say so
	Version int                       // of the protocol that the client speaks, for HELLO not to change it
	Reload  func(ctx context.Context) // of a cluster: look for the new primary
	Warning string                    // an option that delays answers
}

// What the root sets. Every error but Inspect's, which is an ErrOption, is a *dnc.Error.
var (
	// Inspect refuses clients that could read from a replica, or talk to a server that nobody has authenticated.
	Inspect func(client any) (Topology, error)
	// StoreError is the error for what go-redis returned, without anything in it that could be a number.
	StoreError func(ctx context.Context, list string, err error) error
	// ContextError is the error of a call whose context has ended, nil while it has not.
	ContextError func(ctx context.Context, list string) error
	// Hello judges a reply of HELLO: a replica, or one node of a cluster, is an error.
	Hello func(list string, reply any) error
)
