// Package registry keeps very large Do-Not-Call lists in Redis. The national registry of the United
// States, 250 million numbers, takes 153 MB. A list is a [dnc.Checker]. An import replaces it as a
// whole with a new version, and checks are answered meanwhile. A list can be in a single Redis
// server, behind Sentinel, or in a cluster.
//
//	national, err := registry.New(rdb, "national")
//	numbers := listfile.Files(listfile.FTC(), "415.zip", "212.zip")
//	report, err := national.Replace(ctx, numbers, registry.Import{
//		Coverage: []string{"1415", "1212"}, // the area codes that were subscribed
//		Obtained: downloaded,               // the law counts 31 days from then
//	})
//	d, err := national.Check(ctx, n)
//
// # What is allowed
//
// A number is allowed only if one error-free round trip shows all of this: a version is in force,
// its data is younger than [WithMaxAge], its coverage includes the number, the number's shard has
// its completeness marker, the number's block does not have the number, and the server is the
// primary. If the list is missing, half loaded, partly evicted, too old, or older than a version
// that this process has seen, the number is Unknown. A number outside of the coverage is Unknown
// too.
//
// # Which Checker to use
//
//	Registry.Check       one number, one round trip, from any process
//	Registry.CheckBatch  for 100,000 numbers and more, or sorted ones: it fetches blocks and searches them in this process
//	Snapshot             no round trip: a copy of the list in this process, about 0.6 bytes a number. For dialers,
//	                     and for batches of any size
//
// # Opt-outs
//
// There is no Add and no Remove. A version never changes, so a check can see whether it is
// complete. Put the numbers of people who ask not to be called into a separate list, a SET that a
// [dnc.RedisWriter] changes at once. Ask both lists:
//
//	national, err := registry.New(rdb, "national")
//	optOuts, err := dnc.NewRedisChecker(rdb, dnc.WithList("optouts", "crm:optouts"))
//	checker := dnc.Protect(dnc.Union(national, optOuts))
//
// One connection pool serves both. A number that either list blocks is blocked. It is allowed only
// if both allow it.
//
// # Screenings
//
// In some countries, such as the United Kingdom and Australia, you do not import a list. You send
// numbers to a service, which returns the result for each. [NewScreening] makes a Checker of that
// result. It answers only for the numbers that were sent. For a state's list beside the national
// one see [dnc.BlockOnly].
//
// # Imports
//
// [Registry.Replace] writes a new version, verifies what Redis holds, and puts it in force with one
// command. It refuses data
//   - that lost more than a fifth of the list or of an area code,
//   - that is empty, or has no number for a prefix of the coverage,
//   - that lies outside of the coverage,
//   - with rows that cannot be read.
//
// A field of [Import] relaxes each of these rules. [Registry.Rollback] puts the previous version in
// force, [Registry.Versions] shows both, and [Registry.Delete] removes the list.
//
// Errors of imports are, by errors.Is:
//
//	ErrRefused         because of the data or the Import; the text says which bound, and how to raise it
//	ErrImportRunning   another import of this list is running, or its process died less than 30 s ago
//	ErrSuperseded      another import or rollback took effect meanwhile, or this process stood still for longer than its lease
//	ErrNotFound        there is no version to go back to
//	ErrTooFewReplicas  too few replicas acknowledged the data: the old version is in force; or the switch: the new one is
//	ErrOutcomeUnknown  the reply to the switch was lost, and Redis did not say afterwards what is in force: ask Info
//
// With any error, ImportReport.Version is set if and only if the new version is known to be in
// force.
//
// # Layout
//
// The file docs/import.md of the repository says what is in Redis after each step of an import, and
// who removes it.
//
//	dnc:list:<name>                    HASH, the head: version in force, generation, coverage, counts, times
//	dnc:list:<name>:<version>:<shard>  HASH, a shard: one for each country code and area code, as 1415. It has a
//	                                   field for each block of 10,000 numbers, and the completeness marker "_",
//	                                   written last: how many numbers the shard has
//	dnc:list:<name>:<version>:meta     HASH, what the head says of a version, kept for a rollback
//	dnc:list:<name>:<version>:shards   SET, the shards that a version has keys for
//	dnc:list:<name>:imports            SET, the versions that have keys
//	dnc:list:<name>:lease              string, the import that is running
//
// # Limits
//
// Redis replicates asynchronously. Import.Replicas waits for acknowledgements, and a process never
// accepts an older version than one that it has seen. But if a primary has loaded an old dump, a
// process that starts then uses the old version. So do not set [WithMaxAge] above what the law
// allows. Rollback and Delete do not wait for replicas.
//
// A proxy that sends single reads to replicas runs transactions on the primary. So the version in
// force is read in a transaction with the role. What such a replica lacks of this version is Unknown.
//
// Every check notices a shard that was evicted, lost or half written, because its marker is
// missing. If somebody removes a single field of a shard by hand, a Snapshot and an import notice
// it, but Check does not, because the marker is still there. Let nothing else write to these keys.
//
// While a Snapshot loads a new version, about two seconds, the old one answers, and both are in
// memory. With the timeouts of [dnc.RedisOptions] it needs a connection of at least 2 Mbit/s. A
// batch of more than 1,048,576 numbers is asked in parts of that size, and a new version can be put
// in force between two parts.
//
// An import of unsorted numbers collects them in memory. It takes twice the memory of the list in
// Redis, and 100 bytes for each block of 10,000 numbers. If many numbers are repeated, it takes up
// to 1,300 bytes a block.
package registry
