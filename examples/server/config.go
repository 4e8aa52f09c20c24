package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/calltime"
)

// config is what flags and environment say.
type config struct {
	addr            string
	redisURLs       []string
	geoRules        bool
	campaignLists   string // "optional", "required" or "off"
	askHours        bool
	hours           func() (*calltime.Hours, error) // of -hours and of ?explain=1
	validateTimeout time.Duration
	applyTimeout    time.Duration
	platform        platform
	optOutDir       string
	optOutList      string
	evidence        evidenceConfig
	metrics         *metrics // nil without -metrics
	parser          dnc.Parser
	token           string // "": nobody is asked for one
}

var (
	countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
	tokenChars  = regexp.MustCompile(`^[!-~]+$`) // what fits into a header in one word
)

// readConfig reads flags and environment. Its errors are one line and show no value that could be a
// secret: a Redis URL may hold a password, which is why URLs are only collected here.
func readConfig(args []string, getenv func(string) string, help io.Writer) (config, error) {
	var c config
	fs := flag.NewFlagSet("server", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; beyond loopback only with DNC_BEARER_TOKEN; port 0 takes a free one")
	fs.Func("redis", "`URL` of Redis, as redis://user:password@host:6379/0; repeated or comma-separated for a cluster (default: a sample list in memory)",
		func(s string) error {
			c.redisURLs = append(c.redisURLs, s)
			return nil
		})
	fs.BoolVar(&c.geoRules, "geo-rules", true, "consult the geo rules at dnc:geo_rules")
	fs.StringVar(&c.campaignLists, "campaign-lists", "optional",
		"`optional`, required or off: a campaign's own list at dnc:campaign:<campaignId> may be missing, must be there, or is not asked")
	fs.BoolVar(&c.askHours, "hours", false,
		"block calls outside of the calling hours too, as of now; leave it off for a scrub, which asks lists only")
	fs.DurationVar(&c.validateTimeout, "validate-timeout", 5*time.Second, "how long a request to /validate may take")
	fs.DurationVar(&c.applyTimeout, "apply-timeout", 15*time.Second,
		"how long a request to /apply-campaign-rules may take")
	fs.StringVar(&c.platform.apiURL, "api-url", "", "`origin` of the platform's API in place of the region's, as https://gateway.example.net")
	fs.StringVar(&c.platform.loginURL, "login-url", "", "`origin` of the platform's login, likewise")
	fs.StringVar(&c.optOutDir, "optouts", "", "`directory` of the outbox of opt-outs: POST /opt-outs takes them in (default: it does not)")
	fs.StringVar(&c.optOutList, "optout-dnc-list", "", "`id` of the platform's DNC list that gets every opt-out too")
	fs.StringVar(&c.evidence.dir, "evidence", "",
		"`directory` of the log that records every decision of /validate; needs DNC_EVIDENCE_KEY and DNC_EVIDENCE_SIGNER (default: none is recorded)")
	fs.StringVar(&c.evidence.checkpoints, "evidence-checkpoints", "",
		"`file` that signed checkpoints of -evidence are appended to: where those who can change the log cannot change it")
	withMetrics := fs.Bool("metrics", false, "answer GET /metrics in the text format of Prometheus, to those who have the token")
	fs.StringVar(&c.parser.Country, "country", "", "`calling code` without + of the country whose national forms are read too, as 1 or 44")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(help)
			fs.Usage()
			return c, err
		}
		return c, fmt.Errorf("%w; -h lists the flags", err)
	}
	switch {
	case fs.NArg() > 0:
		return c, errors.New("there are arguments that belong to no flag; -h lists the flags")
	case c.campaignLists != "optional" && c.campaignLists != "required" && c.campaignLists != "off":
		return c, errors.New("-campaign-lists is optional, required or off")
	case c.validateTimeout <= 0 || c.validateTimeout > time.Minute:
		return c, errors.New("-validate-timeout is above 0 and at most 1m")
	case c.applyTimeout <= 0 || c.applyTimeout > 10*time.Minute:
		return c, errors.New("-apply-timeout is above 0 and at most 10m")
	case c.optOutList != "" && c.optOutDir == "":
		return c, errors.New("-optout-dnc-list needs -optouts: the directory in which opt-outs wait for the list")
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		return c, errors.New("-country is a calling code without +, as 1 or 44")
	}
	if err := c.evidence.check(); err != nil {
		return c, err
	}
	c.evidence.key = auth.NewSecret(getenv("DNC_EVIDENCE_KEY"))
	c.evidence.signer = auth.NewSecret(getenv("DNC_EVIDENCE_SIGNER"))
	if *withMetrics {
		c.metrics = newMetrics()
	}
	c.hours = newHours(time.Now, c.metrics.incident)
	c.platform.region = getenv("GENESYSCLOUD_REGION")
	c.platform.clientID = getenv("GENESYSCLOUD_OAUTHCLIENT_ID")
	c.platform.secret = auth.NewSecret(getenv("GENESYSCLOUD_OAUTHCLIENT_SECRET"))
	c.token = strings.TrimSpace(getenv("DNC_BEARER_TOKEN")) // a file that it is read from likely ends in a newline
	if c.token != "" && !tokenChars.MatchString(c.token) {
		return c, errors.New("DNC_BEARER_TOKEN has characters that no header can carry: use printable ASCII without spaces")
	}
	return c, nil
}
