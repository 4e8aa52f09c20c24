package genesystest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// request is one call of the API.
type request struct {
	method string
	path   []string // below /api/v2
	query  url.Values
	body   []byte
	token  *token
	origin string // of the URLs that replies name
}

// api finds the operation.
func (p *Platform) api(r *http.Request, host string, body []byte, tooLarge bool) reply {
	value, t, refused := p.bearer(r)
	if refused != nil {
		return *refused
	}
	header := http.Header{}
	if refused := p.limited(value, header); refused != nil {
		return *refused
	}
	got := p.operation(&request{
		r.Method, strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v2/"), "/"),
		r.URL.Query(), body, t, origin(r, host),
	}, r, tooLarge)
	maps.Copy(header, got.header)
	got.header = header
	return got
}

// origin is where the client found the platform: without a network at its own host, else at the one
// that it named.
func origin(r *http.Request, host string) string {
	switch {
	case host != "":
		return apiURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (p *Platform) operation(q *request, r *http.Request, tooLarge bool) reply {
	switch {
	case tooLarge:
		return fail(http.StatusRequestEntityTooLarge, "request.entity.too.large",
			"The request is over the size limit. Maximum bytes: "+strconv.FormatInt(p.options.maxBody, 10))
	case len(q.body) > 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return fail(http.StatusUnsupportedMediaType, "unsupported.media.type", "Unsupported media type")
	case len(q.path) == 2 && q.path[0] == "downloads" && q.method == http.MethodGet:
		return p.download(q, q.path[1])
	}
	if refused := q.checkQuery(); refused != nil {
		return *refused
	}
	return p.route(q)
}

var notFound = fail(http.StatusNotFound, "not.found", "The requested resource was not found.")

// queryValues are the values of query parameters that have no others, wherever they are.
var queryValues = map[string][]string{
	"filterType": {"Equals", "Contains", "Prefix", "BeginsWith", "EndsWith"}, // of ten; the others are not here
	"sortOrder":  {"ascending", "descending"}, "dncSourceType": {"rds", "rds_custom", "dnc.com", "gryphon"},
	"includeSize": booleans, "includeImportStatus": booleans,
	"allowEmptyResult": booleans, "expiredOnly": booleans, "priority": booleans,
	"clearSystemData": booleans, "doNotQueue": booleans, "useMaxCallsPerAgentDecimal": booleans,
}

var booleans = []string{"true", "false"}

// checkQuery refuses values that a parameter cannot have: "expiredOnly=yes" must not be taken for
// false, which empties a list.
func (q *request) checkQuery() *reply {
	for name, values := range q.query {
		allowed, listed := queryValues[name]
		for _, v := range values {
			if listed && !slices.Contains(allowed, v) {
				return refuse("invalid.query.param.value", "The value is not valid for parameter ["+name+
					"]. Allowable values are: "+strings.Join(allowed, ", "))
			}
		}
	}
	return nil
}

// values are those of a parameter that may have several: it is repeated, or they are joined by
// commas, as the vendor's clients do.
func (q *request) values(name string) (all []string) {
	for _, v := range q.query[name] {
		all = append(all, strings.Split(v, ",")...)
	}
	return all
}

// page cuts a page out of a listing. The addresses of other pages keep the query.
func (q *request) page(items []rawjson.Object, self string) reply {
	number, size := 1, 25
	for name, at := range map[string]*int{"pageNumber": &number, "pageSize": &size} {
		if text := q.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return fail(http.StatusBadRequest, "invalid.query.param.value", "Invalid value for "+name)
			}
			*at = n
		}
	}
	if size > 100 {
		return fail(http.StatusBadRequest, "invalid.query.param.value", "pageSize must be at most 100")
	}
	q.sort(items)
	count := (len(items) + size - 1) / size
	low, high := min((number-1)*size, len(items)), min(number*size, len(items))
	entities := make([]json.RawMessage, 0, high-low)
	for i := range items[low:high] {
		entities = append(entities, items[low+i].Bytes())
	}
	at := func(n int) string {
		query := maps.Clone(q.query)
		query.Set("pageNumber", strconv.Itoa(n))
		return self + "?" + query.Encode()
	}
	body := map[string]any{
		"entities": entities, "pageSize": size, "pageNumber": number, "total": len(items), "pageCount": count,
		"firstUri": at(1), "selfUri": at(number), "lastUri": at(max(count, 1)),
	}
	if number < count {
		body["nextUri"] = at(number + 1)
	}
	if number > 1 {
		body["previousUri"] = at(number - 1)
	}
	return ok(quoted(body))
}

// sort applies sortBy and sortOrder; without them items are in the order in which they were made.
func (q *request) sort(items []rawjson.Object) {
	by := q.query.Get("sortBy")
	if by == "" {
		return
	}
	slices.SortStableFunc(items, func(a, b rawjson.Object) int {
		if q.query.Get("sortOrder") == "descending" {
			a, b = b, a
		}
		return strings.Compare(strings.ToLower(a.Text(by)), strings.ToLower(b.Text(by)))
	})
}

// named applies the filter by name: a prefix unless filterType says otherwise.
func (q *request) named(name string) bool {
	want := q.query.Get("name")
	switch q.query.Get("filterType") {
	case "Equals":
		return want == "" || name == want
	case "Contains":
		return strings.Contains(name, want)
	case "EndsWith":
		return strings.HasSuffix(name, want)
	}
	return strings.HasPrefix(name, want)
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}
