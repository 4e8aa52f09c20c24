package sheet

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// MayForbid reports whether cells of a column may say that nobody may call, as Forbids finds it.
// What they say of mail does not count. "Free text" and "Posted by" are no channels.
func MayForbid(name string) bool {
	plain := PlainName(name)
	return !forOtherChannels(plain) || !has(plain, surelyOther) && !overlap(foldedWords(Legible(name)), ofMessages)
}

// surelyOther are other channels than calls. ofMessages are words that make one of "text" or "post".
var (
	surelyOther = []string{"mail", "fax", "sms", "newsletter", "whatsapp", "cookie"}
	ofMessages  = []string{
		"opt", "optin", "optout", "opted", "message", "messages", "messaging", "consent", "permission", "status", "alert", "alerts", "marketing",
		"preference", "preferences", "reply", "replies", "texts", "texting", "stop", "unsubscribed", "unsubscribe", "subscribed", "postal",
	}
)

// forbidding are the letters of whole cells, or of parts of a list in one, that say that nobody may
// call. Within a longer text they may mean something else.
var forbidding = setOf(`donotallow nocall nocalls nocontact noconsent nosolicit stop blocked suppressed
	suppression unsubscribed removed removefromlist removalrequest optout optedout optedoutofcalls
	phoneoptout remove pleaseremove unsub unsubscribe unsubscribeme suppress blockednumber numberblocked objected optedouton
	desinscrit desabonne baja sparr sparrad refusappels gesperrt widerspruch widerruf widerrufen opposition`)

// forbids are the words of phrases that say so in any text, in their order. Fillers may stand
// between two of them: "do not ever call". Apostrophes and accents are left out. With "$" a phrase
// must end its clause: "OK to call: no" is one, "OK to call no earlier than 9" is not.
var forbids = phrasesOf(`do not call|do not calls|do not phone|do not dial|do not ring|do not contact|do not telephone|do not solicit|do not disturb
	dont call|dont phone|dont dial|dont ring|dont contact|dont telephone|dont solicit|dont disturb|donot call|donot contact
	donotcall|dontcall|donotcontact|dontcontact|donotphone|never call|never phone|never contact|not to be called|not to be contacted
	not want calls|not want to be called|not want to be contacted|doesnt want calls|doesnt want to be called|doesnt want to be contacted
	doesnt want call|not want call|no more calls|no further calls|no phone calls|no sales calls|no marketing calls|no cold calls|no calls please|wants no calls|no calls ever
	no soliciting|no solicitation|no solicitations|no telemarketing|no telemarketers|no call list|nocall list
	stop calling|quit calling|cease calling|cease and desist|opted out calls|opted out phone|opted out voice|opt out calls|opt out phone|opt out voice|optout calls|optout phone
	phone opted out|phone opt out|phone optout|voice opt out|voice optout|voice opted out|call opt out|calls opt out
	not to call|no longer want calls|no longer wants calls|no longer wish called|no longer wishes called|requested no calls|requests no calls|asked no calls
	no calls after|no calls before|no further contact|no more contact|requested no contact|requested no further contact
	cannot call|can not call|cant call|may not call|must not call|should not call|shouldnt call|not allowed call
	do nt call|dnt call|do not cal|do not calll|dont cal|cease contact|cease all contact|cease communication|cease communications|cease desist
	replied stop|texted stop|sent stop|sms stop|stop sms|stop received|opted out via|block list|block listed
	remove me|remove us|remove number $|forget me $|take me off|take us off|take number off|right forgotten|erasure request|gdpr erasure|gdpr delete|gdpr deletion
	consent no $|consent n $|consent denied|consent refused|consent expired|not consented $|not consent $|withdraw consent|withdraws consent
	can call no $|can call n $|may call no $|may call n $|ok call no $|ok call n $|okay call no $|okay call n $|call permission no $
	permission call no $|permission call n $
	tcpa suit|tcpa lawsuit|tcpa threat|professional plaintiff|prof plaintiff|serial plaintiff|threatened sue|threatens sue
	take off list|remove from list|wants off list|consent withdrawn|consent revoked|withdrew consent|revoked consent|refused consent|refuses consent
	nicht anrufen|nicht kontaktieren|nicht telefonieren|keine anrufe|kein anruf|keinen anruf|kein anruf erwunscht|kein anruf erwuenscht|keine telefonwerbung|keine werbeanrufe
	nicht mehr angerufen|nicht mehr kontaktiert
	nummer gesperrt|rufnummer gesperrt|anrufsperre|telefonsperre|werbesperre|kontaktsperre|werbewiderspruch|nichtanrufen
	ne appeler|ne rappeler|ne contacter|ne telephoner|ne demarcher|plus etre appele|plus etre contacte|pas dappel|pas dappels|plus dappel|plus dappels|nepasappeler
	no llamar|no llame|no llamen|no volver llamar|no contactar|no contacte|no molestar|no ser llamado|no ser contactado|no quiere llamen|no quiere llamadas|no desea llamadas|no mas llamadas|dado de baja|dada de baja|nollamar
	nao ligar|nao ligue|nao contatar|nao contactar|nao telefonar|nao perturbe|nao perturbar|nao quer ligacoes|nao deseja ligacoes|naoligar
	non chiamare|non chiamate|non richiamare|non contattare|non telefonare|non vuole chiamato|non vuole contattato|non vuole chiamate|registro opposizioni|registro delle opposizioni|registro pubblico delle opposizioni|nonchiamare
	niet bellen|niet contacteren|niet benaderen|bel niet|niet gebeld worden|wil niet gebeld|nietbellen
	ring inte|ring ej|kontakta inte|kontakta ej|ring ikke|ikke ring|ikke ringes|kontakt ikke|ikke kontaktes|ala soita
	nie dzwonic|nie dzwon|nie kontaktowac|nevolat|nekontaktovat|ne hivja|nu suna|nu sunati|nu apela|aramayin
	отказ от звонков|отказался от звонков|jangan telepon|jangan hubungi|jangan dihubungi|dung goi
	не звонить|не звоните|не беспокоить|μην καλειτε|khong goi
	dnc|dncd|dnced|ndnc|dncl|dncc|bloctel|litigator|litigators|tcpalitigator|blacklist|blacklisted|blocklist|blocklisted|robinsonliste|lista robinson|robinson list`)

