package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// optOutNames are what plainest makes of the names of columns that say who must not be called, or
// a part of it.
var optOutNames = unaccentedAll([]string{
	"donotcall", "dontcall", "donottelephone", "donotphone", "donotdisturb", "hardstop", "complainer",
	"plaintiff", "ceaseanddesist", "excludefrom", "nocontact", "callblock", "callrestriction",
	"revocation", "tpsregister", "ctpsregister", "removalrequest", "stopdate", "donotallowphone", "donotcontact", "dontcontact",
	"donotsolicit", "nosolicit", "nocall", "nophone",
	"nevercall", "phoneoptout", "calloptout", "voiceoptout", "blacklist", "blocklist",
	"blockedlist", "suppresslist",
	"optoutcall", "optoutphone", "optoutofcall", "optoutofphone", "optedoutofcall",
	"optedoutofphone", "onregistry", "dncregistry", "donotdial",
	"litigator", "righttobeforgotten", "uncallable", "uncontactable", "disallow", "consentrevoked",
	"consentwithdrawn", "revokedconsent", "withdrawnconsent",
	"nichtanrufen", "anrufsperre", "telefonsperre", "werbesperre", "widerspruch", "nixtelefon",
	"sperrliste", "sperre", "gesperrt", "sperrvermerk", "sperrkenn", "kontaktverbot", "anrufverbot",
	"telefonverbot", "refusappel", "refusdémarchage", "refusdemarchage", "nepasdémarcher",
	"nepasdemarcher", "nodesea", "nãocontatar", "naocontatar", "descadastrado", "bloqueado",
	"opposizion", "iscrittorpo", "belmeniet", "kielto", "sprzeciw",
	"nepasappeler", "nepascontacter", "bloctel", "opposition", "listenoire", "nollamar",
	"nocontactar", "listanegra", "nonchiamare", "noncontattare",
	"cease&desist", "killlist", "telephonepreference", "callrestricted", "processingrestrict", "gdprrestrict",
	"removefrom", "listerouge", "werbeverbot", "desabonn", "désabonn", "desinscri", "désinscri", "dadodebaja",
	"nietbellen", "nãoligar", "naoligar", "nãoperturbe", "naoperturbe", "robinson", "ringinte",
	"interinga", "ikkering", "ringikke", "äläsoita",
	"niedzwoni", "nevolat", "nehívj", "aramayın", "незвонить", "небеспокоить", "запретзвон", "чёрныйсписок", "черныйсписок",
	"禁止", "勿拨", "拒绝来电", "拒否", "撤回", "거부", "철회", "免打扰", "勿扰", "拒接", "黑名单", "黑名單", "ブラックリスト", "電話不可", "架電不可",
	"연락금지", "القائمةالسوداء", "عدمالاتصال", "לאלהתקשר", "אלתתקשר", "ห้ามโทร", "ไม่ให้โทร", "μηνκαλείτε", "μηντηλεφωνείτε",
	"拒绝", "拒絕", "محظور", "رفض", "חסום", "הסרה", "רשימהשחורה", "ปฏิเสธ", "từchối", "khônggọi", "janganhubungi", "jangantelepon", "aranmas",
	"कॉलनकरें", "फोननकरें", "заблокир", "zablokow", "nekontaktovat", "nevolať",
})

// optOutWords are words of such names, and optOutWholes whole names.
var (
	optOutWords = unaccentedAll([]string{
		"tps", "ctps", "dnd", "ncpr", "rpo", "blocked", "banned", "excluded", "exclusion", "suppress", "unsubscribe", "unsub", "revoked",
		"objected", "objects", "objection", "refused", "refuses", "refusal", "erasure", "erased", "excluido", "excluída", "excluído", "exclusión",
		"oposición", "verzet", "reservert", "reservasjonsregisteret", "spärr", "spärrad", "refus", "recusou", "rechazado", "rifiuta", "rifiuto",
		"rifiutato", "odmowa", "отказ",
	})
	optOutWholes = unaccentedAll([]string{"baja", "forgetme", "c&d", "stopall", "stop", "remove", "removed", "exclude", "nocontact", "donot", "optstatus", "opt", "withdrawn", "nix"})
)

// Words of names such as "Do Not Mail/Call": one that forbids and, anywhere, one of what it forbids.
var (
	forbidders = []string{
		"dont", "donot", "cannot", "cant", "cease", "forbidden", "prohibited", "refuse", "nicht", "kein", "keine", "nie", "nao", "niet", "geen",
		"ikke", "inte",
	}
	callWords = []string{
		"call", "calls", "calling", "called", "phone", "phoned", "phonecalls", "telephone", "telephoned", "dial", "dialed", "dialled", "ring", "voice",
		"anruf", "anrufe", "anrufen", "telefonieren", "angerufen", "appel", "appels", "appeler", "llamar", "llamadas", "ligar", "ligacoes", "chiamare",
		"bellen", "gebeld", "ringe", "ringa", "dzwonic", "telefonowac",
	}
	marketWords = []string{
		"contact", "contacted", "market", "marketing", "telemarketing", "solicit", "solicited", "kontaktieren", "werbung", "contacter", "contactar", "contatar",
		"contattare", "disturbare", "contacteren", "kontakte", "kontakta", "kontaktowac",
	}
	between = []string{"email", "e", "mail", "sms", "text", "texts", "fax", "or", "and", "more", "further", "sales", "marketing", "cold", "outbound"}
)

