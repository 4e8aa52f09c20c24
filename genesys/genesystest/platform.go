package genesystest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// A Platform is one organisation of Genesys Cloud in memory, with its login and the outbound part
// of its API. It is an [http.RoundTripper], which needs no network, and an [http.Handler], which
// serves login and API at one address. It needs no closing. It is safe for concurrent use.
type Platform struct {
	options options

	mu        sync.Mutex
	serial    int64
	clients   map[string]*client // by id
	tokens    map[string]*token  // by value
	campaigns []*campaign
	lists     []*contactList
	dncLists  []*dncList
	downloads map[string][]byte
	faults    []*Fault
	journal   []Request
	windows   map[string]*window
	uploads   map[string]*upload
	entities  map[*kindOfEntity][]*rawjson.Object
	schedules map[*kindOfSchedule][]*rawjson.Object
}

// Where a platform lives. The names end in "invalid", which no DNS resolves (RFC 6761).
const (
	apiURL    = "https://api.genesystest.invalid"
	loginURL  = "https://login.genesystest.invalid"
	filesHost = "files.genesystest.invalid"
)

type options struct {
	rate        int // requests a minute for each token; 0: any
	sliding     bool
	life        time.Duration
	stopDelay   time.Duration
	exportDelay time.Duration
	jobDelay    time.Duration
	importDelay time.Duration
	listLimit   int
	maxBody     int64
	chunk       int
}

// An Option changes how a [Platform] behaves.
type Option func(*options)

// WithRateLimit allows each token perMinute requests a minute. All others are answered 429. A
// minute begins with the first request; if sliding is true it is always the last 60 s. The default
// is no limit.
func WithRateLimit(perMinute int, sliding bool) Option {
	return func(o *options) { o.rate, o.sliding = perMinute, sliding }
}

// WithTokenLifetime sets how long tokens live. The default is 24 h.
func WithTokenLifetime(d time.Duration) Option { return func(o *options) { o.life = d } }

// WithStopDelay sets how long a campaign is "stopping". The default is 0: it is off when it is read
// next.
func WithStopDelay(d time.Duration) Option { return func(o *options) { o.stopDelay = d } }

// WithExportDelay sets how long an export takes. Until then a read returns the export before it, or
// 404. The default is 0.
func WithExportDelay(d time.Duration) Option { return func(o *options) { o.exportDelay = d } }

// WithJobDelay sets how long a bulk job takes. The contacts change at its end. The default is 0.
func WithJobDelay(d time.Duration) Option { return func(o *options) { o.jobDelay = d } }

// WithImportDelay sets how long the import of an uploaded file takes. The default is 0.
func WithImportDelay(d time.Duration) Option { return func(o *options) { o.importDelay = d } }

// WithListLimit sets how many entries a DNC list holds. The default is 1,000,000.
func WithListLimit(entries int) Option { return func(o *options) { o.listLimit = entries } }

// WithMaxBody sets how many bytes the body of a request may have. A larger one is 413. The default
// is 4 MiB.
func WithMaxBody(bytes int64) Option { return func(o *options) { o.maxBody = bytes } }

// WithMaxNumbers sets how many DNC numbers a request may have. More are 413. The default is 1,000.
func WithMaxNumbers(n int) Option { return func(o *options) { o.chunk = n } }

// New makes an empty organisation. The zero Platform is one with the default options.
func New(opts ...Option) *Platform {
	p := new(Platform)
	p.defaults()
	for _, o := range opts {
		o(&p.options)
	}
	return p
}

func (p *Platform) defaults() {
	p.options = options{life: 24 * time.Hour, listLimit: 1_000_000, maxBody: 4 << 20, chunk: 1000}
	p.clients, p.tokens = map[string]*client{}, map[string]*token{}
	p.downloads, p.windows = map[string][]byte{}, map[string]*window{}
}

// newID is a UUID. They are given in a fixed order, so that a test's output is the same each time.
// Called with mu held.
func (p *Platform) newID() string {
	p.serial++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", p.serial, p.serial)
}

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// quoted is a value as JSON.
func quoted(v any) json.RawMessage { return rawjson.Marshal(v) }

// AddContactList makes a contact list. Columns whose name contains "phone" are its phone columns.
func (p *Platform) AddContactList(name string, columns ...string) (id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var o rawjson.Object
	for _, property := range []struct {
		name  string
		value any
	}{{"name", name}, {"columnNames", columns}, {"phoneColumns", phoneColumnsOf(columns)}} {
		o.Set(property.name, quoted(property.value))
	}
	return p.addList(o).id()
}

// AddDNCList makes an internal DNC list for phone numbers, with these numbers on it.
func (p *Platform) AddDNCList(name string, numbers ...string) (id string) {
	return p.addNamedDNCList(name, map[string]string{"dncSourceType": "rds", "contactMethod": "Phone"}, numbers...)
}

// AddDNCListFor makes an internal DNC list for a contact method, "Phone", "Email", "WhatsApp" or
// "Any", with these entries on it.
func (p *Platform) AddDNCListFor(method, name string, entries ...string) (id string) {
	return p.addNamedDNCList(name, map[string]string{"dncSourceType": "rds", "contactMethod": method}, entries...)
}