var fillers = setOf(`text email mail sms or nor and ever please pls again want wants wish to of any more this us them him her me you my our your the from for future
	call calling phone be being mehr bitte plus pas jamais se le la les lo los que a mas mais receber ricevere essere piu meer ooit`)

// weak are words that say so unless the text has others than those of what is said of a list: there
// are companies of that name.
var weak = setOf("tps ctps dnd")

// unspaced are phrases of scripts that put no blanks between words.
var unspaced = []string{
	"勿打", "勿拨", "勿撥", "勿致电", "勿致電", "拒绝来电", "拒絕來電", "不要打电话", "不要打電話", "禁止拨打", "電話不可", "電話禁止", "架電禁止", "架電ng",
	"전화금지", "전화 금지", "수신거부", "수신 거부", "عدم الاتصال", "لا تتصل", "לא להתקשר", "ห้ามโทร",
	"不要再打", "别打电话", "別打電話", "不要联系", "不要聯繫", "请勿联系", "勿联系", "不要来电", "不要來電", "免打扰", "黑名单", "黑名單",
	"電話しないで", "連絡不要", "ブラックリスト", "전화하지 마", "전화하지마", "연락하지 마", "연락하지마", "연락금지", "연락 금지",
	"ไม่ต้องโทร", "อย่าโทร", "फोन न करें", "कॉल न करें",
}

