// Package contract holds genesystest and the genesys client to the platform's API definition: every
// request that the platform in memory accepts, and every reply it gives, is validated against it.
// It is a module of its own, so that nobody else links what it needs.
//
// The file definition.json is that definition without its prose: paths, parameters, types, required
// fields, enums, permissions and error codes. tools/contract makes it from the vendor's file.
//
// The file sdk.json has the operations that the definition lacks: schedules and sequences. They are
// written down here after the vendor's own clients, which it names. An operation that is in neither
// file fails a test.
package contract
