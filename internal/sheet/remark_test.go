package sheet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Cells that say that nobody may call, as dialers write them and agents type them.
func TestForbids(t *testing.T) {
	t.Parallel()
	for _, yes := range []string{
		"DNC", "dnc", "Do Not Call", "DO  NOT\u00a0CALL - lawyer", "vip;do not call", "Opted-Out", "No calls", "Don’t call", "TCPA Litigator",
		"DNC - Customer Request", "Added to DNC", "addedToDNC", "ININ-OUTBOUND-DNC", "Internal DNC", "DNC requested", "hard DNC", "dnc per client",
		"DNC'd by agent", "D.N.C.", "D N C", "DNC2", "[DNC]", "DNC/Litigator", "Lead - DNC", "Status: DND", "DNC: yes", "DNC check: listed",
		"scrubbed vs DNC - hit", "Checked against DNC: listed", "No, DNC", "not interested DNC", "no answer DNC", "DNC no answer", "DNC - no calls",
		"Removed DNC", "said no do not call", "ok do not call", "!N wants no calls!N", "National Do Not Call Registry", "on TPS", "TPS", "TPS/CTPS",
		"TPS registered", "do not EVER call", "asked not to be called", "client doesn’t want any calls", "please remove me from your list",
		"take him off the list", "no more calls", "Do not solicit", "Cease and desist", "Consent withdrawn 2026-01-03", "Unsubscribed", "blocked",
		"do not text or call", "Do not email/call", "DNC? Y", "dnc=1", "DNC 10", "Opted Out - Phone", "Phone: opted out", "opt out of calls", "DO_NOT_CALL", "Not a client. Do not call",
		"Nicht anrufen", "Bitte nicht mehr anrufen", "keine Anrufe", "Werbesperre", "Rufnummer gesperrt", "möchte nicht mehr angerufen werden",
		"Ne pas appeler", "Ne plus contacter", "Pas d’appel", "Ne souhaite plus être appelé", "inscrit Bloctel",
		"No llamar", "no volver a llamar", "No quiere que lo llamen", "Lista Robinson", "Não ligar", "NAO LIGAR", "Na\u0303o ligue mais",
		"não quer receber ligações", "Non chiamare più", "niet meer bellen", "Ring inte", "Ring ikke", "Älä soita", "Nie dzwonić", "Не звонить",
		"请勿致电", "電話不可", "수신거부", "N\xe3o ligar",
		"Please remove", "remove me", "REMOVE", "Unsub", "asked us not to call", "requested no further contact", "no longer wants calls", "No calls after 6pm",
		"Cannot call", "can't call", "DO NOT CAL", "dnt call", "Cease & Desist", "cease contact", "Replied STOP", "STOP received 1/2", "Opted out via SMS",
		"Opted out on 2026-01-02", "Block list", "right to be forgotten", "GDPR erasure request", "Consent: No", "consent denied", "has not consented",
		"Can call: no", "OK to call: N", "Permission to call: no", "TCPA suit", "threatened to sue", "Kein Anruf", "désinscrit", "Dado de baja",
		"iscritto al registro delle opposizioni", "отказ от звонков", "不要再打", "電話しないで", "연락금지", "आप कॉल न करें", "remove from call and email list",
	} {
		assert.True(t, Forbids(yes), yes)
	}
	for _, no := range []string{
		"", "NEW", "Remove from email list", "remove from mailing list", "OK to call no earlier than 9", "OK to call: yes", "consent no longer required",
		"DND off", "not on block list", "no calls made yet", "did not call back", "Baja California", "opted out of email on 2026-01-02",
		"did not consent to sms", "called off", "Please remove shoes", "C&D Plumbing",
		"DNC: no", "DNC? N", "dnc:0", "do_not_call = 0", "call, do not text", "do not text", "DNC - No", "DNC no", "not on DNC", "Not on the federal DNC list", "no longer on DNC", "removed from DNC", "No DNC", "Non-DNC",
		"DNC scrubbed 2026-11-01", "Scrubbed against DNC", "scrubbed vs. national DNC", "Scrubbed by DNC.com", "DNC_Clean_List_2026", "DNC check passed",
		"Do Not Call: No", "do not call list: not listed", "checked against the Do Not Call registry", "TPS: no", "not on TPS", "TPS Industries Ltd",
		"DND Consulting", "Anne Robinson", "Stop & Shop", "call me", "Contacted", "1", "Litigator-free", "no answer", "No contact made", "Allow",
		"never called", "didn't call", "don't forget to call", "do not hesitate to call", "no calls yet", "do not mail", "opted out of emails",
		"nicht erreicht", "no contesta", "no llama", "niet bereikt", "contact@dnc.com", "https://x.com/do-not-call", "www.dnc.com", "Consent given",
	} {
		assert.False(t, Forbids(no), no)
	}
	assert.True(t, MayForbid("Status"))
	for _, name := range []string{"Free Text", "Freitext", "Text", "Context", "Note text", "Posted by", "Postpaid", "Text 1"} {
		assert.True(t, MayForbid(name), name)
	}
	for _, name := range []string{"Email Status", "Text Status", "Text message replies", "SMS", "Postal opt-out", "Text Opt-In", "WhatsApp"} {
		assert.False(t, MayForbid(name), name)
	}
}

// Most cells have nothing to find, and cost no memory.
func TestForbidsAllocates(t *testing.T) {
	cells := []string{"John", "jane.doe@example.com", "New Lead", "123 Main Street, Apt 4", "https://example.com/x", strings.Repeat("x", 100)}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for _, cell := range cells {
			Forbids(cell)
		}
	}))
}