// What is said of a list: a phrase is a name of one where these stand beside it.
var (
	nouns = setOf(`list lists registry register registered registration com status flag result results database db scrub scrubs
		scrubbed check checks checked screen screened screening`)
	scrubs = setOf("scrub scrubs scrubbed check checks checked screen screened screening")
	// denials stand in front of it or behind it, answers behind it alone.
	denials = setOf("not no non none never isnt without clear cleared clean cleaned free pass passed expired negative")
	answers = setOf("false f nein ok safe removed")
	// links lead from a denial to a name, and connectors may stand between, too.
	links      = setOf("on in of from for to with against vs by at off")
	connectors = setOf("a an the any our company internal federal national state wireless longer yet listed registered found list")
	hits       = setOf("yes y true hit hits listed found match matched positive failed fail registered")
)

// Forbids reports whether a cell says that nobody may call, in a column whose name does not say so:
// a status "DNC", a note "do not call". "Not on DNC", "DNC: no" and "DNC scrubbed" do not say it.
func Forbids(cell string) bool {
	if len(cell) < 3 || !mayForbid(cell) {
		return false
	}
	cell = Legible(cell)
	for clause := range strings.FieldsFuncSeq(sentencesOf(cell), endsClause) {
		if clauseForbids(clause) {
			return true
		}
	}
	lower := strings.ToLower(cell)
	return strings.Contains(lower, "d.n.c") ||
		strings.IndexFunc(lower, func(c rune) bool { return c >= 0x590 }) >= 0 && has(lower, unspaced)
}

// begins are words. Every text that Forbids finds has one of them, and most cells have none.
var begins = func() map[string]bool {
	set := setOf("opt opted phone removal d do")
	maps.Copy(set, forbidding)
	maps.Copy(set, weak)
	for word := range forbids {
		set[word] = true
	}
	return set
}()

// mayForbid looks for one of those, in ASCII without allocating memory.
func mayForbid(cell string) bool {
	var word [24]byte
	n, last := 0, byte(' ')
	for i := 0; i <= len(cell); i++ {
		c := byte(' ')
		if i < len(cell) {
			c = cell[i]
		}
		upper := c >= 'A' && c <= 'Z'
		letter := upper || c >= 'a' && c <= 'z'
		switch {
		case c >= 0x80:
			return true
		case c == '\'' || c == '`':
			continue
		case !letter || upper && last >= 'a' && last <= 'z':
			if n <= len(word) && begins[string(word[:n])] {
				return true
			}
			n = 0
		}
		if letter {
			if n < len(word) {
				word[n] = c | 0x20
			}
			n++
		}
		last = c
	}
	return false
}

func endsClause(c rune) bool { return strings.ContainsRune(",;|!，；。、\n\r", c) }

var sentences = strings.NewReplacer("vs. ", "vs ", ". ", "\n")

// sentencesOf is a text with a line for each sentence, and without its words that are addresses of
// mail or of the web.
func sentencesOf(cell string) string {
	cell = sentences.Replace(cell)
	if !strings.ContainsAny(cell, "@:") && !strings.Contains(cell, "www.") {
		return cell
	}
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(cell, func(c rune) bool { return c == ' ' }) {
		if !strings.Contains(word, "@") && !strings.Contains(word, "://") && !strings.HasPrefix(word, "www.") {
			b.WriteString(word + " ")
		}
	}
	return b.String()
}

func clauseForbids(clause string) bool {
	if zero, ok := strings.CutSuffix(strings.TrimSpace(clause), "0"); ok && strings.TrimRight(zero, ":= ") != zero {
		clause = zero + "no"
	}
	words := foldedWords(clause)
	if len(words) == 0 {
		return false
	}
	for part := range strings.SplitSeq(clause, "/") {
		letters := words
		if len(part) < len(clause) {
			letters = foldedWords(part)
		}
		if whole := strings.Join(letters, ""); forbidding[whole] || whole == "dnc" {
			return true
		}
	}
	for i, w := range words {
		for _, phrase := range forbids[w] {
			if end := follows(words, i, phrase); end > 0 && !denied(words, i, end) && !ofOtherList(words[i:end]) {
				return true
			}
		}
		if weak[w] && !denied(words, i, i+1) && !slices.ContainsFunc(words, func(w string) bool {
			return !weak[w] && !nouns[w] && !connectors[w] && !links[w] && !hits[w]
		}) {
			return true
		}
	}
	return false
}

