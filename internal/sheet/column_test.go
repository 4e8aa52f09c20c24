package sheet

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dnc-go/dnc"
)

// What a column is by the names that CRMs, dialers and sellers of data give it.
func TestWhatAColumnIs(t *testing.T) {
	type is struct{ phone, country, optOut, permission bool }
	phone, country, optOut, permission := is{phone: true}, is{country: true}, is{optOut: true}, is{permission: true}
	for name, want := range map[string]is{
		"Phone": phone, "MobilePhone": phone, "workTel": phone, "Phone 1 - Value": phone, "téléphone": phone,
		"Phone Number (Direct)": phone, "TELEPHONE": phone, "Mobil": phone, "Celular": phone, "Puhelinnumero": phone, "Телефон": phone, "電話番号": phone,
		"Phone 1 - Type": {}, "phoneType": {}, "Phone Ext": {}, "Mobile Verified": {}, "Hotel": {}, "Cancelled": {}, "Account": {}, "Island": {},
		"CallRecordLastResult-Phone": {}, "CallRecordLastAttempt-Phone": {}, "Description": {}, "Transcript Info": {},
		"Immobilien":         {}, //nolint:misspell // German
		"Phone Country Code": country, "phone_code": country, "Country": country, "MailingCountry": country,
		"Country/Region": country, "Land": country, "Landline": phone, "Mobile Country": country,
		"Do Not Call": optOut, "DoNotCall": optOut, "donotphone": optOut, "Phone Opt Out": optOut, "Opt-Out Date": optOut,
		"DNC": optOut, "Phone 1 DNC": optOut, "TPS": optOut, "Unsubscribed": optOut, "Do not allow Phone Calls": optOut,
		"DNCFlag": optOut, "dncstatus": optOut, "NDNC Status": optOut, "DND": optOut, "Blacklisted": optOut, "Blocked": optOut, "Litigator": optOut,
		"Do Not Solicit": optOut, "No Contact": optOut, "Exclude": optOut, "Suppress": optOut, "STOP": optOut, "Unsubscribe": optOut, "unsub_date": optOut,
		"Consent Revoked": optOut, "No consent": optOut, "Not allowed": optOut, "Calls disallowed": optOut, "Uncallable": optOut, "SMS/Phone Opt Out": optOut,
		"Kontaktsperre": optOut, "Sperrvermerk": optOut, "Refus démarchage": optOut, "No desea llamadas": optOut, "Não Contatar": optOut, "Iscritto RPO": optOut,
		"Bel-me-niet": optOut, "Serial Plaintiff": optOut, "Cease and Desist": optOut, "Exclude From Dialing": optOut, "TPSregistered": optOut,
		"Revocation Date": optOut, "Withdrawn": optOut, "Phone OK?": permission, "May we call you?": permission, "I agree to be called": permission, "OK2Call": permission, "Darf angerufen werden": permission,
		"Do Not Mail/Call": optOut, "DoNotMailCall": optOut, "Do Not Text or Call": optOut, "No Email or Calls": optOut, "Don't Ring": optOut,
		"Can't call": optOut, "Not to be called": optOut, "Stop calling": optOut, "Calling prohibited": optOut, "Do Not Market": optOut,
		"No Telephone": optOut, "Do not use phone": optOut, "Objects to marketing": optOut, "Refuses Calls": optOut, "GDPR erased": optOut,
		"Telephone Preference Service": optOut, "Cease & Desist": optOut, "Call restricted": optOut, "Keine Anrufe": optOut, "Nicht kontaktieren": optOut,
		"Ne plus appeler": optOut, "Désinscrit": optOut, "Não contactar": optOut, "Rechazado": optOut, "Не беспокоить": optOut, "免打扰": optOut,
		"拒绝联系": optOut, "רשימה שחורה": optOut, "Từ chối": optOut, "Jangan Hubungi": optOut, "Aranmasın": optOut, "Заблокирован": optOut,
		"架電可否": permission, "Súhlas s volaním": permission, "Съгласие": permission, "Разрешение на звонок": permission, "Συγκατάθεση": permission,
		"موافقة": permission, "הסכמה": permission, "ยินยอมให้โทร": permission, "Đồng ý": permission, "Persetujuan": permission, "सहमति": permission,
		"De\u0301sinscrit": optOut, "REFUS DEMARCHAGE": optOut, "Spa\u0308rrad": optOut, "NAO LIGAR": optOut, "Permissa\u0303o": permission,
		"Call Stop": {}, "call_stop_time": {},
		"黑名单": optOut, "연락금지": optOut, "عدم الاتصال": optOut, "לא להתקשר": optOut, "ห้ามโทร": optOut, "Μην καλείτε": optOut,
		"Consent expired": optOut, "Revoca consenso": optOut, "Revocación de consentimiento": optOut, "同意撤回": optOut, "Not happy to be contacted": optOut,
		"OK to Ring": permission, "Okay to phone": permission, "Agrees to calls": permission, "Phone Marketing": permission, "Contact by phone": permission,
		"Happy to be contacted": permission, "Dialable": permission, "PEWC": permission,
		"Phone No": phone, "Tel. No.": phone, "No. of calls": {}, "Contact No": {}, "Not interested": {}, "Do Not Market by Email": {}, "No Marketing Emails": {},
		"No Answer": {}, "Never": {}, "Bus Stop": {}, "Stop time": {},
		"Keine Einwilligung": optOut, "Nie dzwonić": optOut, "Не звонить": optOut, "発信禁止": optOut, "Lista Robinson": optOut,
		"Call permission": permission, "OK to Call": permission, "Can Call?": permission, "Allow Phone Calls": permission, "Phone Consent": permission,
		"TCPA Consent": permission, "Marketing Consent": permission, "Opt In": permission, "Callable": permission, "ContactCallable": permission,
		"ContactableByVoice": permission, "Callable-Phone": permission, "Subscribed": permission, "SMS and call consent": permission,
		"Einwilligung Anruf": permission, "Telefonwerbung erlaubt": permission, "Acepta llamadas": permission, "Consentement appel": permission,
		"Consenso telefonate": permission, "Zgoda": permission, "Согласие": permission,
		"Consent Date": {}, "OPTIN_TIME": {}, "Consent IP": {}, "Email Consent": {}, "Do not allow Bulk Emails": {}, "Cookie consent": {}, "Optional": {},
		"Email Opt Out": {}, "HasOptedOutOfFax": {}, "SMS Opt-Out": {}, "Unsubscribed from all email": {}, "Steps": {}, "Brand Code": {},
	} {
		assert.Equal(t, want, is{IsPhone(name), IsCountry(name), IsOptOut(name), IsPermission(name)}, name)
	}
}

