package evidence

import "errors"

// Errors of Open, Verify and Reader, by errors.Is.
var (
	ErrLocked       = errors.New("evidence: the log is open already")                // in this process or another
	ErrDamaged      = errors.New("evidence: the log is damaged")                     // bytes changed, or records are out of order
	ErrMissing      = errors.New("evidence: records are missing")                    // that a checkpoint or another file shows to have existed
	ErrRewritten    = errors.New("evidence: the log is not the one that was signed") // it differs from a checkpoint
	ErrCheckpoint   = errors.New("evidence: a checkpoint cannot be used")            // unreadable, or signed by nobody who is known
	ErrNoCheckpoint = errors.New("evidence: there is no checkpoint")                 // so that a rewrite could not be noticed
	ErrClosed       = errors.New("evidence: the log is closed")
	ErrRetention    = errors.New("evidence: the day must still be kept")
)
