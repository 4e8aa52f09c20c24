package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

// contactFile is the contact file of a campaign, as in a CSV of two columns.
const contactFile = `Ann,+14155550100
Ben,(415) 555-0123
Cleo,+1 415 555 0142
Dan,+44 20 7946 0958
Eve,n/a
`

// campaign does the whole job: it uploads a contact file, checks every number that the campaign
// would dial, blocks the rest, reads everything back, and only then switches the campaign on. The
// platform is one in memory, as strict as the real one.
func campaign(ctx context.Context, out io.Writer) error {
	platform := genesystest.New()
	contactList := platform.AddContactList("Spring", "name", "phone")
	id, err := platform.AddCampaign(fmt.Sprintf(`{"name":"Spring","contactList":{"id":%q},"aFieldOfTomorrow":"stays"}`, contactList))
	if err != nil {
		return err
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithLimiter(nil)) // in memory nothing is limited
	if err != nil {
		return err
	}
	if _, err := client.AddContacts(ctx, contactList, lines(contactFile), genesys.AddOptions{}); err != nil {
		return err
	}
	if err := show(ctx, out, client, id, "A Genesys Cloud campaign before:"); err != nil {
		return err
	}
	list, err := sampleList()
	if err != nil {
		return err
	}
	page, err := protect(ctx, out, dnc.Protect(list), client, id)
	if err != nil {
		return err
	}
	if err := show(ctx, out, client, id, "The same campaign after:"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "  The report for the person who is responsible: %s\n\n", page)
	return err
}

// protect plans, applies, starts and reports. While a list is missing there is no plan: what is
// blocked on the platform stays blocked.
func protect(ctx context.Context, out io.Writer, checker dnc.Checker, client *genesys.CampaignClient, id string) (page string, err error) {
	accept := []preflight.GapKind{preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes} // the sample has neither
	plan, err := preflight.NewPlan(ctx, checker, client, id,
		preflight.WithParse(dnc.Parser{Country: "1"}.Parse), preflight.StartWhenVerified(accept...))
	if err != nil {
		return "", err
	}
	result, err := plan.Apply(ctx)
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(out, "  %v\n  numbers blocked in a new DNC list: %d, marked as uncallable: %d, read back; started: %v\n\n",
		plan, result.Applied.NumbersSent, result.Marked, result.Started); err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "dnc-report-*.html")
	if err != nil {
		return "", err
	}
	report := preflight.Report{Plan: plan, AssertedAt: time.Now(), Asserted: plan.AssertProtected(ctx), Accept: accept}
	return file.Name(), errors.Join(report.WriteHTML(file), file.Close())
}

// lines reads name and number of each line. A file of your own is read by encoding/csv, see
// examples/batch.
func lines(text string) (contacts []genesys.Contact) {
	for line := range strings.Lines(text) {
		name, phone, _ := strings.Cut(strings.TrimSpace(line), ",")
		contacts = append(contacts, genesys.Contact{Data: map[string]string{"name": name, "phone": phone}})
	}
	return contacts
}

// show prints what matters here of a campaign, as the platform has it.
func show(ctx context.Context, out io.Writer, client *genesys.CampaignClient, id, title string) error {
	c, err := client.Campaign(ctx, id)
	if err != nil {
		return err
	}
	list, err := client.ContactList(ctx, c.ContactListID())
	if err != nil {
		return err
	}
	fields := map[string]json.RawMessage{}
	for _, name := range []string{"name", "campaignStatus", "dncLists", "aFieldOfTomorrow"} {
		if value := c.Field(name); value != nil {
			fields[name] = value
		}
	}
	text, err := json.MarshalIndent(fields, "  ", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n\n  %s\n  contacts: %d\n\n", title, text, list.Size)
	return err
}
