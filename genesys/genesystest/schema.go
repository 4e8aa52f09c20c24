package genesystest

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// A kind says whether a JSON value is of a type. null is of every type, as the platform takes it
// for an absent property; what may not be absent is checked elsewhere.
type kind struct {
	name string
	is   func(json.RawMessage) bool
}

func decodes[T any](raw json.RawMessage) bool {
	var v T
	return json.Unmarshal(raw, &v) == nil
}

var (
	text    = kind{"a string", decodes[string]}
	integer = kind{"an integer", func(raw json.RawMessage) bool {
		var f float64
		return json.Unmarshal(raw, &f) == nil && f == math.Trunc(f) && math.Abs(f) <= math.MaxInt32 // 5.0 is one, too
	}}
	number = kind{"a number", decodes[float64]}
	flag   = kind{"true or false", decodes[bool]}
	texts  = arrayOf("an array of strings", text)
	// A reference without an id refers to nothing.
	reference = kind{
		"a reference, as {\"id\":...}",
		func(raw json.RawMessage) bool { return object(raw, referenceKinds) && refers(raw) },
	}
	references = arrayOf("an array of references", reference)

	referenceKinds = kinds{"id": text, "name": text, "selfUri": text}
)

// kinds are the properties of an object.
type kinds map[string]kind

func refers(raw json.RawMessage) bool {
	var r ref
	return json.Unmarshal(raw, &r) == nil && r.ID != ""
}

func oneOf(values ...string) kind {
	return kind{"one of " + strings.Join(values, ", "), func(raw json.RawMessage) bool {
		var s string
		return json.Unmarshal(raw, &s) == nil && slices.Contains(values, s)
	}}
}

func arrayOf(name string, item kind) kind {
	return kind{name, func(raw json.RawMessage) bool {
		var items []json.RawMessage
		return json.Unmarshal(raw, &items) == nil &&
			!slices.ContainsFunc(items, func(i json.RawMessage) bool { return null(i) || !item.is(i) })
	}}
}

func mapOf(item kind) kind {
	return kind{"an object", func(raw json.RawMessage) bool {
		var o rawjson.Object
		if o.UnmarshalJSON(raw) != nil {
			return false
		}
		return !slices.ContainsFunc(o.Names(),
			func(name string) bool { return !null(o.Get(name)) && !item.is(o.Get(name)) })
	}}
}

func objectOf(properties kinds) kind {
	return kind{"an object", func(raw json.RawMessage) bool { return object(raw, properties) }}
}

func object(raw json.RawMessage, properties kinds) bool {
	var o rawjson.Object
	return o.UnmarshalJSON(raw) == nil && properties.check(&o) == nil
}

func null(raw json.RawMessage) bool { return string(raw) == "null" }

// check refuses an object that has a property of another type. Properties that are not listed are
// left alone.
func (k kinds) check(o *rawjson.Object) *reply {
	for _, name := range o.Names() {
		if of, listed := k[name]; listed && !null(o.Get(name)) && !of.is(o.Get(name)) {
			return refuse("invalid.value", "The value of the property "+name+" is not "+of.name)
		}
	}
	return nil
}

func refuse(code, message string) *reply {
	got := fail(http.StatusBadRequest, code, message)
	return &got
}

var lineBalancing = objectOf(kinds{"enabled": flag, "relativeWeight": integer})

// campaignKinds are the properties of the definition Campaign, campaignPatchKinds those of
// CampaignPatchRequest.
var (
	contactSort   = objectOf(kinds{"fieldName": text, "direction": oneOf("ASC", "DESC"), "numeric": flag})
	campaignKinds = kinds{
		"id": text, "name": text, "dateCreated": text, "dateModified": text,
		"version": integer, "contactList": reference, "queue": reference,
		"dialingMode": oneOf("agentless", "preview", "power", "predictive", "progressive", "external"),
		"script":      reference,
		"edgeGroup":   reference, "site": reference,
		"campaignStatus": oneOf("on", "stopping", "off", "complete", "invalid", "forced_off", "forced_stopping"),
		"phoneColumns":   arrayOf("an array of columns", objectOf(kinds{"columnName": text, "type": text})),
		"abandonRate":    number, "dncLists": references,
		"callableTimeSet": reference, "callAnalysisResponseSet": reference,
		"callerName": text, "callerAddress": text, "outboundLineCount": integer,
		"ruleSets": references, "skipPreviewDisabled": flag,
		"previewTimeOutSeconds": integer, "alwaysRunning": flag,
		"contactSort": contactSort, "contactSorts": arrayOf("an array", contactSort),
		"noAnswerTimeout": integer, "callAnalysisLanguage": text,
		"priority": integer, "contactListFilters": references, "division": reference,
		"agentOwnedColumn":               text,
		"dynamicContactQueueingSettings": objectOf(kinds{"sort": flag, "filter": flag}), "skillColumns": texts,
		"previewAutoEnd": flag, "maxCallsPerAgent": integer,
		"maxCallsPerAgentDecimal": number, "callbackAutoAnswer": flag,
		"dynamicLineBalancingSettings": lineBalancing,
		"diagnosticsSettings":          objectOf(kinds{"reportLowMaxCallsPerAgentAlert": flag}),
	}
	campaignPatchKinds = kinds{
		"outboundLineCount": integer, "abandonRate": number,
		"maxCallsPerAgent": number, "dynamicLineBalancingSettings": lineBalancing,
		"queue": reference,
	}
)