func TestOptedOut(t *testing.T) {
	for _, yes := range []string{"true", "Yes", "Y", "1", "x", "DNC", "2024-05-01", "no calls please", "-", "Do Not Allow", "ja", "N/A", "Yes (2026-01-03)", "No, 2 calls"} {
		assert.True(t, OptedOut(yes), yes)
	}
	for _, no := range []string{"", " ", "\u00a0", "false", "FALSE", "No", "n", "0", "off", "none", "nein", "Allow", "нет", "nej", "☐", "No (2026-01-03)", "non 03/01/2026", "Ne", "Όχι", "không", "لا", "아니오"} {
		assert.False(t, OptedOut(no), no)
	}
}

func TestPermitted(t *testing.T) {
	for _, yes := range []string{"Yes", "y", "TRUE", "1", " ok", "Oui", "sí", "Ja", "да", "Opted In", "✓", "可", "Ναι", "예", "نعم", "Yes (2026-01-03)", "ja 03.01.2026 10:00"} {
		assert.True(t, Permitted(yes), yes)
	}
	for _, no := range []string{"", "no", "0", "unknown", "2024-05-01", "pending", "nein", "Do Not Allow", "opted out", "No (2026-01-03)", "Yes (until 2026-01-03)", "Yes (2020-01-01 - 2021-01-01)", "Yes 01/01/2020 01/01/2021", "Yes 415 555 0123"} {
		assert.False(t, Permitted(no), no)
	}
}

func TestMayHold(t *testing.T) {
	us := Parser(dnc.Parser{Country: "1"}.Parse)
	for _, c := range []struct {
		name, cell string
		want       bool
	}{
		{"Home", "415-555-0123", true},
		{"Contact", "4155550123", true},
		{"notes", "+14155550123", true},
		{"Record ID", "4155550123", false},
		{"recordid", "4155550123", false},
		{"DID", "4155550123", true},
		{"Record ID", "(415) 555-0123", true},
		{"Fax", "(415) 555-0123", false},
		{"Business Fax", "4155550123", false},
		{"notes", "call 415-555-0123", false},
		{"Zip", "94110-1234", false},
		{"Home", "5550123", false},
	} {
		assert.Equal(t, c.want, us.MayHold(c.name, c.cell), c)
	}
}
