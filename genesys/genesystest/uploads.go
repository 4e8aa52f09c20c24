package genesystest

import (
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// upload is a file that is imported into a DNC list.
type upload struct {
	list               *dncList
	kind               string // of the content
	columns            map[string]*kindOfEntry
	expires            string // the column of expiries
	done               time.Time
	entries            map[string]time.Time // what the file adds
	failure            string
	uploaded, imported bool
}

// uploadKinds are the properties of a request for an upload's address.
var uploadKinds = kinds{
	"signedUrlTimeoutSeconds": integer, "contentType": text, "id": text, "phoneColumns": text, "emailColumns": text,
	"customExclusionColumns": text, "expirationDateTimeColumn": text, "whatsAppColumns": text,
}

// startUpload gives an address to which a file can be put, without a token and with the headers
// that it names.
func (p *Platform) startUpload(q *request) reply {
	var o rawjson.Object
	if o.UnmarshalJSON(q.body) != nil {
		return fail(http.StatusBadRequest, "bad.request", "The request body is not a JSON object")
	}
	if refused := uploadKinds.check(&o); refused != nil {
		return *refused
	}
	l := p.dncList(o.Text("id"))
	switch {
	case o.Text("contentType") == "" || o.Text("id") == "":
		return fail(http.StatusBadRequest, "invalid.property", "contentType and id are required")
	case l == nil:
		return fail(http.StatusNotFound, "dnc.list.not.found", "The do not call list could not be found.")
	case l.upload != nil && !l.upload.imported && l.upload.uploaded && l.upload.failure == "":
		return fail(http.StatusConflict, "import.in.progress", "An import is in progress.")
	}
	u := &upload{
		list: l, kind: o.Text("contentType"), columns: map[string]*kindOfEntry{},
		expires: o.Text("expirationDateTimeColumn"),
	}
	for property, kind := range map[string]*kindOfEntry{
		"phoneColumns": phoneNumbers, "emailColumns": emailAddresses,
		"whatsAppColumns": whatsAppNumbers, "customExclusionColumns": customEntries,
	} {
		for _, column := range strings.FieldsFunc(o.Text(property), func(r rune) bool { return r == ',' }) {
			u.columns[column] = kind
		}
	}
	key := p.newID()
	if p.uploads == nil {
		p.uploads = map[string]*upload{}
	}
	p.uploads[key] = u
	files := q.origin
	if files == apiURL {
		files = "https://" + filesHost
	}
	return ok(quoted(map[string]any{
		"url": files + "/uploads/" + key + "?signature=s", "uploadKey": key,
		"headers": map[string]string{"x-amz-tagging": "uploadKey=" + key, "Content-Type": u.kind},
	}))
}

// put takes a file.
func (p *Platform) put(r *http.Request, host string, body []byte) reply {
	key := strings.TrimPrefix(r.URL.Path, "/uploads/")
	u := p.uploads[key]
	switch {
	case r.Method != http.MethodPut || u == nil || r.URL.Query().Get("signature") == "" ||
		r.Header.Get("X-Amz-Tagging") != "uploadKey="+key ||
		r.Header.Get("Content-Type") != u.kind:
		return reply{
			status: http.StatusForbidden, code: "AccessDenied",
			body:   []byte("<Error><Code>AccessDenied</Code></Error>"),
			header: http.Header{"Content-Type": {"application/xml"}},
		}
	case host == filesHost && r.Header.Get("Authorization") != "":
		return fail(http.StatusBadRequest, "token.leaked", "Only one auth mechanism is allowed")
	}
	u.read(string(body))
	u.uploaded, u.done = true, time.Now().Add(p.options.importDelay)
	u.list.upload = u
	return reply{status: http.StatusOK}
}

// read takes from a file what it adds. An expiry that is not well-formed silently becomes "never",
// as on the platform.
func (u *upload) read(file string) {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	if err != nil || len(rows) == 0 {
		u.failure = "The file is not a CSV file"
		return
	}
	expires := slices.Index(rows[0], u.expires)
	if len(u.columns) == 0 || u.expires != "" && expires < 0 {
		u.failure = "The columns were not found"
		return
	}
	u.entries = map[string]time.Time{}
	for column, kind := range u.columns {
		at := slices.Index(rows[0], column)
		if at < 0 {
			u.failure = "The columns were not found"
			return
		}
		for _, row := range rows[1:] {
			if !kind.is(row[at]) {
				continue
			}
			var until time.Time
			if expires >= 0 {
				if t, err := time.Parse(expiryLayout, row[expires]); err == nil && time.Until(t) <= maxExpiry {
					until = t
				}
			}
			u.entries[row[at]] = until
		}
	}
}

// settle has an import take effect whose time is over.
func (u *upload) settle() {
	if u == nil || u.imported || u.failure != "" || time.Now().Before(u.done) {
		return
	}
	u.imported = true
	maps.Copy(u.list.entries, u.entries)
}

// status is how an import is going, nil if there is none or it is done.
func (u *upload) status() map[string]any {
	switch {
	case u == nil || u.imported:
		return nil
	case u.failure != "":
		return map[string]any{
			"state": "FAILED", "failureReason": u.failure,
			"totalRecords": 0, "completedRecords": 0, "percentComplete": 0,
		}
	}
	return map[string]any{
		"state": "IN_PROGRESS", "totalRecords": len(u.entries), "completedRecords": 0, "percentComplete": 0,
	}
}

func (p *Platform) importStatus(_ *request, l *dncList) reply {
	if status := l.upload.status(); status != nil {
		return ok(quoted(status))
	}
	return fail(http.StatusNotFound, "resource.not.found", "The resource could not be found.")
}
