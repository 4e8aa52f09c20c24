package preflight

import "github.com/dnc-go/dnc"

// A LoadOption changes how [Load] works. One that cannot be used makes Load return an error that
// wraps [ErrInvalidInput].
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

// OnRejected calls a function for each row that is not loaded, in their order, while the load goes
// on. An error of it ends the load and is returned. The default keeps the first 10,000 in the
// report.
func OnRejected(f func(Rejected) error) LoadOption {
	return loadOption(func(c *loadConfig) error {
		if f == nil {
			return invalid("OnRejected(nil): leave it out to have the rows in the report")
		}
		c.rejected = f
		return nil
	})
}

// DeriveIDs gives a contact without an id one that is made of its list and its data: 32 hexadecimal
// digits. The same row has the same id each time. Two rows that are equal are one contact. The
// default rejects rows without an id.
func DeriveIDs() LoadOption {
	return loadOption(func(c *loadConfig) error {
		c.derive = true
		return nil
	})
}

// DropNumbers loads a contact without those of its numbers that are not allowed, as long as one
// number is left; what is no phone number is left out too. A contact with a number that has no full
// answer is not loaded. The default rejects a contact when one of its numbers is not allowed.
func DropNumbers() LoadOption {
	return loadOption(func(c *loadConfig) error {
		c.drop = true
		return nil
	})
}
