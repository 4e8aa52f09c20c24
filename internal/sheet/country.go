package sheet

import (
	"strings"
	"sync"
	"unicode"

	"github.com/dnc-go/dnc"
)

// countries has a line for each country: its two letters of ISO 3166, its calling code, and names.
// The pairs are those of libphonenumber, and contract/numbers compares them. The names are those of
// CLDR in English, and what people in the countries with the most callers write.
const countries = `ac 247 ascension island
ad 376 andorra
ae 971 united arab emirates|uae|u.a.e.
af 93 afghanistan
ag 1 antigua and barbuda
ai 1 anguilla
al 355 albania
am 374 armenia
ao 244 angola
ar 54 argentina
as 1 american samoa
at 43 austria|österreich|oesterreich|autriche|aut
au 61 australia|australie|aus
aw 297 aruba
ax 358 åland islands
az 994 azerbaijan
ba 387 bosnia and herzegovina
bb 1 barbados
bd 880 bangladesh
be 32 belgium|belgië|belgique|belgien|bélgica|bel
bf 226 burkina faso
bg 359 bulgaria
bh 973 bahrain
bi 257 burundi
bj 229 benin
bl 590 st. barthélemy
bm 1 bermuda
bn 673 brunei
bo 591 bolivia
bq 599 caribbean netherlands
br 55 brazil|brasil|brésil|brasilien|bra
bs 1 bahamas
bt 975 bhutan
bw 267 botswana
by 375 belarus
bz 501 belize
ca 1 canada|kanada|canadá|can
cc 61 cocos (keeling) islands
cd 243 congo - kinshasa
cf 236 central african republic
cg 242 congo - brazzaville
ch 41 switzerland|schweiz|suisse|svizzera|suiza|che
ci 225 côte d'ivoire|ivory coast
ck 682 cook islands
cl 56 chile
cm 237 cameroon
cn 86 china
co 57 colombia
cr 506 costa rica
cu 53 cuba
cv 238 cape verde
cw 599 curaçao
cx 61 christmas island
cy 357 cyprus
cz 420 czechia|czech republic
de 49 germany|deutschland|allemagne|alemania|germania|duitsland|deu
dj 253 djibouti
dk 45 denmark|danmark|dänemark|dnk
dm 1 dominica
do 1 dominican republic
dz 213 algeria
ec 593 ecuador
ee 372 estonia
eg 20 egypt
eh 212 western sahara
er 291 eritrea
es 34 spain|españa|espana|spanien|espagne|spanje|spagna|esp
et 251 ethiopia
fi 358 finland|suomi|finnland|fin
fj 679 fiji
fk 500 falkland islands
fm 691 micronesia
fo 298 faroe islands
fr 33 france|frankreich|francia|frankrijk|fra
ga 241 gabon
gb 44 united kingdom|uk|great britain|england|scotland|wales|northern ireland|u.k.|großbritannien|vereinigtes königreich|royaume-uni|reino unido|verenigd koninkrijk|regno unito|gbr
gd 1 grenada
ge 995 georgia
gf 594 french guiana
gg 44 guernsey
gh 233 ghana
gi 350 gibraltar
gl 299 greenland
gm 220 gambia
gn 224 guinea
gp 590 guadeloupe
gq 240 equatorial guinea
gr 30 greece|hellas|el
gt 502 guatemala
gu 1 guam
gw 245 guinea-bissau
gy 592 guyana
hk 852 hong kong sar china|hong kong
hn 504 honduras
hr 385 croatia
ht 509 haiti
hu 36 hungary
id 62 indonesia
ie 353 ireland|éire|republic of ireland|irland|irlande|irlanda|irl
il 972 israel
im 44 isle of man
in 91 india|indien|inde|ind
io 246 british indian ocean territory
iq 964 iraq
ir 98 iran
is 354 iceland
it 39 italy|italia|italien|italie|italië|ita
je 44 jersey
jm 1 jamaica
jo 962 jordan
jp 81 japan|japón|jpn
ke 254 kenya
kg 996 kyrgyzstan
kh 855 cambodia
ki 686 kiribati
km 269 comoros
kn 1 st. kitts and nevis
kp 850 north korea
kr 82 south korea|korea|republic of korea
kw 965 kuwait
ky 1 cayman islands
kz 7 kazakhstan
la 856 laos
lb 961 lebanon
lc 1 st. lucia
li 423 liechtenstein
lk 94 sri lanka
lr 231 liberia
ls 266 lesotho
lt 370 lithuania
lu 352 luxembourg
lv 371 latvia
ly 218 libya
ma 212 morocco
mc 377 monaco
md 373 moldova
me 382 montenegro
mf 590 st. martin
mg 261 madagascar
mh 692 marshall islands
mk 389 macedonia
ml 223 mali
mm 95 myanmar (burma)
mn 976 mongolia
mo 853 macau sar china|macau|macao
mp 1 northern mariana islands
mq 596 martinique
mr 222 mauritania
ms 1 montserrat
mt 356 malta
mu 230 mauritius
mv 960 maldives
mw 265 malawi
mx 52 mexico|méxico|mexique|mexiko|mex
my 60 malaysia
mz 258 mozambique
na 264 namibia
nc 687 new caledonia
ne 227 niger
nf 672 norfolk island
ng 234 nigeria
ni 505 nicaragua
nl 31 netherlands|nederland|holland|the netherlands|niederlande|pays-bas|países bajos|paesi bassi|nld
no 47 norway|norge|norwegen|nor
np 977 nepal
nr 674 nauru
nu 683 niue
nz 64 new zealand|neuseeland|nzl
om 968 oman
pa 507 panama
pe 51 peru
pf 689 french polynesia
pg 675 papua new guinea
ph 63 philippines|phl
pk 92 pakistan
pl 48 poland|polska|polen|pol
pm 508 st. pierre and miquelon
pr 1 puerto rico|pri
ps 970 palestinian territories
pt 351 portugal|portogallo|prt
pw 680 palau
py 595 paraguay
qa 974 qatar
re 262 réunion
ro 40 romania
rs 381 serbia
ru 7 russia|russian federation
rw 250 rwanda
sa 966 saudi arabia
sb 677 solomon islands
sc 248 seychelles
sd 249 sudan
se 46 sweden|sverige|schweden|swe
sg 65 singapore|sgp
sh 290 st. helena
si 386 slovenia
sj 47 svalbard and jan mayen
sk 421 slovakia
sl 232 sierra leone
sm 378 san marino
sn 221 senegal
so 252 somalia
sr 597 suriname
ss 211 south sudan
st 239 são tomé and príncipe
sv 503 el salvador
sx 1 sint maarten
sy 963 syria
sz 268 swaziland
ta 290 tristan da cunha
tc 1 turks and caicos islands
td 235 chad
tg 228 togo
th 66 thailand
tj 992 tajikistan
tk 690 tokelau
tl 670 timor-leste
tm 993 turkmenistan
tn 216 tunisia
to 676 tonga
tr 90 turkey
tt 1 trinidad and tobago
tv 688 tuvalu
tw 886 taiwan
tz 255 tanzania
ua 380 ukraine
ug 256 uganda
us 1 united states|usa|united states of america|u.s.|u.s.a.|america|vereinigte staaten|estados unidos|états-unis|etats-unis|estados unidos de américa|verenigde staten|stati uniti
uy 598 uruguay
uz 998 uzbekistan
va 39 vatican city
vc 1 st. vincent and grenadines
ve 58 venezuela
vg 1 british virgin islands
vi 1 u.s. virgin islands
vn 84 vietnam|viet nam
vu 678 vanuatu
wf 681 wallis and futuna
ws 685 samoa
xk 383 kosovo
ye 967 yemen
yt 262 mayotte
za 27 south africa|zaf
zm 260 zambia
zw 263 zimbabwe`

