package evidence

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
)

// CheckpointConfig says how checkpoints are signed, where they are saved, and how often.
type CheckpointConfig struct {
	// Signer signs checkpoints. note.NewSigner makes one. Its name is the log's name in every
	// checkpoint, so give each log a name of its own, such as "dialer-7.example.com/evidence".
	// Required.
	Signer note.Signer
	// Save stores a checkpoint where those who can change the log cannot change it. checkpoint is a
	// signed text of about 250 bytes. Verify reads checkpoints that are one after another in one
	// text. An error or a panic is logged; the next checkpoint includes what this one had. Save must
	// return when ctx ends, and is left behind if it does not. Required.
	Save func(ctx context.Context, checkpoint []byte) error
	// Every is how often a checkpoint is made if there are new records. 0 means one minute.
	Every time.Duration
}

// Option configures a Log.
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

// WithOldKeys sets the keys of earlier records, so that Find finds those records too. To change the
// key, give Open the new key, and WithOldKeys the old ones.
func WithOldKeys(keys ...Key) Option {
	return func(c *config) error {
		c.old = append(c.old, keys...)
		return nil
	}
}

// DangerouslyAllowUnrecorded returns Allow also if the decision could not be recorded. THERE IS NO
// EVIDENCE OF SUCH DECISIONS, and the safe harbour of 47 CFR 64.1200(c)(2)(i) and 16 CFR
// 310.4(b)(3) requires records. Status counts them, and a warning is logged.
func DangerouslyAllowUnrecorded() Option {
	return func(c *config) error {
		c.unrecorded = true
		return nil
	}
}

// WithClock sets the clock for the times of records and days. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return fmt.Errorf("%w: the clock of WithClock is nil", dnc.ErrOption)
		}
		c.clock = now
		return nil
	}
}

// WithLogger sets where warnings go. The default, and what nil means, is slog.Default().
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		c.logger = l
		return nil
	}
}

// WithRetention sets how long a day is kept before Remove can delete it. The default, and the
// least, is five years (see Retentions).
func WithRetention(d time.Duration) Option {
	return func(c *config) error {
		if d < minRetention {
			return fmt.Errorf("%w: the retention is at least five years, %v (16 CFR 310.5)", dnc.ErrOption, minRetention)
		}
		c.retention = d
		return nil
	}
}