// dncListKinds are the properties of a DNC list that can be created.
var dncListKinds = kinds{
	"name":          text,
	"dncSourceType": oneOf("rds", "rds_custom", "dnc.com", "gryphon"),
	"contactMethod": oneOf("Email", "Phone", "Any", "WhatsApp"),
	"loginId":       text, "dncCodes": texts, "campaignId": text, "licenseId": text,
	"customExclusionColumn": text, "division": reference, "version": integer,
}

// needs is what a DNC list of a source must say besides.
var needs = map[string][]string{
	"rds": {"contactMethod"}, "rds_custom": {"customExclusionColumn"},
	"dnc.com": {"loginId", "dncCodes"}, "gryphon": {"licenseId"},
}

func checkDNCList(o *rawjson.Object) *reply {
	if refused := dncListKinds.check(o); refused != nil {
		return refused
	}
	name, source := o.Text("name"), o.Text("dncSourceType")
	switch {
	case name == "":
		return refuse("name.cannot.be.blank", "A name must be provided.")
	case len([]rune(name)) > 64:
		return refuse("name.length.exceeded", "The name length exceeds the limit of 64 characters.")
	case source == "":
		return refuse("invalid.property", "The property dncSourceType is required")
	}
	for _, property := range needs[source] {
		if v := o.Get(property); v == nil || null(v) {
			return refuse("invalid.property", "The property "+property+" is required for source type "+source)
		}
	}
	return nil
}

// contactListKinds are the properties of a contact list that can be written.
var contactListKinds = kinds{
	"id": text, "name": text, "version": integer, "division": reference,
	"columnNames": texts, "attemptLimits": reference,
	"phoneColumns": arrayOf("an array of columns",
		objectOf(kinds{"columnName": text, "type": text, "callableTimeColumn": text})),
	"previewModeColumnName": text, "previewModeAcceptedValues": texts,
	"automaticTimeZoneMapping": flag, "zipCodeColumnName": text, "trimWhitespace": flag,
}

// contactKinds are the properties of a contact that can be written.
var contactKinds = kinds{
	"id": text, "contactListId": text, "data": mapOf(text), "callable": flag,
	"phoneNumberStatus": mapOf(objectOf(kinds{"callable": flag})),
	"contactableStatus": mapOf(
		objectOf(kinds{"contactable": flag, "columnStatus": mapOf(objectOf(kinds{"contactable": flag}))}),
	),
}

// criteria are what selects contacts. Of the operators those that compare numbers and dates are not
// here.
var criteria = objectOf(kinds{
	"filterType": oneOf("AND", "OR"),
	"clauses": arrayOf("an array of clauses", objectOf(kinds{
		"filterType": oneOf("AND", "OR"),
		"predicates": arrayOf("an array of predicates", objectOf(kinds{
			"column": text, "columnType": oneOf("numeric", "alphabetic"), "value": text, "inverted": flag,
			"operator": oneOf("EQUALS", "BEGINS_WITH", "ENDS_WITH", "CONTAINS", "IN"),
		})),
	})),
})

// searchKinds are the properties of a search for contacts, bulkKinds those of an operation on many.
var (
	searchKinds = kinds{"pageNumber": integer, "pageSize": integer, "criteria": criteria}
	bulkKinds   = kinds{
		"contactIds": texts, "criteria": criteria, "contactListFilterId": text, "generateDownloadURI": flag,
	}
)

// checkCampaign refuses a campaign that is wrong in itself, whatever else there is. The codes are
// those of the API's definition.
func checkCampaign(o *rawjson.Object) *reply {
	for _, name := range []string{"name", "contactList", "dialingMode", "phoneColumns", "callerName", "callerAddress"} {
		if v := o.Get(name); v == nil || null(v) {
			return refuse("invalid.property", "The property "+name+" is required")
		}
	}
	if refused := campaignKinds.check(o); refused != nil {
		return refused
	}
	var columns []struct {
		Name string `json:"columnName"`
	}
	o.Read("phoneColumns", &columns)
	mode := o.Text("dialingMode")
	var priority float64
	o.Read("priority", &priority)
	switch {
	case o.Text("name") == "":
		return refuse("name.cannot.be.blank", "A name must be provided.")
	case len([]rune(o.Text("name"))) > 64:
		return refuse("name.length.exceeded", "The name length exceeds the limit of 64 characters.")
	case o.Text("callerName") == "":
		return refuse("missing.caller.id.name", "No caller id name supplied")
	case o.Text("callerAddress") == "":
		return refuse("missing.caller.id.address", "No caller id address supplied")
	case len(columns) == 0:
		return refuse("invalid.campaign.phone.columns", "The campaign phone columns are invalid.")
	case o.Reference("site") != "" && o.Reference("edgeGroup") != "":
		return refuse("site.and.edge.group.cannot.be.configured", "A single campaign cannot have both a site and an edge group configured")
	case o.Get("priority") != nil && !null(o.Get("priority")) && (priority < 1 || priority > 5):
		return refuse("invalid.priority", "The priority must be between 1 and 5 (inclusive)")
	}
	for _, c := range columns {
		if c.Name == "" {
			return refuse("invalid.campaign.phone.columns", "The campaign phone columns are invalid.")
		}
	}
	// Whoever is called by these modes is connected to an agent of a queue, who reads a script.
	if slices.Contains([]string{"preview", "power", "predictive", "progressive"}, mode) {
		for _, name := range []string{"queue", "script"} {
			if o.Reference(name) == "" {
				return refuse("invalid.property", "The property "+name+" is required for the dialing mode "+mode)
			}
		}
	}
	return nil
}