// abroad are calling codes of no country: freephone, satellites, networks.
const abroad = "800 808 870 878 881 882 883 888 979"

var callingCodes = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	for line := range strings.Lines(countries) {
		letters, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		code, names, _ := strings.Cut(rest, " ")
		codes[letters], codes[code] = code, code
		for name := range strings.SplitSeq(names, "|") {
			codes[name] = code
		}
	}
	for code := range strings.FieldsSeq(abroad) {
		codes[code] = code
	}
	delete(codes, "")
	return codes
})

// CallingCode is the calling code that a cell says: its digits, as "44", "+44", "0044" and
// "1-684", the two letters of a country, a name of it, or both, as "US (+1)". It is "" if the cell
// says none, or two.
func CallingCode(cell string) string {
	cell = strings.ToLower(strings.ReplaceAll(Bare(cell), "&", "and"))
	if code := countryNamed(cell); code != "" {
		return code
	}
	if code := countryTwice(cell); code != "" {
		return code
	}
	digits := Digits(cell)
	for _, prefix := range []string{"00", "011"} {
		digits = strings.TrimPrefix(digits, prefix)
	}
	code := callingCodes()[digits]
	if len(digits) == 4 && digits[0] == '1' && digits[1] > '1' { // with the area code of an island
		code = digits
	}
	name := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || c == ' ' {
			return c
		}
		return -1
	}, cell)
	if named := countryNamed(name); strings.TrimSpace(name) != "" && (named == "" || !strings.HasPrefix(code, named)) {
		return ""
	}
	return code
}

