package dnc

// national reads what people of the plan's country write without "+".
func (p *plan) national(s spelling) (Number, error) {
	s = p.withoutMobileMark(s)
	digits := s.digits
	var c choice
	for prefixes := p.abroad; prefixes != ""; {
		var prefix string
		prefix, prefixes = nextPrefix(prefixes)
		if rest, ok := cut(digits, prefix); ok && len(rest) > 0 {
			if r, err := international(s.from(len(prefix)), true); err == nil {
				c.offer(r, nil)
			} else if rest[0] != 0 {
				c.offer(reading{}, err)
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
	r, err := c.result(p.noNational(digits))
	return r.number, err
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