// forbidsCalls reports whether the words of a name forbid one of what.
func forbidsCalls(words, what []string) bool {
	at := slices.IndexFunc(words, func(w string) bool { return slices.Contains(what, w) })
	if at < 0 {
		return false
	}
	for i, w := range words {
		next := append(slices.Clone(words[i+1:]), "", "")
		switch {
		case (w == "stop" || w == "never") && i < at, slices.Contains(forbidders, w), w == "do" && next[0] == "not", w == "not" && next[0] == "to" && next[1] == "be",
			w == "ne" && slices.Contains([]string{"pas", "plus"}, next[0]):
			return true
		case i == 0 && (w == "no" || w == "non"): // "Phone No" is a number
			rest := slices.IndexFunc(words[1:], func(w string) bool { return !slices.Contains(between, w) || slices.Contains(what, w) })
			if rest >= 0 && slices.Contains(what, words[1+rest]) {
				return true
			}
		}
	}
	return false
}

// otherChannels are those that an opt-out or a permission may be for, apart from calls.
var otherChannels = []string{"mail", "fax", "sms", "text", "newsletter", "whatsapp", "post", "cookie"}

// forOtherChannels reports whether a name speaks of other channels than calls alone.
func forOtherChannels(plain string) bool {
	return has(plain, otherChannels) && !has(plain, []string{"call", "phone", "voice", "dial", "telef"})
}

// IsOptOut reports whether the name of a column says that it has who must not be called.
func IsOptOut(name string) bool {
	plain, words := plainest(name), foldedWords(Legible(name))
	switch {
	case has(plain, optOutNames), anyWord(name, []string{"tps", "ctps"}), forbidsCalls(words, callWords),
		slices.ContainsFunc(wordsOf(Legible(name)), func(w string) bool { return strings.Contains(w, "dnc") }):
		return true
	case forOtherChannels(plain):
		return false
	}
	return forbidsCalls(words, marketWords) || overlap(words, optOutWords) || slices.Contains(optOutWholes, plain) || permits(name) && overlap(words, negations) ||
		has(plain, []string{"optout", "optedout", "unsubscribed", "suppressed", "suppression"})
}

// no and yes are what people and programs write for them.
var (
	no = []string{
		"false", "no", "n", "0", "f", "off", "nein", "non", "nee", "não", "nao", "none", "null",
		"faux", "falsch", "falso",
		"allow", "allowed", "unchecked", "☐", "nej", "nei", "ei", "nie", "nem", "нет", "hayır",
		"いいえ", "否", "ne", "tidak", "όχι", "không", "لا", "לא", "ไม่", "아니오", "아니요",
	}
	yes = []string{
		"true", "yes", "y", "1", "t", "on", "ok", "x", "✓", "✔", "☑", "checked", "allow", "allowed",
		"permitted", "granted", "given",
		"consented", "opted in", "opted-in", "opt in", "opt-in", "optin", "subscribed", "ja", "oui",
		"si", "sí", "sì", "sim", "tak", "ano",
		"igen", "kyllä", "да", "evet", "vrai", "wahr", "vero", "verdadero", "verdadeiro", "waar",
		"はい", "是", "可", "○", "◯", "ναι", "نعم", "כן", "ใช่", "có", "예", "네",
	}
)

// OptedOut reports whether a cell of a column as IsOptOut means says yes: whatever is not empty and
// not a no. A date is a yes, as is "x".
func OptedOut(cell string) bool {
	cell = answer(cell)
	return cell != "" && !slices.Contains(no, cell)
}

