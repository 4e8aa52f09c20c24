// Package registry keeps very large Do-Not-Call lists in Redis: the national registry of the United States, 250 million numbers in 152 MB. A list
// is replaced as a whole, version by version, and is a [dnc.Checker] at every moment. On one Redis, behind Sentinel, or on a cluster.
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
// Allow takes a version in force, data younger than [WithMaxAge], a number within the coverage, the completeness marker of its shard, and
// the block that would name it, all read without an error in one round trip. A list that is missing, half loaded, evicted in part,
// too old, or lower than a version that was seen already is Unknown, and so is every number outside of the coverage.
//
// # Which of the three to ask
//
//	Registry.Check       one number, one round trip, from any process
//	Registry.CheckBatch  from about 100,000 numbers on, or sorted ones: blocks are fetched and tested here
//	Snapshot             the whole list in this process, about 0.6 bytes a number, which follows the version in force: for dialers that
//	                     want about a microsecond, and for small batches
//
// # Opt-outs
//
// There is no Add and no Remove: a version never changes, so that a check can tell a whole one from remains. Numbers of people who
// ask not to be called go into a list of their own, a SET that a [dnc.RedisWriter] changes at once, and both are asked:
//
//	national, err := registry.New(rdb, "national")
//	optOuts, err := dnc.NewRedisChecker(rdb) // dnc:list:blacklist
//	checker := dnc.Protect(national, optOuts)
//
// A single connection pool serves both. Block by either is Block; Allow takes both.
//
// # Imports
//
// [Registry.Replace] streams, verifies what Redis holds, and switches with one command. It refuses data that lost more than a fifth of
// the list or of an area code, is empty or has no number for a prefix of the coverage, lies outside of the coverage or has rows that cannot be
// read: each is allowed by a field of [Import] where it is right. [Registry.Rollback] goes back to the version before, [Registry.Versions] shows both, [Registry.Delete] removes the list.
//
// Errors of imports are, by errors.Is:
//
//	ErrRefused     the data or the Import; the text says which bound and how to raise it
//	ErrBusy        another import of this list is running, or its process died less than 30 s ago
//	ErrSuperseded  another import or rollback came between, or this process was stopped for longer than its lease
//	ErrNotFound    there is no version to go back to
//	ErrReplicas    too few replicas acknowledged the data, and the old version is in force; or the switch, and the new one is
//	ErrUnsure      the reply to the switch was lost, and so was every attempt to see whether it took effect: look with Info
//
// Beside any error Report.Version is set if the new version is known to be in force, and only then.
//
// # Layout
//
//	dnc:list:<name>                    the head: version in force, generation, coverage, counts, times
//	dnc:list:<name>:<version>:<shard>  a shard: one hash for each country code and area code, as 1415, with a field for each block of 10,000
//	                                   numbers and a marker that is written last: how many numbers it has
//	dnc:list:<name>:<version>:meta     what the head says of a version, kept for a rollback
//	dnc:list:<name>:<version>:shards, dnc:list:<name>:imports, dnc:list:<name>:lease
//	                                   what an import needs to clean up after another that died
//
// # Limits
//
// Redis replicates asynchronously. Import.Replicas waits for acknowledgements, and a process that saw a version never takes a lower one
// for current, but a process that starts beside a primary that was restored from an old dump cannot know, and finds what that has. Use
// [WithMaxAge] no longer than the law asks. Rollback and Delete wait for no replica.
//
// A shard that was evicted, lost or half written is noticed, because its marker goes with it or is not there yet. A field that somebody removes
// from a whole shard by hand, and leaves the marker, is noticed by a Snapshot and by an import, and not by Check: let nothing else write to
// these keys.
//
// A Snapshot answers from the version before for as long as the next one loads, about two seconds, and takes the memory of both
// meanwhile. A batch of more than 1,048,576 numbers is asked in parts of as many: a swap can come between two of them.
//
// An import that comes in no order collects its numbers in memory: twice what the list has in Redis, and 100 bytes for each block; at most
// 1,300 bytes a block where the same numbers come again and again.
package registry
