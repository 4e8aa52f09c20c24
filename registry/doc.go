// Package registry keeps very large Do-Not-Call lists in Redis: the national registry of the United
// States, 250 million numbers in 152 MB. A list is replaced as a whole, version by version, and is
// a [dnc.Checker] at every moment. It works on one Redis, behind Sentinel, and on a cluster.
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
// A number is allowed only if one error-free round trip finds an active version, data younger than
// [WithMaxAge], a number within the coverage, the completeness marker of the number's shard, and
// the block that would name it. The server says in the same round trip that it is the primary. A
// list that is missing, half loaded, evicted in part, too old, or older than a version that was
// seen already is Unknown. So is every number outside of the coverage.
//
// # Which of the three to ask
//
//	Registry.Check       one number, one round trip, from any process
//	Registry.CheckBatch  100,000 numbers and more, or sorted ones: blocks are fetched and searched here
//	Snapshot             the whole list in this process, about 0.6 bytes a number; it follows the version
//	                     in force. For dialers that want an answer without a round trip, and for small batches
//
// # Opt-outs
//
// There is no Add and no Remove: a version never changes, so that a check can tell a whole one from
// remains. Numbers of people who ask not to be called go into a list of their own, a SET that a
// [dnc.RedisWriter] changes at once. Both lists are asked:
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
// Where a service screens the numbers that are sent to it, as in the United Kingdom and Australia,
// there is no list to import. [NewScreening] makes a Checker of its result, which answers for
// exactly those numbers. For a state's list beside the national one see [dnc.BlockOnly].
//
// # Imports
//
// [Registry.Replace] streams, verifies what Redis holds, and switches with one command. It refuses
// data
//   - that lost more than a fifth of the list or of an area code,
//   - that is empty, or has no number for a prefix of the coverage,
//   - that lies outside of the coverage,
//   - with rows that cannot be read.
//
// A field of [Import] allows each of these where it is right. [Registry.Rollback] goes back to the
// version before, [Registry.Versions] shows both, [Registry.Delete] removes the list.
//
// Errors of imports are, by errors.Is:
//
//	ErrRefused     the data or the Import; the text says which bound was met and how to raise it
//	ErrBusy        another import of this list is running, or its process died less than 30 s ago
//	ErrSuperseded  another import or rollback took effect meanwhile, or this process was stopped for longer than its lease
//	ErrNotFound    there is no version to go back to
//	ErrReplicas    too few replicas acknowledged the data, and the old version is in force; or the switch, and the new one is
//	ErrOutcomeUnknown      the reply to the switch was lost, and Redis did not say afterwards what is in force: ask Info
//
// With any error, ImportReport.Version is set if and only if the new version is known to be in
// force.
//
// # Layout
//
// The file docs/import.md of the repository says what lies in Redis after each step of an import,
// and who cleans it up.
//
//	dnc:list:<name>                    HASH, the head: version in force, generation, coverage, counts, times
//	dnc:list:<name>:<version>:<shard>  HASH, a shard: one for each country code and area code, as 1415. It has a
//	                                   field for each block of 10,000 numbers, and the completeness marker "_",
//	                                   written last: how many numbers the shard has
//	dnc:list:<name>:<version>:meta     HASH, what the head says of a version, kept for a rollback
//	dnc:list:<name>:<version>:shards   SET, the shards that a version has keys for
//	dnc:list:<name>:imports            SET, the versions that have keys
//	dnc:list:<name>:lease              string, who imports now
//
// # Limits
//
// Redis replicates asynchronously. Import.Replicas waits for acknowledgements, and a process that
// saw a version never takes a lower one for current. A process that starts while the primary runs
// from an old dump cannot know, and uses what it finds. Use [WithMaxAge] no longer than the law
// asks. Rollback and Delete wait for no replica.
//
// A shard that was evicted, lost or half written is noticed, because its marker goes with it or is
// not there yet. A field that somebody removes from a whole shard by hand is noticed by a Snapshot
// and by an import, and not by Check, because the marker stays: let nothing else write to these
// keys.
//
// A Snapshot answers from the version before while the next one loads, about two seconds, and takes
// the memory of both meanwhile. It loads over lines of 2 Mbit/s and faster with the timeouts of
// [dnc.RedisOptions]. A batch of more than 1,048,576 numbers is asked in parts of that size: a new
// version can come into force between two of them.
//
// An import of unsorted numbers collects them in memory: twice what the list has in Redis, and 100
// bytes for each block; at most 1,300 bytes a block where the same numbers come again and again.
package registry
