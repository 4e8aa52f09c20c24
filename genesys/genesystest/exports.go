package genesystest

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

type export struct {
	id    string
	ready time.Time
}

// exported is where the newest export that is ready lies; an older one is given while a newer is
// under way.
func (q *request) exported(exports []export) reply {
	for _, e := range slices.Backward(exports) {
		if !e.ready.After(time.Now()) {
			return ok(quoted(map[string]string{
				"uri":             q.origin + "/api/v2/downloads/" + e.id,
				"exportTimestamp": e.ready.UTC().Format("2006-01-02T15:04:05.000000000Z"),
			}))
		}
	}
	return fail(http.StatusNotFound, "no.available.list.export.uri", "There is no export available")
}

// store keeps a file as it is at this moment.
func (p *Platform) store(exports *[]export, file []byte) {
	e := export{id: p.newID(), ready: time.Now().Add(p.options.exportDelay)}
	if n := len(*exports); n > 0 && !e.ready.After((*exports)[n-1].ready) {
		e.ready = (*exports)[n-1].ready.Add(time.Nanosecond) // a clock may stand still, as in a synctest bubble
	}
	*exports = append(*exports, e)
	p.downloads[e.id] = file
}

func (p *Platform) exportDNCList(_ *request, l *dncList) reply {
	if l.source() != "rds" && l.source() != "rds_custom" {
		return fail(http.StatusBadRequest, "dnc.source.operation.not.supported",
			"The operation is not supported for this DNC source")
	}
	numbers := make([]string, 0, len(l.entries))
	for n := range l.entries {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var b strings.Builder
	b.WriteString("\ufeffPhoneNumber,ContactMethod,ExpirationDateTime\r\n")
	for _, n := range numbers {
		expires := ""
		if at := l.entries[n]; !at.IsZero() {
			expires = at.Format(expiryLayout)
		}
		method := l.method()
		switch {
		case strings.Contains(n, "@"):
			method = "Email"
		case method == "Any":
			method = "Phone"
		}
		fmt.Fprintf(&b, "%s,%s,%s\r\n", n, method, expires)
	}
	p.store(&l.exports, []byte(b.String()))
	return ok(quoted(map[string]string{"id": l.id(), "selfUri": "/api/v2/outbound/dnclists/" + l.id()}))
}

// exportContacts writes a contact list with the platform's own columns, and with its quirk: the
// first header cell is in doubled quotes behind a byte order mark.
func (p *Platform) exportContacts(_ *request, l *contactList) reply {
	var b strings.Builder
	w := csv.NewWriter(&b)
	header := append([]string{}, l.columns...)
	header = append(header, "ContactCallable", "ContactableByVoice", "ContactableBySms", "ContactableByEmail",
		"ZipCodeAutomaticTimeZone")
	for _, column := range l.phoneColumns() {
		for _, prefix := range []string{
			"CallRecordLastAttempt", "CallRecordLastResult",
			"CallRecordLastAgentWrapup", "SmsLastAttempt", "SmsLastResult",
			"Callable", "ContactableByVoice", "ContactableBySms", "AutomaticTimeZone",
		} {
			header = append(header, prefix+"-"+column)
		}
	}
	_ = w.Write(header)
	w.Flush()
	text := "\ufeff" + `""inin-outbound-id"",` + b.String()
	b.Reset()
	for _, id := range l.order {
		_ = w.Write(l.row(id))
	}
	w.Flush()
	p.store(&l.exports, []byte(text+b.String()))
	return ok(quoted(map[string]string{"id": l.id(), "selfUri": "/api/v2/outbound/contactlists/" + l.id()}))
}

func (l *contactList) row(id string) []string {
	o := l.contacts[id]
	var data map[string]string
	o.Read("data", &data)
	flag := func(yes bool) string { return map[bool]string{true: "true", false: "false"}[yes] }
	row := []string{id}
	for _, column := range l.columns {
		row = append(row, data[column])
	}
	voice := at(o, "contactableStatus", "Voice")
	row = append(row, flag(string(o.Get("callable")) != "false"), flag(string(voice.Get("contactable")) != "false"),
		"true", "true", "")
	for _, column := range l.phoneColumns() {
		number, cell := at(o, "phoneNumberStatus", column), at(&voice, "columnStatus", column)
		row = append(row, "", "", l.wrapUps[[2]string{id, column}], "", "",
			flag(string(number.Get("callable")) != "false"), flag(string(cell.Get("contactable")) != "false"), "true",
			"")
	}
	return row
}

// at is an object inside of an object, the empty one if there is none.
func at(o *rawjson.Object, path ...string) (inner rawjson.Object) {
	inner = *o
	for _, name := range path {
		var next rawjson.Object
		if raw := inner.Get(name); raw != nil {
			_ = next.UnmarshalJSON(raw)
		}
		inner = next
	}
	return inner
}

// download redirects to a signed URL of another host.
func (p *Platform) download(q *request, id string) reply {
	if _, ok := p.downloads[id]; !ok {
		return notFound
	}
	files := q.origin // a server has one host
	if files == apiURL {
		files = "https://" + filesHost
	}
	return reply{
		status: http.StatusSeeOther, header: http.Header{"Location": {files + "/signed/" + id + "?signature=s"}},
	}
}

// file is behind the signed URL. Whoever sends it a token has given it away.
func (p *Platform) file(r *http.Request, host string) reply {
	file, found := p.downloads[strings.TrimPrefix(r.URL.Path, "/signed/")]
	switch {
	case host == filesHost && r.Header.Get("Authorization") != "":
		return fail(http.StatusBadRequest, "token.leaked", "Only one auth mechanism is allowed")
	case !found || r.URL.Query().Get("signature") == "":
		return fail(http.StatusForbidden, "access.denied", "Access denied")
	}
	return reply{status: http.StatusOK, body: file, header: http.Header{"Content-Type": {"text/csv"}}}
}
