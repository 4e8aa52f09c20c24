package sheet

import (
	"slices"
	"strings"
	"unicode"
)

// optOutNames are what PlainName makes of the names of columns that say who must not be called, or
// a part of it.
var optOutNames = []string{
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
	"nietbellen", "nãoligar", "naoligar", "nãoperturbe", "naoperturbe", "robinson", "ringinte",
	"interinga", "ikkering", "ringikke", "äläsoita",
	"niedzwoni", "nevolat", "nehívj", "aramayın", "незвонить", "禁止", "勿拨", "拒绝来电", "수신거부",
}

// optOutWords are words of such names, and optOutWholes whole names.
var (
	optOutWords  = []string{"tps", "ctps", "dnd", "ncpr", "rpo", "blocked", "excluded", "exclusion", "suppress", "unsubscribe", "unsub", "revoked"}
	optOutWholes = []string{"stop", "remove", "removed", "exclude", "nocontact", "donot", "optstatus", "opt", "withdrawn", "nix"}
)

// otherChannels are those that an opt-out or a permission may be for, apart from calls.
var otherChannels = []string{"mail", "fax", "sms", "text", "newsletter", "whatsapp", "post", "cookie"}

// forOtherChannels reports whether a name speaks of other channels than calls alone.
func forOtherChannels(plain string) bool {
	return has(plain, otherChannels) && !has(plain, []string{"call", "phone", "voice", "dial", "telef"})
}

// IsOptOut reports whether the name of a column says that it has who must not be called.
func IsOptOut(name string) bool {
	plain := PlainName(name)
	switch {
	case has(plain, optOutNames), anyWord(name, []string{"tps", "ctps"}),
		slices.ContainsFunc(wordsOf(Legible(name)), func(w string) bool { return strings.Contains(w, "dnc") }):
		return true
	case forOtherChannels(plain):
		return false
	}
	return anyWord(name, optOutWords) || slices.Contains(optOutWholes, plain) || permits(name) && anyWord(name, negations) ||
		has(plain, []string{"optout", "optedout", "unsubscribed", "suppressed", "suppression"})
}

// no and yes are what people and programs write for them.
var (
	no = []string{
		"false", "no", "n", "0", "f", "off", "nein", "non", "nee", "não", "nao", "none", "null",
		"faux", "falsch", "falso",
		"allow", "allowed", "unchecked", "☐", "nej", "nei", "ei", "nie", "nem", "нет", "hayır",
		"いいえ", "否",
	}
	yes = []string{
		"true", "yes", "y", "1", "t", "on", "ok", "x", "✓", "✔", "☑", "checked", "allow", "allowed",
		"permitted", "granted", "given",
		"consented", "opted in", "opted-in", "opt in", "opt-in", "optin", "subscribed", "ja", "oui",
		"si", "sí", "sì", "sim", "tak", "ano",
		"igen", "kyllä", "да", "evet", "vrai", "wahr", "vero", "verdadero", "verdadeiro", "waar",
		"はい", "是",
	}
)

// OptedOut reports whether a cell of a column as IsOptOut means says yes: whatever is not empty and
// not a no. A date is a yes, as is "x".
func OptedOut(cell string) bool {
	cell = answer(cell)
	return cell != "" && !slices.Contains(no, cell)
}

// permissionNames are what PlainName makes of the names of columns that say who may be called, or a
// part of it. permissionWords are words of such names.
var (
	permissionNames = []string{
		"permission", "permitted", "consent", "oktocall", "oktophone", "oktocontact", "oktodial",
		"okaytocall", "cancall", "maycall", "canbecalled",
		"maybecalled", "cancontact", "canphone", "maycontact", "maybecontacted", "allowcall",
		"allowphone", "allowcontact", "callsallowed",
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
		"hozzájárulás", "согласие", "同意", "許可", "允许", "동의",
	}
	permissionWords = []string{"allowed", "allow", "accepte", "acepta", "aceita", "accetta", "autoriza", "onay", "izin"}
	// aboutPermission are in the names of columns that say when or how it was given.
	aboutPermission = []string{
		"date", "datum", "fecha", "data", "time", "timestamp", "ip", "url", "link", "page",
		"source", "text", "version", "id", "method", "form",
		"language",
	}
)

// negations make an opt-out of a permission, as "no consent" is one.
var negations = []string{
	"not", "no", "non", "without", "denied", "refused", "declined", "lacks", "missing", "withdrawn",
	"nicht", "kein", "keine", "ohne", "pas", "sans",
	"sin", "senza", "não", "nao", "sem", "geen", "niet", "ikke", "inte", "ingen", "nie", "bez",
	"не", "нет", "без",
}

// IsPermission reports whether the name of a column says that it has who may be called.
func IsPermission(name string) bool { return permits(name) && !IsOptOut(name) }

func permits(name string) bool {
	plain := PlainName(name)
	return !forOtherChannels(plain) && !anyWord(name, aboutPermission) &&
		(has(plain, permissionNames) || anyWord(name, permissionWords))
}

// Permitted reports whether a cell of a column as IsPermission means says yes. An empty one does
// not.
func Permitted(cell string) bool { return slices.Contains(yes, answer(cell)) }

// answer is a cell in lower case, without a date behind a word: "Yes (2026-01-03)".
func answer(cell string) string {
	cell = strings.ToLower(Bare(cell))
	end := strings.IndexFunc(cell, func(c rune) bool { return !unicode.IsLetter(c) })
	if end > 0 && len(Digits(cell)) >= 6 && (cell[end] == ' ' || cell[end] == '(') && strings.IndexFunc(cell[end:], unicode.IsLetter) < 0 {
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
