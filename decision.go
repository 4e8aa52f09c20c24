package dnc

// Decision is the answer for one number.
type Decision struct {
	Number  Number  `json:"number"`
	Verdict Verdict `json:"verdict"`
	// Every ground, strongest first, never empty. Decisions share their reasons: do not change them.
	Reasons []Reason `json:"reasons"`
	// The store could not be asked, and the verdict is the configured fallback: see WithFallback.
	Fallback bool `json:"fallback,omitempty"`
}

// Callable reports whether the number may be dialled: true for Allow alone.
func (d Decision) Callable() bool { return d.Verdict == Allow }

// Reason is the strongest ground, Reasons[0]. Of the zero Decision it has the code checker_failed.
func (d Decision) Reason() Reason {
	if len(d.Reasons) == 0 {
		return reasonsFailed[0]
	}
	return d.Reasons[0]
}

// String is the masked number, the verdict and the strongest reason.
func (d Decision) String() string {
	s := d.Number.String() + " " + d.Verdict.String() + " " + d.Reason().String()
	if d.Fallback {
		s += " (fallback)"
	}
	return s
}

func blockInvalid() Decision { return Decision{Verdict: Block, Reasons: reasonsInvalid} }
