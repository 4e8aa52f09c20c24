package dnc

// ParseNumber reads a number in international form: "+", the country code, the national number. It
// ignores blanks, dots, dashes, parentheses and slashes after an area code, in every Unicode form,
// and Unicode's marks of writing direction. Digits may be of any script. An extension that is
// marked is dropped: "x22", "ext. 22", "#22", ";ext=22". It also reads tel URIs (RFC 3966).
//
// The national number must have a length that numbers of that country have. A trunk prefix after
// the country code is dropped, as in "+44 (0)20 7946 0000", unless numbers of that country begin
// with it, as in Italy. ParseNumber does not look up area codes or ranges: such tables are older
// than the networks, and numbers that they lack do ring.
//
// For everything else the error is ErrInvalidNumber. It says what was found and what is needed, and
// never shows the input. Reading a number allocates no memory.
func ParseNumber(s string) (Number, error) {
	if len(s) > minDigits && len(s) <= maxDigits+1 && s[0] == '+' {
		if n := plain(s); n.v != 0 {
			return n, nil
		}
	}
	return Parser{}.parse(s)
}

// plain reads E.164 in ASCII, the form of most inputs. It returns the zero Number where there is
// more to look at.
func plain(s string) Number {
	var d uint64
	for i := 1; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return Number{}
		}
		d = d*10 + uint64(c)
	}
	q := &quicks[codes[int(s[1]-'0')*100+int(s[2]-'0')*10+int(s[3]-'0')]]
	if q.possible>>(len(s)-1-int(q.digits))&1 == 0 || q.doubtful>>(s[1+q.digits]-'0')&1 != 0 {
		return Number{}
	}
	return numberOf(d)
}

// Parser also reads the national form of one country: what people there write without "+". The zero
// Parser reads what ParseNumber reads.
//
// With Country "1" it reads "(415) 555-0123", "1-415-555-0123", "011 44 20 7946 0000" and every
// international form. In a country with a trunk prefix the input must have the prefix, unless
// people there leave it out. In Germany "030 123456" is a number in Berlin. "123456" is refused,
// because many towns have that number. An input that can be two numbers is also refused: a wrong
// guess would match no list, and the number would be allowed.
type Parser struct {
	Country string // a country calling code without "+", such as "1", "44" or "353"
}

// Parse reads a number in international form, or in the national form of the Parser's country. It
// allocates nothing.
func (p Parser) Parse(s string) (Number, error) {
	if len(s) > minDigits && len(s) <= maxDigits+1 && s[0] == '+' {
		if n := plain(s); n.v != 0 {
			return n, nil
		}
	}
	return p.parse(s)
}

func (p Parser) parse(s string) (Number, error) {
	var in scanner
	if err := in.scan(s); err != nil {
		return Number{}, err
	}
	found := spelling{in.buf[:in.n], in.lone, in.slash, in.tail}
	switch {
	case in.n == 0:
		return Number{}, errNoDigits
	case in.signed:
		r, err := international(found, false)
		return r.number, err
	case p.Country == "":
		return Number{}, errNoPlus
	}
	if plan := planFor(p.Country); plan != nil {
		return plan.national(found)
	}
	return Number{}, errCountry
}

// reading is a number that an input can be read as.
type reading struct {
	number Number
	usual  bool // its length is that of a fixed or mobile number
}

// choice decides between the readings of one input. It prefers a usual one to others. Between two
// that are equal it chooses neither. If a mark in the input contradicts one reading, it does not
// choose the next.
type choice struct {
	reading
	twice bool
	err   error // why a reading is refused
}

func (c *choice) offer(r reading, err error) {
	switch {
	case err != nil:
		c.err = err
	case c.number.v == 0, r.usual && !c.usual:
		c.reading, c.twice = r, c.twice && r.number == c.number
	case r.number != c.number && r.usual == c.usual:
		c.twice = true
	}
}

// result is the reading that was chosen, or an error. If there was no reading, the error is
// otherwise.
func (c *choice) result(otherwise error) (reading, error) {
	switch {
	case c.err != nil:
		return reading{}, c.err
	case c.twice:
		return reading{}, errTwoWays
	case c.number.v != 0:
		return c.reading, nil
	default:
		return reading{}, otherwise
	}
}

