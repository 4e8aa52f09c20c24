// Package retry repeats operations that failed, where that is safe and helps, and keeps to rate
// limits.
//
// It knows nothing about the rest of this module and works with any [http.Client].
//
// # Start here
//
// [Transport] gives a client retries, [LimitTransport] keeps it within a rate. They compose, and so
// does any other [http.RoundTripper]; the retries are outside, so that each try waits for its turn:
//
//	client := &http.Client{Transport: &retry.Transport{
//		Base: &retry.LimitTransport{Limiter: rate.NewLimiter(4.8, 10)},
//	}}
//
// [Do] and [DoValue] repeat a function. [Permanent] and [After] let it say more than "failed"; an
// error type of your own says the same with the methods Retryable() bool and RetryAfter()
// time.Duration.
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
// read as seconds or as an HTTP date; a negative, fractional or otherwise malformed one, and one
// that has passed, counts as none.
//
// No wait goes past the caller's deadline. A wait that would end at or after it is not begun: the
// last response or error is returned at once, while there is time left to act on it.
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
// A request is marked as safe to repeat the way net/http has it: by an entry Idempotency-Key in its
// header. An entry of length zero marks the request and is never sent:
//
//	req.Header["Idempotency-Key"] = nil
//
// # Budget
//
// Retries multiply traffic just when a server is in trouble. A [Budget] of 500 tokens, one for each
// Transport, bounds them: a repeat costs 14 (5 after a 429), and a success gives back. During an
// outage a client repeats about 35 requests, then tries each only once until some succeed.
//
// # Errors
//
// [Do] returns the function's own error when it may not be repeated, and an [*Error] when it gave
// up: it keeps the last error and what ended the tries, so that errors.Is finds both. [Transport]
// hands back the last response where there is one. Waiting in vain is never silent: a context that
// ends during a wait gives an error that holds the last error, the context's Err, and its cause.
package retry
