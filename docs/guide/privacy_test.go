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
func masked(n dnc.Number, secret auth.Secret, logger *slog.Logger) {
	fmt.Printf("%v %d %#v\n", n, n, n)
	fmt.Printf("%v %+v\n", secret, secret)
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"number": n})
	logger.Info("called", "number", n)
	fmt.Println(len(n.E164())) // the only method that returns the full number
}
