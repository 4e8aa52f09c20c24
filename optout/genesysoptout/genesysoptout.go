// Package genesysoptout brings the opt-outs of package optout to DNC lists of Genesys Cloud.
//
//	intake, err := optout.Open(dir, optout.To("genesys", genesysoptout.List(client, dncListID)))
//
// It is apart from package optout so that who has no Genesys Cloud does not link it.
package genesysoptout

import (
	"context"
	"errors"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/optout"
)

// List makes a Target of an internal DNC list, which must hold nothing but opt-outs: a withdrawal
// takes its number off. Entries do not expire. A list has an effect on the campaigns that name it.
//
// Deliver returns when the platform has accepted the numbers. That they are on the list says
// genesys.CampaignClient.MissingDNCNumbers, for a check at night. A list holds 1,000,000 entries by
// default; when it is full the error is genesys.ErrListFull, and the opt-outs wait in the outbox.
// Needs outbound:dnc:edit.
func List(client *genesys.CampaignClient, listID string) optout.Target {
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
	blocked, free := optout.Split(changes)
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
