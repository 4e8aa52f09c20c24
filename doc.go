// Package dnc answers one question: may this number be dialled? It is for services that make
// outbound calls, and checks numbers against Do-Not-Call lists and geographic rules, one at a time
// or by the million.
//
// # Construct
//
// A Checker for the lists that lie in Redis, and what a dialer should ask: Protect, which adds a
// time limit, a breaker and a fallback that blocks.
//
//	options, err := dnc.RedisOptions("redis://localhost:6379")
//	rdb := redis.NewUniversalClient(options)
//	list, err := dnc.NewRedisChecker(rdb, dnc.WithGeoRules("dnc:geo_rules"))
//	checker := dnc.Protect(list)
//
// # Check one number
//
//	n, err := dnc.ParseNumber("+14155550123")
//	d, err := checker.Check(ctx, n)
//	if d.Callable() {
//		dial(n.E164())
//	}
//
// Callable is true for the verdict Allow alone. Block and Unknown say in Reasons why:
// "dnc_blacklist", "geo_blocked_high", "list_missing".
//
// # Check many
//
// Validate reads and checks strings as they were typed, and makes the report that /validate
// services answer with. Stream does the same for a sequence of any length in constant memory.
// CheckBatch takes Numbers.
//
// # Many a second
//
// Follow holds a SET list in the process and keeps it current, for dialers that ask hundreds of
// times a second. It is a Checker without a round trip, and list_stale when Redis was not reached
// for a minute.
//
// # Very large lists
//
// A list of millions is a registry of package registry, which takes half a byte a number, and is
// loaded from the files that package listfile reads. It is a Checker like any other:
// Protect(Union(national, optOuts)).
//
// # Errors
//
// The error of a check is non-nil if and only if a verdict is Unknown, and the decisions are
// complete beside it. errors.Is finds ErrListMissing, ErrStoreTimeout and their like; errors.AsType
// finds an *Error, which says what to change. Behind Fallback there is an answer instead, marked as
// Fallback.
//
// # Which decorator does what
//
//	Union(a, b)      every list is asked at the same time; Block beats Unknown beats Allow
//	ByPrefix         the list of the longest prefix is asked; no route is not_covered
//	TimeLimit        2 s, for a batch 1 s more per 100,000 numbers
//	Breaker          a list that fails 80 % of at least 20 calls in 10 s is left alone for 3 s
//	Fallback         Unknown becomes Block (or, by an alarming name, Allow where only the store is absent)
//	Protect          of Union(a, b): Fallback(Union(Breaker(TimeLimit(a)), Breaker(TimeLimit(b))))
//
// # What is promised
//
// A number is allowed only after every configured list gave a full, error-free answer for it. A
// list that is missing, empty, half loaded, evicted or of the wrong type is Unknown, never "not
// listed". Each number of a batch has one decision, in order. No number is shown by anything here
// but E164 and the JSON of a Report.
//
// # What is not
//
// Redis replicates asynchronously: a write that was acknowledged can be lost with its server, and a
// primary that was cut off answers from before, until somebody notices. The library cannot know of
// a number that never reached the list.
package dnc