// AddExternalDNCList makes a DNC list with another source type: "dnc.com", "gryphon" or
// "rds_custom". None of them takes phone numbers.
func (p *Platform) AddExternalDNCList(name, source string) (id string) {
	more := map[string]string{"dncSourceType": source}
	if source == "rds_custom" {
		more["customExclusionColumn"] = "id"
	}
	return p.addNamedDNCList(name, more)
}

func (p *Platform) addNamedDNCList(name string, more map[string]string, entries ...string) (id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var o rawjson.Object
	o.Set("name", quoted(name))
	for _, property := range slices.Sorted(maps.Keys(more)) {
		o.Set(property, quoted(more[property]))
	}
	l := p.addDNCList(o)
	for _, n := range entries {
		l.entries[n] = time.Time{}
	}
	return l.id()
}

// AddCampaign makes a campaign of a JSON object. Required fields that are missing are filled in;
// the status is then "off". All other bytes are kept, also fields that the API does not define.
// Nothing else is checked, so a campaign may be one that the API would refuse.
func (p *Platform) AddCampaign(text string) (id string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var o rawjson.Object
	if err := o.UnmarshalJSON([]byte(text)); err != nil {
		return "", fmt.Errorf("genesystest: AddCampaign: %w", err)
	}
	list := o.Reference("contactList")
	if p.contactList(list) == nil {
		return "", fmt.Errorf("genesystest: AddCampaign: contactList must name a list that exists, as {\"id\":...}")
	}
	id = o.Text("id")
	if id == "" {
		id = p.newID()
	}
	for _, d := range []struct{ name, value string }{
		{"id", `"` + id + `"`},
		{"name", `"Campaign"`},
		{"dialingMode", `"agentless"`},
		{"callerName", `"Caller"`},
		{"callerAddress", `"+12125550100"`},
		{"phoneColumns", `[{"columnName":"phone","type":"cell"}]`},
		{"campaignStatus", `"off"`},
		{"version", `1`},
		{"dateCreated", `"` + now() + `"`},
		{"dateModified", `"` + now() + `"`},
		{"selfUri", `"/api/v2/outbound/campaigns/` + id + `"`},
	} {
		if o.Get(d.name) == nil {
			o.Set(d.name, json.RawMessage(d.value))
		}
	}
	p.campaigns = append(p.campaigns, &campaign{object: o})
	return id, nil
}

// SetStatus puts a campaign into any status. The platform does this by itself when contacts run out
// or a campaign becomes invalid. It does nothing if there is no such campaign.
func (p *Platform) SetStatus(campaignID, status string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.campaign(campaignID); c != nil {
		c.setStatus(status)
		c.until = time.Time{}
	}
}

// Campaign returns a campaign as it is stored. It is nil if there is none.
func (p *Platform) Campaign(id string) json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.campaign(id); c != nil {
		return c.object.Bytes()
	}
	return nil
}

// DNCEntries returns the entries of a DNC list that have not expired, in ascending order.
func (p *Platform) DNCEntries(id string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.dncList(id)
	if l == nil {
		return nil
	}
	numbers := []string{}
	for n, expires := range l.entries {
		if expires.IsZero() || expires.After(time.Now()) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// DNCExpiry returns when an entry of a DNC list expires. The zero Time means never, or that there
// is no such entry.
func (p *Platform) DNCExpiry(id, number string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.dncList(id); l != nil {
		return l.entries[number]
	}
	return time.Time{}
}

// A Contact is a contact as it is stored.
type Contact struct {
	ID       string
	Data     map[string]string
	Callable bool
	Requeued int             // how often a request has queued it again
	Raw      json.RawMessage // the whole object
}

// Contacts returns the contacts of a list in the order in which they were added.
func (p *Platform) Contacts(listID string) []Contact {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.contactList(listID)
	if l == nil {
		return nil
	}
	out := make([]Contact, 0, len(l.order))
	for _, id := range l.order {
		o := l.contacts[id]
		c := Contact{ID: id, Callable: string(o.Get("callable")) != "false", Requeued: l.requeued[id], Raw: o.Bytes()}
		o.Read("data", &c.Data)
		out = append(out, c)
	}
	return out
}

func (p *Platform) campaign(id string) *campaign {
	for _, c := range p.campaigns {
		if c.object.Text("id") == id {
			return c
		}
	}
	return nil
}

func (p *Platform) contactList(id string) *contactList {
	for _, l := range p.lists {
		if l.id() == id {
			return l
		}
	}
	return nil
}

func (p *Platform) dncList(id string) *dncList {
	for _, l := range p.dncLists {
		if l.id() == id {
			return l
		}
	}
	return nil
}

// A Request is one request that the platform was sent.
type Request struct {
	At     time.Time
	Method string
	Host   string
	Path   string
	Query  string
	Body   json.RawMessage // nil for a login: it would hold the secret
	Status int             // 0 if the connection was dropped
	Code   string          // of the error
}

// String is method, path and status.
func (r Request) String() string { return r.Method + " " + r.Path + " " + strconv.Itoa(r.Status) }

// Requests returns all requests in their order, logins included.
func (p *Platform) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.journal)
}

// CountRequests returns how many requests had this method, and this text in the path. "" matches
// any.
func (p *Platform) CountRequests(method, path string) int {
	n := 0
	for _, e := range p.Requests() {
		if matches(method, path, e.Method, e.Path) {
			n++
		}
	}
	return n
}

var (
	_ http.RoundTripper = (*Platform)(nil)
	_ http.Handler      = (*Platform)(nil)
)
