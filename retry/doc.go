// Package retry repeats what failed for a passing reason, and nothing else. It stands alone: Do and DoValue repeat a function,
// Transport and LimitTransport are http.RoundTrippers for any http.Client.
//
//	client := &http.Client{Transport: &retry.Transport{
//		Base: &retry.LimitTransport{Limiter: rate.NewLimiter(4.8, 10)}, // one token for each try
//	}}
//
// # How long it waits
//
// Before try k+1 it waits a random time between 0 and BaseDelay doubled k-1 times, at most MaxDelay (full jitter: callers that
// failed together do not come back together). The zero Policy:
//
//	before try   waits at most
//	2            200 ms
//	3            400 ms
//	4            800 ms      and after that gives up
//
// A server that names a time in Retry-After is waited for exactly that long. If it names more than MaxRetryAfter, 2 minutes, or if any wait
// would end after the caller's deadline, it gives up at once and says in the error how long the wait would have been.
//
// # What Transport repeats
//
//	reply                     GET HEAD OPTIONS TRACE PUT DELETE   others, marked safe   others
//	429 Too Many Requests     yes                                 yes                   yes
//	connection refused        yes                                 yes                   yes
//	408, 500, 502, 503, 504   yes                                 yes                   no
//	connection lost, timeout  yes                                 yes                   no
//	501 and everything else   no                                  no                    no
//
// A request is marked safe to repeat as net/http has it: with a header Idempotency-Key or X-Idempotency-Key. If its value is a slice
// of no elements, it marks and is not sent. A request with a body is repeated only if it has GetBody, as those of http.NewRequest
// from bytes and strings have.
//
// # A budget
//
// Retries multiply the load on a server that fails because of load. A Budget, shared by the Policies of a client, stops them when too
// many are needed: each takes 10 of 100 tokens, each first success gives one back.
package retry
