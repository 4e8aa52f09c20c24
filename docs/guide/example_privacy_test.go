package guide_test

import (
	"log/slog"
	"os"

	"github.com/dnc-go/dnc/auth"
)

func noTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func Example_privacy() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: noTime}))
	masked(number("+12125550123"), auth.NewSecret("hunter2"), logger)
	// Output:
	// +1******0123 +1******0123 +1******0123
	// [redacted] [redacted]
	// {"number":"+1******0123"}
	// level=INFO msg=called number=+1******0123
	// 12
}
