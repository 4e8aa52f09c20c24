package dnc

// answer turns what a list and its geo rules said into decisions, for one batch.
type answer struct {
	list    Reasons   // of a number that is listed
	clear   Reasons   // of one that is not
	trouble *Error    // the list gave no full answer: numbers that are not listed are Unknown
	geo     *geoTable // nil: none are consulted
	geoErr  *Error    // the geo rules gave no answer

	merger     merger
	open       Reasons // of numbers that trouble leaves open
	geoOpen    Reasons // of numbers that geoErr leaves open
	brokenRule bool    // a number met a rule that cannot be read
	left       bool    // a number was left open by trouble or geoErr
}

// decide needs no answer of the list for an invalid number.
func (a *answer) decide(n Number, listed bool) Decision {
	if a.geo == nil && a.geoErr == nil && a.trouble == nil && n.v != 0 { // nearly always
		if listed {
			return Decision{Number: n, Verdict: Block, Reasons: a.list}
		}
		return Decision{Number: n, Verdict: Allow, Reasons: a.clear}
	}
	if n.IsZero() {
		return blockInvalid()
	}
	return a.withGeo(n, listed, a.lookup(n))
}

func (a *answer) lookup(n Number) geoEntry {
	switch {
	case a.geoErr != nil:
		if a.geoOpen == (Reasons{}) {
			a.geoOpen = a.geoErr.reasons()
		}
		return geoEntry{Unknown, a.geoOpen}
	case a.geo != nil:
		return a.geo.lookup(n)
	default:
		return geoEntry{verdict: Allow}
	}
}

func (a *answer) withGeo(n Number, listed bool, geo geoEntry) Decision {
	d := Decision{Number: n, Verdict: Allow, Reasons: a.clear}
	if a.trouble != nil {
		if a.open == (Reasons{}) {
			a.open = a.trouble.reasons()
		}
		d = Decision{Number: n, Verdict: Unknown, Reasons: a.open}
	}
	if listed {
		hit := Decision{Number: n, Verdict: Block, Reasons: a.list}
		if a.trouble != nil {
			hit = a.merger.merge([]Decision{hit, d})
		}
		d = hit
	}
	d = withGeo(&a.merger, d, geo)
	if d.Verdict == Unknown {
		a.left = a.left || a.trouble != nil || a.geoErr != nil
		a.brokenRule = a.brokenRule || a.geoErr == nil && geo.verdict == Unknown
	}
	return d
}

// err is the error of the batch: nil if no number was left open.
func (a *answer) err() error {
	var errs []error
	if a.left && a.trouble != nil {
		errs = append(errs, a.trouble)
	}
	if a.left && a.geoErr != nil {
		errs = append(errs, a.geoErr)
	}
	if a.brokenRule && a.geo != nil {
		errs = append(errs, a.geo.invalidError())
	}
	return joinErrors(errs...)
}
