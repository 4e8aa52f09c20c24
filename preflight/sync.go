package preflight

import "github.com/dnc-go/dnc"

// A SyncOption changes how [Sync] works.
type SyncOption interface{ sync(c *syncConfig) error }

type syncConfig struct {
	parse func(string) (dnc.Number, error)
}