// international reads digits that begin with a country code. dialled says that a prefix for calls
// abroad was in front, and no "+".
func international(s spelling, dialled bool) (reading, error) {
	switch {
	case len(s.digits) == 0:
		return reading{}, errNoDigits
	case s.digits[0] == 0:
		return reading{}, errZero
	case len(s.digits) < minDigits:
		return reading{}, errTooShort
	}
	p := planOf(s.digits)
	if p == nil {
		return reading{}, errNoCountry
	}
	return p.behindCode(s.from(p.codeDigits()), dialled)
}

// behindCode reads what follows a country code: a national number, perhaps with a prefix that is
// not part of it.
func (p *plan) behindCode(s spelling, dialled bool) (reading, error) {
	s = p.withoutMobileMark(s)
	national := s.digits
	var c choice
	if p.has(national) {
		c.offer(p.read(s))
		if p.trunks == "" && s.lone != 0 {
			return c.result(nil) // where numbers have no trunk prefix a leading 0 is part of them
		}
	}
	zeros := p.trunks == "" && p.zero|p.zeros != 0
	for kind, prefixes := range [...]string{p.trunks, p.behind, "0", p.carriers} {
		if p.code == northAmerica && dialled {
			prefixes = "0" // 0011 is a prefix for abroad, too: what follows it is no number of country code 1
		}
		carrier := kind == 3
		if carrier && (c.usual || c.err != nil) {
			break // as in Brazil, where 021 can be the trunk prefix and an area code
		}
		for prefixes != "" {
			var prefix string
			prefix, prefixes = nextPrefix(prefixes)
			rest, ok := cut(national, prefix)
			if !ok || !p.has(rest) {
				continue
			}
			r, err := p.read(s.from(len(prefix)))
			switch {
			case carrier && c.number.v != 0:
				c.twice = c.twice || r.usual && r.number != c.number // as 03 in Colombia
			case zeros && err == nil && !r.usual:
				// Where numbers begin with 0 it is dropped from parentheses alone, and in front of
				// a whole number.
			case national[0] == 0 && p.has(national) && (!zeros || r.usual):
				return reading{}, errTwoWays // as in Gabon, where the plan of before 2019 had numbers with a 0
			case zeros && s.lone != 0:
			default:
				c.offer(r, err)
			}
		}
	}
	if p.code == northAmerica && len(national) == 10 {
		return c.result(errArea)
	}
	if p.doubled(national) {
		return c.result(errDoubled)
	}
	return c.result(p.wrongLength(national))
}

// read makes a number of a national number without prefix, if no mark in its spelling says that it
// may be another one.
func (p *plan) read(s spelling) (reading, error) {
	n := len(s.digits)
	switch {
	case s.lone > 0 && s.digits[s.lone] == 0:
		return reading{}, errLone
	case s.slash > maxArea || s.slash >= 0 && n-s.slash < 4 || s.slash > 0 && s.digits[s.slash] == 0:
		return reading{}, errSlash // as in 123456/57 and in 12345/012346
	case s.tail > 0 && s.tail < n && p.has(s.digits[:n-s.tail]) && p.code != germany && p.code != austria:
		return reading{}, errTail // in those two an extension is dialled as the end of the number
	case p.doubled(s.digits):
		return reading{}, errDoubled
	case p.code == argentina && (s.digits[0] == 1 && s.digits[1] == 5 || s.digits[0] == 9 && s.digits[1] == 1 && s.digits[2] == 5):
		return reading{}, errNoArea
	case p.codeDigits()+n < minDigits:
		return reading{}, errTooShort
	}
	d := uint64(p.code)
	for _, c := range s.digits {
		d = d*10 + uint64(c)
	}
	return reading{numberOf(d), p.isUsual(s.digits)}, nil
}

const maxArea = 5 // digits of the longest area code

// withoutMobileMark turns the mobile form of Argentina into the international one: 11 15 1234 5678
// into 9 11 1234 5678. The area code is 11, or has three or four digits and begins with 2 or 3;
// with the number behind it has ten.
func (p *plan) withoutMobileMark(s spelling) spelling {
	if p.code != argentina {
		return s
	}
	rest := s.from(0)
	for _, prefix := range [...]byte{0, 9} {
		if len(rest.digits) > 12 && rest.digits[0] == prefix {
			rest = rest.from(1)
		}
	}
	d := rest.digits
	if len(d) != 12 || d[0] < 1 || d[0] > 3 {
		return s
	}
	for area := 2; area <= 4; area++ {
		if (area == 2) == (d[0] == 1) && d[area] == 1 && d[area+1] == 5 {
			copy(d[2:], d[:area])
			d[1] = 9
			rest = rest.from(1)
			rest.lone = -1
			return rest
		}
	}
	return s
}
