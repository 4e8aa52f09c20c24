package optout

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// stopWords are opt-outs by themselves: the seven of 47 CFR 64.1200(a)(10), what carriers act on
// besides, and Spanish ones. Several words in a row are one entry.
var stopWords = []string{
	"stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", // the rule's own
	"optout", "stopall", "stop all",
	"alto", "no mas", "parar", "pare", "basta", "cancelar", "baja",
}

// refusals say the same in more words, wherever they stand.
var refusals = []string{
	"do not call", "dont call", "do not text", "dont text", "do not contact", "dont contact", "never call", "never text",
	"stop calling", "stop texting", "stop contacting", "take me off", "remove me", "remove my number", "leave me alone", "opt me out",
	"no llame", "no llamen", "no me llame", "no me llamen", "no me llames", "no me escriban", "no me contacten", "dejen de llamar", "deje de llamar", "quiteme", "quitenme",
}

// harmless are replies that are not opt-outs. Each is the whole text. START is one of them: it
// allows texts at the carrier, but no calls.
var harmless = []string{
	"start", "unstop", "help", "info", "ayuda", "yes", "y", "si", "ok", "okay", "thanks", "thank you", "gracias",
}

// maxShort is how many words a text has at most in which one stop word decides.
const maxShort = 5

// ReadReply returns the meaning of a reply's text. It ignores upper and lower case, accents and
// punctuation.
//
//	OptOut    the text has up to five words, one of them is a stop word: stop, quit, end, revoke, opt
//	          out, cancel, unsubscribe (47 CFR 64.1200(a)(10)), stopall, alto, no más and others in
//	          Spanish; or it says "do not call me" in one of some ways, at any length
//	Harmless  it is empty, or no more than start, unstop, help, info, yes, ok, thanks, sí, gracias, ayuda,
//	          without an emoji: "ok" may be followed by a stop sign
//	Doubtful  everything else. The rule asks what a reasonable person would read
func ReadReply(text string) Meaning {
	words := wordsOf(text)
	whole := " " + strings.Join(words, " ") + " "
	has := func(phrase string) bool { return strings.Contains(whole, " "+phrase+" ") }
	switch {
	case len(words) <= maxShort && slices.ContainsFunc(stopWords, has), slices.ContainsFunc(refusals, has):
		return OptOut
	case strings.TrimSpace(text) == "", slices.Contains(harmless, strings.Join(words, " ")) && !strings.ContainsFunc(text, unicode.IsSymbol):
		return Harmless
	}
	return Doubtful
}

var unaccented = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n",
	"a\u0301", "a", "e\u0301", "e", "i\u0301", "i", "o\u0301", "o", "u\u0301", "u")

// wordsOf are the words of a text in small letters, without accents and apostrophes.
func wordsOf(text string) []string {
	text = unaccented.Replace(strings.ToLower(text))
	text = strings.NewReplacer("'", "", "’", "", "\u200b", "", "\ufeff", "").Replace(text)
	return strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// Reply takes in the reply to a text message. It reads text with [ReadReply], and calls
// [Intake.Add] for an OptOut and [Intake.Hold] for a Doubtful text. A Harmless text changes
// nothing, and its receipt is zero. If r.Evidence is empty, it becomes the first 4,096 bytes of
// text.
func (in *Intake) Reply(ctx context.Context, r Request, text string) (Meaning, Receipt, error) {
	m := ReadReply(text)
	if m == Harmless {
		return m, Receipt{}, r.check()
	}
	if r.Evidence == "" {
		text = strings.ToValidUTF8(text, "�")
		r.Evidence = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	}
	if m == OptOut {
		receipt, err := in.Add(ctx, r)
		return m, receipt, err
	}
	receipt, err := in.Hold(ctx, r)
	return m, receipt, err
}
