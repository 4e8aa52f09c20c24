package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

// contactFile is the contact file of a campaign, as in a CSV of two columns.
const contactFile = `Ann,+14155550100
Ben,(415) 555-0123
Cleo,+1 415 555 0142
Dan,+44 20 7946 0958
Eve,n/a
`

// campaign does the whole job: it scrubs a contact file, uploads the contacts that may be called, blocks the rest, reads everything back,
// and only then switches the campaign on. The platform is one in memory, as strict as the real one.
func campaign(ctx context.Context, out io.Writer) error {
	platform := genesystest.New()
	contactList := platform.AddContactList("Spring", "name", "phone")
	id, err := platform.AddCampaign(fmt.Sprintf(`{"name":"Spring","contactList":{"id":%q},"aFieldOfTomorrow":"stays"}`, contactList))
	if err != nil {
		return err
	}
	client, err := genesys.NewCampaignClient(platform.Source())
	if err != nil {
		return err
	}
	if err := show(ctx, out, client, id, "A Genesys Cloud campaign before:"); err != nil {
		return err
	}

	list, err := sampleList()
	if err != nil {
		return err
	}
	allowed, blocked, err := split(ctx, dnc.Protect(list), lines(contactFile))
	if err != nil {
		return err
	}
	if _, err := client.AddContacts(ctx, contactList, allowed, genesys.AddOptions{}); err != nil {
		return err
	}
	done, err := client.ApplyRules(ctx, id, genesys.Rules{BlockedNumbers: blocked}) // reads everything back
	if err != nil {
		return err
	}
	if err := client.StartCampaign(ctx, id); err != nil {
		return err
	}
	if _, err := client.WaitStatus(ctx, id, genesys.StatusOn); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "  %d contacts uploaded, %d numbers blocked in a new DNC list, read back and started\n\n", len(allowed), done.NumbersSent); err != nil {
		return err
	}
	return show(ctx, out, client, id, "The same campaign after:")
}

// split says who may be called. An input that is no number can be neither called nor blocked. A number without a full answer ends it:
// what is written on the platform stays there when the list is back.
func split(ctx context.Context, checker dnc.Checker, people iter.Seq2[[2]string, error]) (allowed []genesys.Contact, blocked []string, err error) {
	parse := func(p [2]string) (dnc.Number, error) { return dnc.Parser{Country: "1"}.Parse(p[1]) }
	for person, err := range dnc.Stream(ctx, checker, people, parse) {
		switch d := person.Decision; {
		case err != nil:
			return nil, nil, err
		case d.Undecided():
			return nil, nil, fmt.Errorf("the contacts cannot be decided now: %v", d.Reason())
		case d.Callable():
			allowed = append(allowed, genesys.Contact{Data: map[string]string{"name": person.Input[0], "phone": d.Number.E164()}})
		case !d.Number.IsZero():
			blocked = append(blocked, d.Number.E164())
		}
	}
	return allowed, blocked, nil
}

// lines reads name and number of each line. A file of your own is read by encoding/csv, see examples/batch.
func lines(text string) iter.Seq2[[2]string, error] {
	return func(yield func([2]string, error) bool) {
		for line := range strings.Lines(text) {
			name, phone, _ := strings.Cut(strings.TrimSpace(line), ",")
			if !yield([2]string{name, phone}, nil) {
				return
			}
		}
	}
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
