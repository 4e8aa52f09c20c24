package genesystest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	got := p.operation(&request{r.Method, strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v2/"), "/"), r.URL.Query(), body, t, origin(r, host)}, r, tooLarge)
	maps.Copy(header, got.header)
	got.header = header
	return got
}

// origin is where the client found the platform: without a network at its own host, else at the one that it named.
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
		return fail(http.StatusRequestEntityTooLarge, "request.entity.too.large", "The request is over the size limit. Maximum bytes: "+strconv.FormatInt(p.options.maxBody, 10))
	case len(q.body) > 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return fail(http.StatusUnsupportedMediaType, "unsupported.media.type", "Unsupported media type")
	case len(q.path) == 2 && q.path[0] == "downloads" && q.method == http.MethodGet:
		return p.download(q, q.path[1])
	case q.path[0] != "outbound" || len(q.path) < 2:
		return notFound
	}
	if len(q.path) > 2 && q.path[2] != "divisionviews" && !isUUID(q.path[2]) {
		return fail(http.StatusBadRequest, "bad.request", "The id is not a UUID")
	}
	if refused := q.checkQuery(); refused != nil {
		return *refused
	}
	switch q.path[1] {
	case "campaigns":
		return p.campaignOperation(q)
	case "dnclists":
		return p.dncOperation(q)
	case "contactlists":
		return p.contactOperation(q)
	}
	return notFound
}

var notFound = fail(http.StatusNotFound, "not.found", "The requested resource was not found.")

// queryValues are the values of query parameters that have no others, wherever they stand.
var queryValues = map[string][]string{
	"filterType": {"Equals", "Contains", "Prefix", "BeginsWith"}, // of ten; the others are not here
	"sortOrder":  {"ascending", "descending"}, "dncSourceType": {"rds", "rds_custom", "dnc.com", "gryphon"},
	"includeSize": booleans, "includeImportStatus": booleans, "allowEmptyResult": booleans, "expiredOnly": booleans, "priority": booleans,
	"clearSystemData": booleans, "doNotQueue": booleans, "useMaxCallsPerAgentDecimal": booleans,
}

var booleans = []string{"true", "false"}

// checkQuery refuses values that a parameter cannot have: "expiredOnly=yes" must not be taken for false, which empties a list.
func (q *request) checkQuery() *reply {
	for name, values := range q.query {
		allowed, listed := queryValues[name]
		for _, v := range values {
			if listed && !slices.Contains(allowed, v) {
				return refuse("invalid.query.param.value", "The value is not valid for parameter ["+name+"]. Allowable values are: "+strings.Join(allowed, ", "))
			}
		}
	}
	return nil
}

// is compares method and what follows the collection's name; "*" is any one segment.
func (q *request) is(method string, path ...string) bool {
	if q.method != method || len(q.path)-2 != len(path) {
		return false
	}
	for i, segment := range path {
		if segment != "*" && segment != q.path[i+2] {
			return false
		}
	}
	return true
}

// page cuts a page out of a listing.
func (q *request) page(items [][]byte, self string) reply {
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
	count := (len(items) + size - 1) / size
	low, high := min((number-1)*size, len(items)), min(number*size, len(items))
	body := []byte(`{"entities":[`)
	for i, item := range items[low:high] {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, item...)
	}
	body = append(body, `],"pageSize":`+strconv.Itoa(size)+`,"pageNumber":`+strconv.Itoa(number)+`,"total":`+strconv.Itoa(len(items))+
		`,"pageCount":`+strconv.Itoa(count)+`,"firstUri":"`+self+`?pageNumber=1","selfUri":"`+self+`?pageNumber=`+strconv.Itoa(number)+`"`...)
	if number < count {
		body = append(body, `,"nextUri":"`+self+`?pageNumber=`+strconv.Itoa(number+1)+`"`...)
	}
	return ok(append(body, '}'))
}

// named applies the filter by name: a prefix unless filterType says otherwise.
func (q *request) named(name string) bool {
	want := q.query.Get("name")
	switch q.query.Get("filterType") {
	case "Equals":
		return want == "" || name == want
	case "Contains":
		return strings.Contains(name, want)
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
