package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// plan is a row of the table: see the type of the same name in package dnc.
type plan struct {
	code                       int
	possible, zero, zeros, own uint16
	usual, bare                [10]uint16
	trunks, behind             []string
	carriers, abroad           []string
}

// plans reads the metadata of all regions and joins those of one calling code: a length is possible
// if it is in one of them.
func plans(regions []*phonenumbers.PhoneMetadata) ([]plan, error) {
	byCode := map[int]*plan{}
	for _, m := range regions {
		code := int(m.GetCountryCode())
		p := byCode[code]
		if p == nil {
			p = &plan{code: code}
			byCode[code] = p
		}
		if err := p.join(m); err != nil {
			return nil, fmt.Errorf("region %s: %w", m.GetId(), err)
		}
	}
	all := make([]plan, 0, len(byCode))
	for code, p := range byCode {
		if fact := facts[code]; fact != nil {
			fact(p)
		}
		if slices.Contains(p.trunks, "0") {
			p.zeros = 0 // such numbers are of services and cannot be dialled from abroad; two zeros are more often a mistake
		}
		p.trim()
		for _, words := range []*[]string{&p.trunks, &p.carriers, &p.abroad} {
			slices.SortFunc(*words, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
			*words = slices.Compact(*words)
		}
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b plan) int { return a.code - b.code })
	return all, nil
}

// trim keeps to what fits into the 15 digits of E.164. In a country without trunk prefix a first
// digit that has no numbers yet is given the lengths of the others: there is no need to look at it.
// Where numbers begin with 0 it may be one that lost its 0.
func (p *plan) trim() {
	fit := uint16(1)<<(16-len(strconv.Itoa(p.code))) - 1
	for _, set := range []*uint16{&p.possible, &p.zero, &p.zeros, &p.own} {
		*set &= fit
	}
	var people uint16
	for d := range p.usual {
		p.usual[d] &= fit
		p.bare[d] &= fit
		if d > 0 {
			people |= p.usual[d]
		}
	}
	for d := 1; d < 10 && len(p.trunks) == 0 && p.zero == 0; d++ {
		if p.bare[d] == 0 {
			p.bare[d] = people
		}
	}
}

func (p *plan) join(m *phonenumbers.PhoneMetadata) error {
	general, err := compile(m.GetGeneralDesc().GetNationalNumberPattern())
	if err != nil {
		return err
	}
	for d := '1'; d <= '9'; d++ {
		p.possible |= general.lengths(string(d))
	}
	p.own |= general.lengths(strconv.Itoa(p.code))
	if err := p.joinKinds(m); err != nil {
		return err
	}
	found := p.possible | p.zero | p.zeros
	for _, n := range m.GetGeneralDesc().GetPossibleLength() {
		if n <= maxNational && found&(1<<n) == 0 {
			return fmt.Errorf("length %d is possible by its list and not by its pattern", n)
		}
	}
	if err := p.joinPrefixes(m); err != nil {
		return err
	}
	return p.joinBare(m, general)
}

// joinKinds looks at each kind of number: which of them begin with 0, and how long those are that
// people have.
func (p *plan) joinKinds(m *phonenumbers.PhoneMetadata) error {
	people := []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile()}
	others := []*phonenumbers.PhoneNumberDesc{
		m.GetTollFree(), m.GetPremiumRate(), m.GetSharedCost(), m.GetPersonalNumber(), m.GetVoip(), m.GetPager(), m.GetUan(), m.GetVoicemail(),
	}
	for i, desc := range append(people, others...) {
		expr := desc.GetNationalNumberPattern()
		if expr == "" || expr == none {
			continue
		}
		kind, err := compile(expr)
		if err != nil {
			return err
		}
		for d := range p.usual {
			if i < len(people) {
				p.usual[d] |= kind.lengths(strconv.Itoa(d))
			}
			if d > 0 {
				p.zero |= kind.lengths("0" + strconv.Itoa(d))
			}
		}
		p.zeros |= kind.lengths("00")
	}
	return nil
}

// none is how the metadata says that there are no numbers of a kind.
const none = "NA"

// joinPrefixes takes the trunk prefixes, those with a carrier's code in them, and what is dialled
// for abroad. Long ones are prefixes of single services.
func (p *plan) joinPrefixes(m *phonenumbers.PhoneMetadata) error {
	prefixes, err := words(m.GetNationalPrefixForParsing())
	if err != nil {
		return err
	}
	if np := m.GetNationalPrefix(); np != "" {
		prefixes = append(prefixes, word{text: np})
	}
	for _, w := range prefixes {
		switch {
		case w.text == "" || len(w.text) > 4:
		case w.captured:
			p.carriers = append(p.carriers, w.text)
		default:
			p.trunks = append(p.trunks, w.text)
		}
	}
	abroad, err := words(m.GetInternationalPrefix())
	if err != nil {
		return err
	}
	for _, w := range abroad {
		if w.text != "" && len(w.text) <= 5 {
			p.abroad = append(p.abroad, w.text)
		}
	}
	return nil
}

// joinBare finds the numbers that are whole without a trunk prefix. Where there is none these are
// all but local numbers; elsewhere those of the national formats that write none, or may leave it
// out.
func (p *plan) joinBare(m *phonenumbers.PhoneMetadata, general pattern) error {
	var local uint16
	for _, desc := range []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile(), m.GetGeneralDesc()} {
		for _, n := range desc.GetPossibleLengthLocalOnly() {
			local |= 1 << min(n, 15)
		}
	}
	if len(p.trunks) == 0 {
		for d := range p.bare {
			p.bare[d] |= general.lengths(strconv.Itoa(d)) &^ local
		}
		return nil
	}
	for _, f := range m.GetNumberFormat() {
		if len(m.GetIntlNumberFormat()) > 0 && !slices.ContainsFunc(m.GetIntlNumberFormat(), func(g *phonenumbers.NumberFormat) bool {
			return g.GetPattern() == f.GetPattern() && slices.Equal(g.GetLeadingDigitsPattern(), f.GetLeadingDigitsPattern())
		}) {
			continue // how a local number is written
		}
		rule := f.GetNationalPrefixFormattingRule()
		if strings.Contains(rule, m.GetNationalPrefix()) && m.GetNationalPrefix() != "" && !f.GetNationalPrefixOptionalWhenFormatting() {
			continue
		}
		format, err := compile(f.GetPattern())
		if err != nil {
			return err
		}
		leading := pattern{}
		if all := f.GetLeadingDigitsPattern(); len(all) > 0 {
			if leading, err = compile(all[len(all)-1]); err != nil {
				return err
			}
		}
		for d := 1; d < 10; d++ { // what begins with 0 has a trunk prefix
			first := strconv.Itoa(d)
			if leading.prog == nil || leading.begins(first) {
				p.bare[d] |= format.lengths(first) & general.lengths(first) &^ local &^ shortest
			}
		}
	}
	return nil
}

// shortest is the set of lengths that a number without trunk prefix has too few digits for: local
// numbers have them, too.
const shortest = 1<<7 - 1
