package dnc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dnc-go/dnc"
)

// Whatever is accepted is one number: reading its E.164 again gives the same, in seven to fifteen
// ASCII digits.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"+14155550123", "+1 (415) 555-0123", "+442079460000", "+44 (0)20 7946 0000", "011442079460000", "+", "+1+2", "\xff", "+٤١"} {
		f.Add(s, "1")
		f.Add(s, "44")
	}
	f.Fuzz(func(t *testing.T, s, country string) {
		for _, parse := range []func(string) (dnc.Number, error){dnc.ParseNumber, dnc.Parser{Country: country}.Parse} {
			n, err := parse(s)
			if err != nil {
				if !n.IsZero() {
					t.Fatal("a number beside an error")
				}
				continue
			}
			e164 := n.E164()
			again, err := dnc.ParseNumber(e164)
			if err != nil || again != n {
				t.Fatalf("reading it again gives another number: %v", err)
			}
			if len(e164) < 8 || len(e164) > 16 || e164[0] != '+' || e164[1] == '0' || strings.Trim(e164[1:], "0123456789") != "" {
				t.Fatal("not E.164")
			}
			if shown := fmt.Sprintf("%v %+v %#v %d", n, n, n, n); strings.Contains(shown, e164[1:]) {
				t.Fatal("it shows itself")
			}
		}
	})
}
