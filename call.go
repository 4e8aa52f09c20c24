package dnc

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Call is one call that a dialer is about to make. A list needs only the Number. Other Rules, such
// as calling hours, need more, and say what they read. Leave a field empty if you do not know it:
// the Rule then takes the strictest meaning, or answers Unknown.
//
// In fmt and slog a Call shows its masked number, channel, purpose and campaign, and nothing of the
// person.
type Call struct {
	Number Number
	// When the call is made. The zero Time means now, by the Rule's own clock.
	Time time.Time
	// What the call is for: "sales", "collection", "charity", "political", "survey" or "service".
	// "" means "sales", the strictest. Each Rule says which of them it treats differently.
	Purpose string
	// The seller on whose behalf the call is made, under the name that consents and opt-outs use.
	Seller string
	// The campaign's id. ByCampaign asks the list of this campaign.
	Campaign string
	// An id of the called person, if several numbers belong to one person. "" means one person for
	// each number.
	Party string
	// What the call is about, for limits on calls about one subject, such as one debt. "" means the
	// campaign.
	Subject string
	// The zero Channel is Voice.
	Channel Channel
	// Where the person is, if you know more than the number tells.
	Location Location
}

// Location says where the called person is, as far as the caller knows. Every field may be empty.
type Location struct {
	Zones  []string // names of time zones, such as "America/Chicago"
	Region string   // the ISO 3166-2 code of a state or province, such as "US-FL", or of a country, such as "FR"
	Postal string   // the postal code, such as "32401"
}

func (c Call) number() Number { return c.Number }

// String is the masked number, the channel, and the purpose and campaign where there are any.
func (c Call) String() string {
	s := c.Number.String() + " " + c.Channel.String()
	if c.Purpose != "" {
		s += fmt.Sprintf(" purpose=%q", c.Purpose)
	}
	if c.Campaign != "" {
		s += fmt.Sprintf(" campaign=%q", c.Campaign)
	}
	return s
}

// Format shows the String in every verb.
func (c Call) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue shows the String.
func (c Call) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Channel is how a person is called.
type Channel uint8

// The channels.
const (
	Voice       Channel = iota // a person speaks; the zero value
	Prerecorded                // a recorded or artificial voice speaks
	Text                       // a text message
)

var channelNames = [...]string{Voice: "voice", Prerecorded: "prerecorded", Text: "text"}

// String is "voice", "prerecorded" or "text".
func (c Channel) String() string {
	if int(c) < len(channelNames) {
		return channelNames[c]
	}
	return fmt.Sprintf("channel(%d)", uint8(c))
}

// MarshalText writes what String returns; any other value is an error.
func (c Channel) MarshalText() ([]byte, error) {
	if int(c) < len(channelNames) {
		return []byte(channelNames[c]), nil
	}
	return nil, fmt.Errorf("dnc: no channel has the value %d", uint8(c))
}

// UnmarshalText reads what MarshalText writes.
func (c *Channel) UnmarshalText(text []byte) error {
	for i, name := range channelNames {
		if string(text) == name {
			*c = Channel(i)
			return nil
		}
	}
	return fmt.Errorf("dnc: a channel is \"voice\", \"prerecorded\" or \"text\"")
}
