package main

import "strings"

// facts are what the metadata does not say, or says in rules that are no list of prefixes. Each has
// its source.
var facts = map[int]func(*plan){
	// Argentina: 15 behind the area code marks a mobile, which is 9 in front of it behind +54.
	// Package dnc does that by the number of digits; the metadata's alternatives would be half of
	// it. Source: the transform rule for AR.
	54: func(p *plan) { p.carriers = nil },

	// Brazil: a carrier's two digits are behind the trunk prefix, the same ones as behind 00.
	// Source: the rule for BR.
	55: func(p *plan) {
		for _, abroad := range p.abroad {
			p.carriers = append(p.carriers, strings.TrimPrefix(abroad, "0"))
		}
	},

	// Mexico: 01 (trunk), 044 and 045 (mobiles) and the 1 of mobiles behind +52 ended on 2019-08-03
	// with the numbering plan of 2018 (Plan Tecnico Fundamental de Numeracion, DOF 2018-05-11). Old
	// spellings name the number without them.
	52: func(p *plan) { p.trunks, p.behind = []string{"044", "045", "01"}, []string{"1"} },

	// Gabon: 0 is dialled in front of the eight digits of 2019, and began some of the eight digits
	// of before. Source: the transform rule for GA.
	241: func(p *plan) { p.trunks = []string{"0"} },
}
