package dnc

import "errors"

// national reads what people of the plan's country write without "+".
func (p *plan) national(s spelling) (Number, error) {
	s = p.withoutMobileMark(s)
	digits := s.digits
	var c choice
	var fromAbroad error
	for prefixes := p.abroad; prefixes != ""; {
		var prefix string
		prefix, prefixes = nextPrefix(prefixes)
		if _, ok := cut(digits, prefix); ok {
			if r, err := international(s.from(len(prefix)), true); err == nil || isMark(err) {
				c.offer(r, err)
			} else {
				fromAbroad = err
			}
		}
	}
	if p.bare[digits[0]]>>len(digits)&1 != 0 && p.has(digits) || p.marked(digits) {
		c.offer(p.read(s))
	}
	for _, prefixes := range [...]string{p.trunks, p.carriers} {
		for prefixes != "" {
			var prefix string
			prefix, prefixes = nextPrefix(prefixes)
			if rest, ok := cut(digits, prefix); ok && p.has(rest) {
				c.offer(p.read(s.from(len(prefix))))
			}
		}
	}
	if !c.usual && (abroad(s) || c.number.v != 0 && p.unsigned(s)) {
		return Number{}, errAbroad
	}
	if rest, ok := cutCode(digits, p.code); ok && c.number.v == 0 && p.has(rest) {
		return Number{}, errUnsigned
	}
	otherwise := p.noNational(digits)
	if fromAbroad != nil {
		otherwise = fromAbroad
	}
	r, err := c.result(otherwise)
	return r.number, err
}

// isMark reports whether a mark in the input speaks against a number that has a possible length.
func isMark(err error) bool {
	return errors.Is(err, errSlash) || errors.Is(err, errTail) || errors.Is(err, errLone)
}

// marked reports whether withoutMobileMark has made the number whole.
func (p *plan) marked(digits []byte) bool {
	return p.code == argentina && len(digits) == 11 && digits[0] == 9
}

// abroad reports whether digits can be a fixed or mobile number of some country, with what another country than the plan's dials
// in front of it.
func abroad(s spelling) bool {
	for prefixes := "011 0011 00 010 009 810 000"; prefixes != ""; {
		var prefix string
		prefix, prefixes = nextPrefix(prefixes)
		if _, ok := cut(s.digits, prefix); ok {
			if r, err := international(s.from(len(prefix)), true); err == nil && r.usual {
				return true
			}
		}
	}
	return false
}

// unsigned reports whether digits can be a fixed or mobile number of another country without its "+".
func (p *plan) unsigned(s spelling) bool {
	if _, ok := cutCode(s.digits, p.code); ok {
		return false
	}
	r, err := international(s, true)
	return err == nil && r.usual
}
