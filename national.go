package dnc

import "errors"

// national reads what people of the plan's country write without "+".
func (p *plan) national(s spelling) (Number, error) {
	s = p.withoutMobileMark(s)
	digits := s.digits
	c, notAbroad := p.dialledAbroad(s)
	away := c.reading
	if p.bare[digits[0]]>>len(digits)&1 != 0 && p.has(digits) || p.marked(digits) {
		c.offer(p.read(s))
	}
	for _, prefixes := range [...]string{p.trunks, p.carriers} {
		for prefixes != "" {
			var prefix string
			prefix, prefixes = nextPrefix(prefixes)
			rest, ok := cut(digits, prefix)
			if !ok || !p.has(rest) {
				continue
			}
			r, err := p.read(s.from(len(prefix)))
			if !r.usual && p.has(digits) && err == nil {
				err = errTwoWays // as 80 and eight digits in Belarus, which may be ten digits without a prefix
			}
			c.offer(r, err)
		}
	}
	if !c.usual && (abroad(s) || c.number.v != 0 && p.unsigned(s)) {
		return Number{}, errAbroad
	}
	if rest, ok := cutCode(digits, p.code); ok && c.number.v == 0 && p.has(rest) {
		return Number{}, errUnsigned
	}
	if away.number.v != 0 && c.number != away.number {
		return Number{}, errTwoWays // a number at home is not preferred to one abroad, whatever its length
	}
	otherwise := p.noNational(digits)
	if notAbroad != nil {
		otherwise = notAbroad
	}
	r, err := c.result(otherwise)
	return r.number, err
}

// dialledAbroad reads what begins with a prefix for calls abroad. Where one prefix is the beginning
// of another, as 00 and 006 in Hong Kong, there can be two readings. err says why there is no
// reading.
func (p *plan) dialledAbroad(s spelling) (c choice, err error) {
	for prefixes := p.abroad; prefixes != ""; {
		var prefix string
		prefix, prefixes = nextPrefix(prefixes)
		if _, ok := cut(s.digits, prefix); !ok {
			continue
		}
		r, e := international(s.from(len(prefix)), true)
		switch {
		case e == nil && c.number.v != 0 && r.number != c.number:
			c.err = errTwoWays
		case e == nil || isMark(e):
			c.offer(r, e)
		default:
			err = e
		}
	}
	if c.number.v != 0 {
		// Many write 00 for "+", also where another prefix is dialled: 0057 is 00 and Colombia, or
		// Colombia's prefix 005 and Russia.
		r, e := international(s.from(2), true)
		if _, ok := cut(s.digits, "00"); ok && e == nil && r.usual && r.number != c.number {
			c.err = errTwoWays
		}
	}
	return c, err
}

// isMark reports whether a mark in the input contradicts a number that has a possible length.
func isMark(err error) bool {
	return errors.Is(err, errSlash) || errors.Is(err, errTail) || errors.Is(err, errLone)
}

// marked reports whether withoutMobileMark has made the number whole.
func (p *plan) marked(digits []byte) bool {
	return p.code == argentina && len(digits) == 11 && digits[0] == 9
}

// abroad reports whether digits can be a fixed or mobile number of some country, with what another
// country than the plan's dials in front of it.
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

// unsigned reports whether digits can be a fixed or mobile number of another country without its
// "+".
func (p *plan) unsigned(s spelling) bool {
	if _, ok := cutCode(s.digits, p.code); ok {
		return false
	}
	r, err := international(s, true)
	return err == nil && r.usual
}
