package guide_test

import (
	"context"
	"fmt"
	"io"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

// login makes a client of Genesys Cloud. It opens no connection yet.
func login(regionName, id, secret string) (*genesys.CampaignClient, error) {
	region, err := auth.ParseRegion(regionName) // "eu-west-1", or "mypurecloud.ie"
	if err != nil {
		return nil, err
	}
	source, err := auth.ClientCredentials{Region: region, ClientID: id, ClientSecret: auth.NewSecret(secret)}.Source()
	if err != nil {
		return nil, err
	}
	return genesys.NewCampaignClient(source)
}

// protectCampaign checks every number of a campaign, blocks what must not be dialled, and starts it.
func protectCampaign(ctx context.Context, checker dnc.Checker, client *genesys.CampaignClient, campaignID string) error {
	plan, err := preflight.NewPlan(ctx, checker, client, campaignID, // changes nothing on the platform
		preflight.StartWhenVerified(preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes)) // the gaps that you accept
	if err != nil {
		return err
	}
	fmt.Println("numbers allowed:", plan.Counts().Allowed, "blocked:", plan.Counts().Blocked)
	result, err := plan.Apply(ctx) // blocks, attaches, reads back, starts
	if err != nil {
		return err // did it stop half-way? Call Apply again: it continues
	}
	fmt.Println("started:", result.Started)
	return nil
}

// loadContacts writes the contacts of a CSV file that may be called into a contact list.
func loadContacts(ctx context.Context, client *genesys.CampaignClient, checker dnc.Checker, listID string, file io.Reader) error {
	rows := preflight.CSV{IDColumn: "customer"}.Rows(file) // the other columns are those of the contact list
	report, err := preflight.Load(ctx, client, checker, listID, rows)
	fmt.Println(report)
	for _, r := range report.Rejected {
		fmt.Println(r) // the line and the cause, but no number
	}
	return err // did it stop half-way? Load the file again: nobody is added twice
}

// syncOptOuts brings the opt-outs that agents add to a DNC list into your own list.
func syncOptOuts(ctx context.Context, client *genesys.CampaignClient, agents string, list dnc.Checker, writer preflight.NumberAdder) error {
	record := func(_ context.Context, outs []preflight.OptOut) error {
		for _, o := range outs {
			fmt.Println(o) // store it: it names the source of the opt-out
		}
		return nil
	}
	report, err := preflight.Sync(ctx, client, preflight.FromDNCLists(agents), preflight.IntoList(list, writer, record))
	fmt.Println(report.Added, "added")
	return err
}
