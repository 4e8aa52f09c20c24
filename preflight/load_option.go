package preflight

import "github.com/dnc-go/dnc"

// A LoadOption changes how [Load] works. Load refuses an invalid option with an error that wraps
// [ErrInvalidInput].
type LoadOption interface{ load(c *loadConfig) error }

type loadOption func(*loadConfig) error

func (f loadOption) load(c *loadConfig) error { return f(c) }

type loadConfig struct {
	parse    func(string) (dnc.Number, error)
	rejected func(Rejected) error
	derive   bool
	drop     bool
}

func newLoadConfig(opts []LoadOption) (loadConfig, error) {
	c := loadConfig{parse: dnc.ParseNumber}
	for _, o := range opts {
		if o == nil {
			return c, invalid("a LoadOption is nil")
		}
		if err := o.load(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// OnRejected has Load call f for each row that is not loaded, in their order. If f returns an
// error, Load ends with it. By default the report keeps the first 10,000 rows.
func OnRejected(f func(Rejected) error) LoadOption {
	return loadOption(func(c *loadConfig) error {
		if f == nil {
			return invalid("OnRejected(nil): leave it out to have the rows in the report")
		}
		c.rejected = f
		return nil
	})
}

// DeriveIDs makes an id for each contact that has none, from the list and the contact's data: 32
// hexadecimal digits. The same row always gets the same id. Two equal rows are one contact. By
// default rows without an id are rejected.
func DeriveIDs() LoadOption {
	return loadOption(func(c *loadConfig) error {
		c.derive = true
		return nil
	})
}

// DropNumbers has Load leave out numbers that are not allowed, and text that is not a number. The
// contact is loaded if one number is left. A contact with a number that has no full answer is not
// loaded. By default one number that is not allowed rejects the contact.
func DropNumbers() LoadOption {
	return loadOption(func(c *loadConfig) error {
		c.drop = true
		return nil
	})
}
