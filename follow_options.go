package dnc

import "time"

type followConfig struct {
	every  time.Duration // between two polls
	stale  time.Duration // without a poll that confirmed the copy
	rescan time.Duration // between two full loads
}

var defaultFollow = followConfig{every: 250 * time.Millisecond, stale: time.Minute, rescan: time.Minute}

// WithPolling sets how often Follow asks Redis for changes (default 250 ms). When no answer of
// Redis has confirmed the copy for the time stale, every answer is list_stale (default 60 s). stale
// must be longer than every.
func WithPolling(every, stale time.Duration) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if every <= 0 || stale <= every {
			return badOption("WithPolling(%v, %v): the first must be above 0 and below the second", every, stale)
		}
		c.follow.every, c.follow.stale = every, stale
		return nil
	})
}

// WithReload sets how often Follow reads the whole list again (default 1 min). This finds what
// another tool changed without changing the size of the list. Use a longer time if only RedisWriter
// writes the list: reading a million numbers takes about a second and 20 MB of traffic.
func WithReload(every time.Duration) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if every <= 0 {
			return badOption("WithReload(%v): the time must be above 0", every)
		}
		c.follow.rescan = every
		return nil
	})
}
