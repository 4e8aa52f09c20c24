// Package dnc answers one question: may this number be dialled? It is for services that make
// outbound calls. It checks numbers against Do-Not-Call lists and geographic rules, one at a time or
// by the million.
//
// # Make a Checker
//
// A Checker answers for the lists in Redis. Protect makes the one that a dialer should ask: it adds
// a time limit, a breaker and a fallback that blocks.
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
// Callable is true only for the verdict Allow. For Block and Unknown, Reasons says why:
// "dnc_blacklist", "geo_blocked_high", "list_missing".
//
// # Check many numbers
//
//   - Validate reads and checks strings as they were typed, and makes a report with a JSON form.
//   - Stream does the same for a sequence of any length in constant memory.
//   - CheckBatch takes Numbers.
//
// # Check hundreds of times a second
//
// Follow keeps a current copy of a list, a SET in Redis, in the process. The copy is a Checker that
// needs no round trip. When Redis could not be reached for a minute, every answer is list_stale.
//
// # Very large lists
//
// Package registry keeps lists of many millions of numbers in Redis, in about 0.6 bytes a number.
// Package listfile reads the files to load. A registry is a Checker like any other:
// Protect(Union(national, optOuts)).
//
// # Check a call
//
// A Rule answers for a Call: a number with its time, purpose, campaign and place. RuleOf makes a
// Rule of a list, ByCampaign asks the list of the call's campaign, and All asks several Rules.
// ProtectRule is Protect for Rules. Lists alone need no Rule.
//
// # Errors
//
// The error of a check is non-nil if and only if a verdict is Unknown. A check that returns an
// error also returns a decision for every number. errors.Is finds ErrListMissing, ErrStoreTimeout
// and so on. errors.AsType finds an *Error, which says what to change. With Fallback there is no
// error: Unknown becomes Block, and the decision is marked as Fallback.
//
// # Which decorator does what
//
//	Union(a, b)      asks every list at the same time; Block beats Unknown beats Allow
//	ByPrefix         asks the list of the longest prefix; a number without a route is not_covered
//	BlockOnly        lets a list block, and never allow
//	TimeLimit        2 s, for a batch 1 s more per 100,000 numbers
//	Breaker          stops asking a list for 3 s when 80 % of at least 20 checks in 10 s failed
//	Fallback         turns Unknown into Block (into Allow with DangerouslyAllowUnchecked, if the store cannot be reached)
//	Protect          all of them; Protect(Union(a, b)) is Fallback(Union(Breaker(TimeLimit(a)), Breaker(TimeLimit(b))))
//
// # What is promised
//
//   - A number is allowed only after every configured list gave a full, error-free answer for it.
//   - A list that is missing, empty, half loaded, evicted or of the wrong type is Unknown. It is
//     never taken for a list that lacks the number.
//   - Each number of a batch has one decision, in order.
//   - Only E164 and the JSON of a Report show a full number.
//
// # What is not
//
// Redis replicates asynchronously. A write that was acknowledged can be lost with its server, and a
// primary that was cut off answers with old data until somebody notices. The library cannot know of
// a number that never reached the list.
package dnc
