// Server answers over HTTP whether numbers may be dialled:
//
//	go run ./examples/server
//	curl -H 'Content-Type: application/json' -d '[{"phoneNumber":"+14155550123","campaignId":"spring"}]' http://127.0.0.1:8080/validate
//
//	curl -H 'Content-Type: application/json' -d '{"campaignId":"11111111-1111-4111-8111-111111111111","blockedNumbers":["+14155550123"]}' http://127.0.0.1:8080/apply-campaign-rules
//
// Without -redis it checks against a small sample list in memory. The answer of /validate is 200
// with a report, and 503 with the same report when not one number could be decided. /healthz says
// whether numbers can be decided now.
//
// A campaign can have a list of its own, at the Redis key dnc:campaign:<campaignId>: its numbers are
// blocked for calls of that campaign, with the reason dnc_campaign. -campaign-lists=required blocks
// the calls of a campaign whose list is missing.
//
// With -hours /validate also blocks a call that would be made outside of the calling hours now, and
// says until when. It is off by default, because a scrub asks lists only: a number that must not be
// called at night may be called in the morning. Give each contact what is known of its place:
// "timeZone", as "America/Chicago", "region", an ISO 3166 code as "US-FL", and "postalCode" of the
// United States or Canada. They close hours that the number alone leaves open, and open none.
//
// With -evidence DIR every decision of /validate is recorded in DIR before it is answered. One that
// cannot be recorded is Unknown. What /apply-campaign-rules is asked to block is recorded before it is
// done, with the reason block_requested; it is done also if it cannot be recorded. DNC_EVIDENCE_KEY has the id of a key, a space and its secret of at
// least 32 bytes in hex digits; DNC_EVIDENCE_SIGNER the private key that signs checkpoints, as
// note.GenerateKey of golang.org/x/mod makes it. They are saved in the file of
// -evidence-checkpoints, which "go run ./examples/evidence verify" reads.
//
// With -metrics GET /metrics answers in the text format of Prometheus: requests, decisions by verdict
// and reason, incidents, and with -optouts the opt-outs that are overdue. It needs the token as the
// other paths do, and has no number. Module otel has the full set, with durations.
//
// Campaigns are those of Genesys Cloud when GENESYSCLOUD_REGION (a domain or an AWS name),
// GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET are set, and else those of a
// platform in memory, which has one: its id is logged at the start.
//
// A server that listens beyond loopback needs a bearer token in the environment variable
// DNC_BEARER_TOKEN.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"
)

func main() {
	redis.SetLogger(redisLog{}) // by itself the client writes to stderr past slog
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The codes that the process ends with.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// run is the whole program. Only its caller knows about signals, the environment and the process's
// own streams, so a test can be one.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	c, err := readConfig(args, getenv, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		return exitUsage
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	slog.SetDefault(log) // incidents of dnc.Protect go to the default logger

	platform, samples, err := newCampaigns(c.platform)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		return exitUsage
	}
	optOuts, closeOptOuts, err := openOptOuts(c, platform)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		return exitUsage
	}
	defer closeOptOuts()
	rules, err := newRules(c, optOuts)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		return exitUsage
	}
	defer rules.close()
	record, err := openEvidence(c.evidence)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		return exitUsage
	}
	if record != nil {
		defer closeEvidence(record, log) //nolint:contextcheck // Close has a limit of its own
	}
	listener, err := listen(ctx, c)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "server:", err)
		if errors.Is(err, errExposed) {
			return exitUsage
		}
		return exitError
	}
	_, _ = fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())
	log.Info("listening", "addr", listener.Addr().String(), "token", c.token != "")
	if len(c.redisURLs) == 0 {
		log.Warn("-redis is not set: the answers come from a small sample list in memory")
	}
	if len(samples) > 0 {
		log.Warn("there are no credentials for Genesys Cloud: the server uses a platform in memory", samples...)
	}
	api := newAPI(c, rules.lists, platform, log)
	api.record(rules.rule, record)
	api.takeOptOuts(optOuts)
	api.showMetrics(c.metrics)
	if err := serve(ctx, listener, api, c, log); err != nil {
		log.Error("the server ended", "error", err)
		return exitError
	}
	return exitOK
}

// redisLog hands on what the Redis client has to say: addresses and errors of connections, never a
// command's arguments.
type redisLog struct{}

func (redisLog) Printf(ctx context.Context, format string, v ...any) {
	slog.WarnContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
}
