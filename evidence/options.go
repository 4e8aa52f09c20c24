package evidence

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
)

// Checkpoints says who signs the state of a log and where it goes.
type Checkpoints struct {
	// Signer signs: note.NewSigner makes one. Its name is the log's name in every checkpoint, so each
	// log needs a name of its own, as "dialer-7.example.com/evidence".
	Signer note.Signer
	// Save keeps a checkpoint where those who can change the log cannot reach it. What it gets is a
	// signed note, a text of about 250 bytes; one after another in a file is what Verify reads. An
	// error is logged, and the state is saved with the next checkpoint.
	Save func(ctx context.Context, checkpoint []byte) error
	// Every is how often a checkpoint is made while there is something new. 0 means one minute.
	Every time.Duration
}

// Option changes a Log.
type Option func(*config) error

type config struct {
	old         []Key
	unrecorded  bool
	clock       func() time.Time
	logger      *slog.Logger
	retention   time.Duration
	syncFile    func(syncer) error
	afterWrites func() // of tests: called between writing and syncing
}

type syncer interface{ Sync() error }

// WithOldKeys names the keys that earlier records were made with, so that Find finds those too. A
// new Key for Open and the one before here is how keys are changed.
func WithOldKeys(keys ...Key) Option {
	return func(c *config) error {
		c.old = append(c.old, keys...)
		return nil
	}
}

// DangerouslyAllowUnrecorded gives decisions that could not be recorded all the same. THERE IS NO
// EVIDENCE OF THEM: the safe harbour of 47 CFR 64.1200(c)(2)(i) and 16 CFR 310.4(b)(3) asks for records. Status
// counts them, and the log has a warning.
func DangerouslyAllowUnrecorded() Option {
	return func(c *config) error {
		c.unrecorded = true
		return nil
	}
}

// WithClock sets the clock that dates records and days. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return fmt.Errorf("%w: the clock of WithClock is nil", dnc.ErrOption)
		}
		c.clock = now
		return nil
	}
}

// WithLogger sets where warnings go. The default, and nil, is slog.Default().
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.logger = l
		return nil
	}
}

// WithRetention sets how long a day must be kept before Remove removes it: at least five years, the
// default (see Retentions).
func WithRetention(d time.Duration) Option {
	return func(c *config) error {
		if d < minRetention {
			return fmt.Errorf("%w: the retention is at least five years, %v (16 CFR 310.5)", dnc.ErrOption, minRetention)
		}
		c.retention = d
		return nil
	}
}
