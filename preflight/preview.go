package preflight

import (
	"time"

	"github.com/dnc-go/dnc/genesys"
)

// A Preview says what [Plan.Apply] would write, judged by the state of the platform when the plan
// was made.
type Preview struct {
	Numbers            int      `json:"numbers"`          // how many numbers would be sent to the campaign's own DNC list
	NewDNCList         bool     `json:"newDncList"`       // that list would be created first
	Attach             []string `json:"attach,omitempty"` // ids of existing DNC lists that would be attached
	ContactListChanged bool     `json:"contactListChanged"`
	Marks              int      `json:"marks"`   // how many numbers would be marked uncallable
	Unblock            int      `json:"unblock"` // how many numbers would be removed from the campaign's own DNC list, see [UnblockAllowed]

	// Requests is about how many requests this takes. Duration is their time at the platform's default
	// rate limit, 300 a minute. The exports that verify the result are not included.
	Requests int           `json:"requests"`
	Duration time.Duration `json:"duration"`
}

// Changed reports whether anything would be written.
func (p Preview) Changed() bool {
	return p.Numbers > 0 || p.NewDNCList || len(p.Attach) > 0 || p.ContactListChanged || p.Marks > 0 || p.Unblock > 0
}

// How many requests things take, about.
const (
	fixedRequests   = 8    // to read the campaign and its lists, before and after
	numbersARequest = 1000 // numbers for a DNC list
	unblockRequests = 18   // three exports of the own list
	defaultPace     = time.Minute / 300
)

func newPreview(would *genesys.Applied, marks, unblocks int) Preview {
	p := Preview{
		Numbers: would.NumbersSent, NewDNCList: would.DNCListCreated, Attach: would.Attached,
		ContactListChanged: would.ContactListChanged, Marks: marks, Unblock: unblocks,
	}
	p.Requests = fixedRequests + (p.Numbers+numbersARequest-1)/numbersARequest + markRequests(marks)
	if unblocks > 0 {
		p.Requests += unblockRequests + (unblocks+numbersARequest-1)/numbersARequest
	}
	p.Duration = time.Duration(p.Requests) * defaultPace
	return p
}

// markRequests is how many requests [genesys.CampaignClient.MarkAllUncallable] takes, about: few
// contacts are read and written one by one, many are read by 50, before and after, and changed by
// jobs of 1,000.
func markRequests(marks int) int {
	if marks < 25 {
		return 2 * marks
	}
	return 2*(marks/50+1) + 3*(marks/1000+2)
}
