package guide_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
)

// masked shows that neither a number nor a secret prints itself.
func masked(n dnc.Number, secret auth.Secret) {
	fmt.Printf("%v %d %#v\n", n, n, n)
	fmt.Printf("%v %+v\n", secret, secret)
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"number": n})
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime})).Info("called", "number", n)
	fmt.Println(len(n.E164())) // the one way to the full number
}

func noTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func Example_privacy() {
	masked(number("+12125550123"), auth.NewSecret("hunter2"))
	// Output:
	// +1******0123 +1******0123 +1******0123
	// [redacted] [redacted]
	// {"number":"+1******0123"}
	// level=INFO msg=called number=+1******0123
	// 12
}
