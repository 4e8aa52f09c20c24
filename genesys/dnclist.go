package genesys

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/dnc-go/dnc/internal/rawjson"
)

// The source types of DNC lists that take entries.
const (
	SourceInternal = "rds"        // phone numbers, e-mail addresses, WhatsApp numbers
	SourceCustom   = "rds_custom" // values of a column, such as customer numbers
)

// A DNCList is a list of entries that the platform does not dial. It applies to the campaigns that
// it is attached to.
type DNCList struct {
	ID, Name string

	// SourceType says who keeps the list: [SourceInternal], [SourceCustom], or an external service
	// such as "dnc.com" and "gryphon".
	SourceType string

	// ContactMethod is "Phone", "Email", "Any" or "WhatsApp". It is "" if the list is not internal.
	ContactMethod string

	// Size is the number of entries, -1 if the platform did not say.
	Size int64
}

// takesNumbers reports whether phone numbers may be added.
func (l *DNCList) takesNumbers() bool {
	return l.SourceType == SourceInternal &&
		(l.ContactMethod == "" || l.ContactMethod == "Phone" || l.ContactMethod == "Any")
}

// UnmarshalJSON reads the platform's object.
func (l *DNCList) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID            string `json:"id"`
		Name          string `json:"name"`
		SourceType    string `json:"dncSourceType"`
		ContactMethod string `json:"contactMethod"`
		Size          *int64 `json:"size"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*l = DNCList{ID: raw.ID, Name: raw.Name, SourceType: raw.SourceType, ContactMethod: raw.ContactMethod, Size: -1}
	if raw.Size != nil {
		l.Size = *raw.Size
	}
	return nil
}

const dncLists = "/api/v2/outbound/dnclists"

// DNCListQuery selects DNC lists. The zero value selects all lists that the client's divisions show.
type DNCListQuery struct {
	Name  string // the exact name
	Sizes bool   // fill in DNCList.Size; this takes the platform longer
}

// DNCLists reads the DNC lists that a query selects. It reads the next page when the loop reaches
// it. An error ends the sequence. Needs outbound:dncList:view.
func (c *CampaignClient) DNCLists(ctx context.Context, q DNCListQuery) iter.Seq2[DNCList, error] {
	query := url.Values{}
	if q.Sizes {
		query.Set("includeSize", "true")
	}
	return named(ctx, c, dncLists, query, q.Name, func(l *DNCList) (id, name string) { return l.ID, l.Name })
}

// DNCList reads one DNC list with its size. Needs outbound:dncList:view.
func (c *CampaignClient) DNCList(ctx context.Context, id string) (*DNCList, error) {
	if err := checkID("DNC list id", id); err != nil {
		return nil, err
	}
	list := new(DNCList)
	err := c.do(ctx,
		call{method: http.MethodGet, path: dncLists + "/" + id, query: url.Values{"includeSize": {"true"}}, into: list})
	if err != nil {
		return nil, err
	}
	if !sameID(list.ID, id) {
		return nil, &Error{
			Method: http.MethodGet, Path: dncLists + "/" + id, Status: http.StatusOK,
			Message: "the reply is another list", Err: ErrUnexpectedReply,
		}
	}
	return list, nil
}

// CreateDNCList makes an empty internal list for phone numbers. If the reply is lost, the request is
// not repeated: the error is Uncertain, and [CampaignClient.DNCLists] shows whether the list exists.
// Needs outbound:dncList:add.
func (c *CampaignClient) CreateDNCList(ctx context.Context, name string) (*DNCList, error) {
	if strings.TrimSpace(name) == "" || len(name) > 256 {
		return nil, invalid("the name of a DNC list has 1 to 256 bytes, not all of them blank")
	}
	list := new(DNCList)
	body := rawjson.Marshal(map[string]string{"name": name, "dncSourceType": SourceInternal, "contactMethod": "Phone"})
	op := call{method: http.MethodPost, path: dncLists, body: body, into: list}
	if err := c.do(ctx, op); err != nil {
		return nil, err
	}
	if !isUUID(list.ID) {
		return nil, &Error{
			Method: op.method, Path: op.path, Status: http.StatusOK,
			Message: "the new list has no id", Uncertain: true, Err: ErrUnexpectedReply,
		}
	}
	return list, nil
}
