package optout

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadReply(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Meaning{
		"stop": OptOut, "STOP": OptOut, " Stop. ": OptOut, "stop!!!": OptOut, "\"STOP\"": OptOut, "S\u200bTOP": OptOut, "stop\u00a0please": OptOut,
		"quit": OptOut, "END": OptOut, "revoke": OptOut, "opt out": OptOut, "opt-out": OptOut, "OptOut": OptOut, "cancel": OptOut, "Unsubscribe": OptOut,
		"STOPALL": OptOut, "stop all": OptOut, "Alto": OptOut, "no más": OptOut, "NO MAS": OptOut, "no ma\u0301s": OptOut, "¡ALTO!": OptOut, "basta ya": OptOut, "cancelar": OptOut,
		"please stop": OptOut, "stop texting me you people": OptOut, "yes stop": OptOut, "please do stop this now": OptOut,
		"Please stop calling me, I have asked you three times": OptOut, "don't call me": OptOut, "DON’T TEXT": OptOut, "take me off your list immediately or I call my lawyer": OptOut,
		"por favor no me llamen más a este número de teléfono": OptOut, "quíteme de la lista por favor ahora mismo": OptOut,
		"": Harmless, "  \n": Harmless, "START": Harmless, "unstop": Harmless, "Help": Harmless, "YES": Harmless, "sí": Harmless, "Thank you!": Harmless, "ok": Harmless,
		"I will stop by your office tomorrow at five": Doubtful, "who is this": Doubtful, "the weekend works for me": Doubtful, "wrong number": Doubtful, "👎": Doubtful, "?": Doubtful,
		"yes please call": Doubtful, "stopp": Doubtful, "start again": Doubtful, "ok 🛑": Doubtful, "👎 thanks": Doubtful, "yes\xff": Doubtful, "not interested": Doubtful,
	} {
		assert.Equal(t, want, ReadReply(text), "%q", text)
	}
	for _, m := range []Meaning{Doubtful, OptOut, Harmless, 7} {
		assert.NotEmpty(t, m.String())
	}
}
