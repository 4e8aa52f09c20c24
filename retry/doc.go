// Package retry repeats operations that failed, if that is safe and can help. It also keeps
// requests within rate limits.
//
// It knows nothing about the rest of this module and works with any [http.Client].
//
// # Start here
//
// [Transport] gives a client retries, [LimitTransport] keeps it within a rate. Put the
// LimitTransport inside the Transport, so that each try keeps to the rate:
//
//	client := &http.Client{Transport: &retry.Transport{
//		Base: &retry.LimitTransport{Limiter: rate.NewLimiter(4.8, 10)},
//	}}
//
// [Do] and [DoValue] repeat a function. The function can mark its error with [Permanent] or
// [After]. An error type of your own can have the methods Retryable() bool and RetryAfter()
// time.Duration instead.
//
// # Waits
//
// A [Policy] counts tries, not repeats. The wait is drawn evenly between zero and a bound that
// doubles (full jitter). With the zero Policy:
//
//	after try    wait, no Retry-After    429, no Retry-After    wait, Retry-After: 5    Retry-After: 61
//	1            0 to 0.5 s              4 to 4.5 s             5 to 5.5 s              none: handed back
//	2            0 to 1 s                16 to 16.5 s           5 to 5.5 s              none: handed back
//	3            0 to 2 s                60 s                   5 to 5.5 s              none: handed back
//	4            none: handed back       none: handed back      none: handed back       none: handed back
//
// With more tries the bound grows to MaxDelay, 60 s: after try 8 and all later ones. Retry-After is
// read as seconds or as an HTTP date, which is compared with the server's own Date. A negative,
// fractional or otherwise malformed one counts as none. One of 0, and a date that has passed, asks
// for no wait: the next try comes after that of the first column, also behind a 429.
//
// No wait goes past the caller's deadline. If a wait would end at the deadline or after it, the
// last response or error is returned at once.
//
// # What is repeated
//
//	what happened                              GET HEAD PUT DELETE      POST PATCH and
//	                                           OPTIONS TRACE, marked    all others
//	429 Too Many Requests                      yes                      yes
//	connection refused or not established      yes                      yes
//	500, 502, 503, 504, 408                    yes                      no
//	timeout of a try, connection lost          yes                      no
//	501, any other status                      no                       no
//	unknown host, certificate not trusted      no                       no
//	error with Retryable() bool                as it says               as it says
//	caller's context ended                     no                       no
//	body without GetBody                       no                       no
//
// A header Idempotency-Key marks a request as safe to repeat, as it does for net/http. An entry of
// length zero marks the request and is not sent:
//
//	req.Header["Idempotency-Key"] = nil
//
// # Budget
//
// Retries add traffic when a server has problems. A [Budget] bounds them. Each Transport has one of
// 500 tokens. A repeat costs 14 tokens, or 5 after a 429, and a success gives some back. In an
// outage a client repeats about 35 requests, and then tries each request only once until some
// succeed.
//
// # Errors
//
// [Do] returns the function's own error if that may not be repeated. It returns an [*Error] if it
// gave up: errors.Is finds in it the last error and what ended the tries. [Transport] returns the
// last response, if there is one. If a context ends during a wait, the error holds the last error,
// the context's Err, and its cause.
package retry