// follows is where the phrase ends whose first word is at i, or 0. Fillers may stand between two of
// its words.
func follows(words []string, i int, phrase []string) int {
	for _, want := range phrase[1:] {
		if want == "$" {
			if i+1 < len(words) {
				return 0
			}
			break
		}
		for i++; i < len(words) && words[i] != want && fillers[words[i]]; i++ {
		}
		if i >= len(words) || words[i] != want {
			return 0
		}
	}
	return i + 1
}

// ofOtherList reports whether a phrase asks to leave a list of another channel alone: "remove from
// email list".
func ofOtherList(phrase []string) bool {
	if len(phrase) < 2 || phrase[len(phrase)-1] != "list" || !has(phrase[len(phrase)-2], otherChannels) {
		return false
	}
	return !slices.ContainsFunc(phrase, func(w string) bool { return slices.Contains(callWords, w) || w == "all" })
}

// denied reports whether what is around a phrase says that it does not hold: "not on the federal
// DNC", "DNC: no", "DNC scrubbed".
func denied(words []string, start, end int) bool {
	first, last := start, end
	scrubbed := false
	for end < len(words) && nouns[words[end]] && !hits[words[end]] {
		scrubbed = scrubbed || scrubs[words[end]]
		end++
	}
	if end < len(words) {
		switch w := words[end]; {
		case hits[w]:
			return false
		case slices.Contains([]string{"no", "not", "n", "none"}, w):
			rest := words[end+1:]
			return len(rest) == 0 || hits[rest[0]] || rest[0] == "on" || rest[0] == "record" || rest[0] == "records"
		case denials[w], answers[w], w == "off" && last-first == 1 && end+1 == len(words):
			return true
		}
	}
	linked := false
	for start--; start >= 0 && (links[words[start]] || connectors[words[start]]); start-- {
		linked = linked || links[words[start]]
	}
	switch {
	case scrubbed:
		return true
	case start < 0:
		return false
	case linked:
		return denials[words[start]] || scrubs[words[start]] || words[start] == "removed"
	}
	// Without a link it may be an answer to something else, as in "said no do not call".
	return last-first == 1 && start == 0 && denials[words[start]]
}

// foldedWords are the words of a text, as wordsOf has them, without apostrophes and accents.
func foldedWords(text string) []string { return wordsOf(unaccented(text)) }

// unaccented is a text without apostrophes and accents.
func unaccented(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\'' || c == '`':
			return -1
		case c < 0x80:
			return c
		case c == '’' || c == '‘' || c == '´' || unicode.Is(unicode.Mn, c):
			return -1
		}
		if at := strings.IndexRune(accented, c); at >= 0 {
			return bare[at]
		}
		return c
	}, text)
}

// accented are letters with accents, and bare those without, at the place of each in bytes.
var accented, bare = func() (string, map[int]rune) {
	var b strings.Builder
	plain := map[int]rune{}
	for group := range strings.FieldsSeq("aàáâãäåăąạ cçćč dđď eèéêëęěẹ iìíîïıị lł nñńň oòóôõöøőọ sśšşș tțť uùúûüůűụ yýÿ zźżž " +
		"AÀÁÂÃÄÅ CÇ DĐ EÈÉÊË IÌÍÎÏİ LŁ NÑŃ OÒÓÔÕÖØ SŚŠ UÙÚÛÜ ZŹŻŽ οό ιίϊ εέ αά ηή") {
		var to rune
		for i, c := range group {
			if i == 0 {
				to = c
				continue
			}
			plain[b.Len()] = to
			b.WriteRune(c)
		}
	}
	return b.String(), plain
}()

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// phrasesOf are phrases by their first word.
func phrasesOf(text string) map[string][][]string {
	byFirst := map[string][][]string{}
	for line := range strings.Lines(text) {
		for phrase := range strings.SplitSeq(strings.TrimSpace(line), "|") {
			words := strings.Fields(phrase)
			byFirst[words[0]] = append(byFirst[words[0]], words)
		}
	}
	return byFirst
}
