// Package contract holds genesystest and the genesys client to the platform's API definition: every request that the platform in memory
// accepts, and every reply it gives, is validated against it. It is a module of its own, so that nobody else links what it needs.
//
//	GENESYS_OPENAPI=definition.json go test ./...
//
// The variable names a Swagger 2.0 file of the outbound API. Without it the tests are skipped, and say so.
package contract