// permissionNames are what plainest makes of the names of columns that say who may be called, or a
// part of it. permissionWords are words of such names.
var (
	permissionNames = unaccentedAll([]string{
		"permission", "permitted", "consent", "oktocall", "oktophone", "oktocontact", "oktodial",
		"okaytocall", "cancall", "maycall", "canbecalled",
		"maybecalled", "cancontact", "canphone", "maycontact", "maybecontacted", "allowcall",
		"allowphone", "allowcontact", "callsallowed",
		"oktoring", "maywering", "canwering", "okaytophone", "okaytoring", "okaytodial", "okaytocontact", "oktotelephone", "tobecalled",
		"tobecontacted", "tobephoned", "dialable", "diallable", "pewc", "agreestocall", "agreescall", "acceptscall", "acceptcall",
		"contactbyphone", "contactbytelephone", "contactviaphone", "contactbycall", "phonemarketing", "telephonemarketing",
		"marketingbyphone", "marketingbytelephone", "marketingviaphone", "marketingcall", "callmarketing", "telefonischewerbung",
		"maywecall", "canwecall", "maywephone", "canwephone", "maywecontact", "canwecontact", "agreetobecalled",
		"agreetobecontacted", "agreetocall", "agreetoreceivecall", "ustocall", "phoneok", "okphone", "callok", "ok2call", "maggebeld", "darfangerufen", "telefonwerbung", "accordtéléph", "accordteleph",
		"callallowed", "phoneallowed", "allowedtocall", "callable", "contactable", "optin",
		"optedin", "subscribed",
		"einwilligung", "erlaubnis", "erlaubt", "zustimmung", "einverständnis", "einverstaendnis",
		"autorisation", "autorisé",
		"consentimiento", "permiso", "autorización", "autorizacion", "consenso", "autorizzazione",
		"toestemming", "magbellen",
		"consentimento", "permissão", "permissao", "autorização", "autorizacao", "samtycke",
		"samtykke", "zgoda", "souhlas", "suostumus",
		"súhlas", "privol", "suglasnost", "soglasje", "съгласие", "сагласност", "згода", "разреш", "soittolupa", "markkinointilupa", "nõusolek",
		"piekrišana", "sutikimas", "consimț", "consimt", "συγκατάθεση", "συναίνεση", "موافقة", "הסכמה", "ยินยอม", "đồngý", "persetujuan", "सहमति",
		"架電可", "電話可", "可否",
		"hozzájárulás", "согласие", "同意", "許可", "允许", "동의",
	})
	permissionWords = unaccentedAll([]string{"allowed", "allow", "accepte", "acepta", "aceita", "accetta", "autoriza", "onay", "izin"})
	// aboutPermission are in the names of columns that say when or how it was given.
	aboutPermission = []string{
		"date", "datum", "fecha", "data", "time", "timestamp", "ip", "url", "link", "page",
		"source", "text", "version", "id", "method", "form",
		"language",
	}
)

// negations make an opt-out of a permission, as "no consent" is one.
var negations = unaccentedAll([]string{
	"not", "no", "non", "without", "denied", "refused", "declined", "lacks", "missing", "withdrawn", "withdrawal", "revoked", "revoke", "revocation",
	"rescinded", "expired", "lapsed", "invalid", "absent", "refusal", "denial", "cancelled", "canceled", "removed",
	"widerrufen", "widerruf", "entzogen", "verweigert", "abgelehnt", "abgelaufen", "retrait", "retiré", "retire", "révoqué", "révocation", "refusé", "refus",
	"revocado", "revocada", "revocación", "revocacion", "retirado", "retirada", "denegado", "rechazado", "revogado", "revogada", "revogação", "recusado", "negado",
	"revoca", "revocato", "revocata", "ritirato", "negato", "rifiutato", "ingetrokken", "geweigerd", "återkallat", "återkallad", "tilbakekalt", "trukket",
	"odmowa", "cofnięta", "wycofana", "odvolán", "отозвано", "отказ",
	"nicht", "kein", "keine", "ohne", "pas", "sans",
	"sin", "senza", "não", "nao", "sem", "geen", "niet", "ikke", "inte", "ingen", "nie", "bez",
	"не", "нет", "без",
})

// IsPermission reports whether the name of a column says that it has who may be called.
func IsPermission(name string) bool { return permits(name) && !IsOptOut(name) }

func permits(name string) bool {
	plain, words := plainest(name), foldedWords(Legible(name))
	return !forOtherChannels(plain) && !overlap(words, aboutPermission) &&
		(has(plain, permissionNames) || overlap(words, permissionWords))
}

// plainest is PlainName without accents, however they are encoded.
func plainest(name string) string { return unaccented(PlainName(name)) }

func unaccentedAll(names []string) []string {
	for i, name := range names {
		names[i] = unaccented(name)
	}
	return names
}

func overlap(words, with []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(with, w) })
}

// Permitted reports whether a cell of a column as IsPermission means says yes. An empty one does
// not.
func Permitted(cell string) bool { return slices.Contains(yes, answer(cell)) }

// aDate is what may stand behind an answer. Two dates are a time that may have ended.
var aDate = regexp.MustCompile(`^ ?\(?([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{8})(,? [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?\)?$`)

// answer is a cell in lower case, without a date behind a word: "Yes (2026-01-03)".
func answer(cell string) string {
	cell = strings.ToLower(Bare(cell))
	end := strings.IndexFunc(cell, func(c rune) bool { return !unicode.IsLetter(c) })
	if end > 0 && (cell[end] == ' ' || cell[end] == '(') && aDate.MatchString(cell[end:]) {
		return cell[:end]
	}
	return cell
}

// Refusals are the columns of a header whose cells can say that nobody may call.
type Refusals struct {
	OptOuts     []int // by a yes: OptedOut
	Permissions []int // by everything but a yes: Permitted
	Remarks     []int // by a phrase: Forbids
}

// In is a column in which a row says so, or -1.
func (r Refusals) In(fields []string) int {
	for _, of := range []struct {
		columns []int
		refuses func(cell string) bool
	}{
		{r.OptOuts, OptedOut},
		{r.Permissions, func(cell string) bool { return !Permitted(cell) }},
		{r.Remarks, Forbids},
	} {
		for _, i := range of.columns {
			if of.refuses(fields[i]) {
				return i
			}
		}
	}
	return -1
}
