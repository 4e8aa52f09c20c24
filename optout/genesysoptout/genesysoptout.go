// Package genesysoptout delivers the opt-outs of package optout to DNC lists of Genesys Cloud, and
// reads opt-outs from its wrap-up events.
//
//	intake, err := optout.Open(dir, optout.WithTarget("genesys", genesysoptout.ListTarget(client, dncListID)))
//
// It is a package of its own, so that programs without Genesys Cloud do not link its client.
package genesysoptout

import (
	"context"
	"errors"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/optout"
)

// ListTarget makes a Target of an internal DNC list that holds only opt-outs: a withdrawal takes
// its number off the list. Entries do not expire. The list has an effect only on campaigns that
// have it.
//
// Deliver returns when the platform has accepted the numbers. To check that they are on the list,
// call genesys.CampaignClient.MissingDNCNumbers, for example at night. A list holds 1,000,000
// entries by default. When it is full, the error is genesys.ErrListFull, and the opt-outs wait in
// the outbox. Needs the permission outbound:dnc:edit.
func ListTarget(client *genesys.CampaignClient, listID string) optout.Target {
	return list{client, listID}
}

type list struct {
	client *genesys.CampaignClient
	id     string
}

var errNoClient = errors.New("genesysoptout: the CampaignClient is nil")

// Deliver adds before it removes.
func (l list) Deliver(ctx context.Context, changes []optout.Change) error {
	if l.client == nil {
		return errNoClient
	}
	blocked, free := optout.SplitChanges(changes)
	if len(blocked) > 0 {
		if err := l.client.AddDNCNumbers(ctx, l.id, e164(blocked), time.Time{}); err != nil {
			return err
		}
	}
	if len(free) > 0 {
		return l.client.RemoveDNCNumbers(ctx, l.id, e164(free))
	}
	return nil
}

func e164(ns []dnc.Number) []string {
	out := make([]string, len(ns))
	for i, n := range ns {
		out[i] = n.E164()
	}
	return out
}
