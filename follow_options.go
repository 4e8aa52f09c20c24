package dnc

import "time"

type followConfig struct {
	every  time.Duration // between two polls
	stale  time.Duration // without a poll that confirmed the copy
	rescan time.Duration // between two full loads
}

var defaultFollow = followConfig{every: 250 * time.Millisecond, stale: time.Minute, rescan: time.Minute}

// WithFollow is for Follow: how often it asks Redis for changes (default 250 ms), and after how
// long without an answer that confirms its copy its own answers are list_stale (default 60 s).
func WithFollow(every, stale time.Duration) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if every <= 0 || stale <= every {
			return badOption("WithFollow(%v, %v): the first must be above 0 and below the second", every, stale)
		}
		c.follow.every, c.follow.stale = every, stale
		return nil
	})
}

// WithRescan is for Follow: how often it reads the whole list again (default 1 min). Only this
// finds a number that another tool than RedisWriter put in the place of another one, because the
// size of the list is then the same. Raise it for a list that RedisWriter alone writes: a scan of a
// million numbers takes about a second and 20 MB of traffic.
func WithRescan(every time.Duration) RedisOption {
	return redisOption(func(c *redisConfig) error {
		if every <= 0 {
			return badOption("WithRescan(%v): a time is above 0", every)
		}
		c.follow.rescan = every
		return nil
	})
}

// EventFollow is the incident of a list that Follow cannot keep current. It is reported when that
// begins and every ten seconds while it lasts; EventRecovered ends it.
const EventFollow = "follow_failed"