// countryTwice is the calling code of the country that each part of a text names: "united states
// (us)", "us - united states".
func countryTwice(text string) (code string) {
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune("()-–/_", c) }) {
		part = strings.TrimSpace(part)
		named := countryNamed(part)
		switch {
		case part == "" || part == "the":
		case named == "" || code != "" && code != named:
			return countryNamed(strings.Map(func(c rune) rune {
				if c == '_' || c == '-' {
					return ' '
				}
				return c
			}, text))
		default:
			code = named
		}
	}
	return code
}

// countryNamed is the calling code of the country that a text in lower case names.
func countryNamed(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || text[0] >= '0' && text[0] <= '9' {
		return ""
	}
	return callingCodes()[text]
}

// A CountryCell is a cell of the row that says the country of its numbers.
type CountryCell struct {
	Text   string
	Column string // the name of its column, as errors may show it
	Named  bool   // somebody named the column for this; otherwise its name alone suggests it
}

// ReadIn reads the number in a cell of a row whose country another cell says. If that cell's column
// was named for it, a number without "+" is read behind the calling code. Otherwise the two must
// agree: p may have read the national form of another country.
func (p Parser) ReadIn(cell string, country CountryCell) (dnc.Number, error) {
	if Trim(country.Text) == "" {
		return p.Read(cell)
	}
	code := CallingCode(country.Text)
	if country.Named {
		cell = Bare(cell)
		switch {
		case cell == "" || strings.HasPrefix(cell, "+"):
			return p.Read(cell)
		case code == "":
			return dnc.Number{}, causef("column %q says no calling code: write one, as 1 or 44, or the two letters of a country, as US or GB", country.Column)
		}
		return Parser(func(cell string) (dnc.Number, error) { return dnc.ParseNumber("+" + code + " " + cell) }).Read(cell)
	}
	n, err := p.Read(cell)
	if err != nil || code != "" && strings.HasPrefix(n.E164(), "+"+code) {
		return n, err
	}
	if _, abroad := Parser(dnc.ParseNumber).Read(cell); abroad == nil { // it says its country itself
		return n, nil
	}
	if code == "" {
		return dnc.Number{}, causef("it is a national form, and column %q says no country that is known here: "+
			"write the two letters of a country there, such as US or GB, or name the column as one that is ignored", country.Column)
	}
	return dnc.Number{}, causef("it is a national form, and column %q says another country than it was read for: name that column "+
		"as the one with the calling codes, or as one that is ignored", country.Column)
}
