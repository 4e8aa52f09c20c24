package evidence

import "errors"

// Errors of this package, for errors.Is.
var (
	ErrLocked            = errors.New("evidence: the log is open already")                // by this process or another one
	ErrDamaged           = errors.New("evidence: the log is damaged")                     // bytes changed, or records are out of order
	ErrMissing           = errors.New("evidence: records are missing")                    // a checkpoint or another file shows that they existed
	ErrRewritten         = errors.New("evidence: the log is not the one that was signed") // it differs from a checkpoint
	ErrInvalidCheckpoint = errors.New("evidence: a checkpoint cannot be used")            // it cannot be read, or no verifier knows its signature
	ErrNoCheckpoint      = errors.New("evidence: there is no checkpoint")                 // without one a rewrite of the log cannot be noticed
	ErrClosed            = errors.New("evidence: the log is closed")
	ErrRetentionNotOver  = errors.New("evidence: the day must still be kept")
)
