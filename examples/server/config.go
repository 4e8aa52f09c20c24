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
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8080", "`host:port` to listen on; other addresses than loopback need DNC_BEARER_TOKEN; port 0 takes a free port")
	fs.Func("redis", "`URL` of Redis, such as redis://user:password@host:6379/0; for a cluster repeat the flag, or separate URLs by commas (default: a sample list in memory)",
		func(s string) error {
			c.redisURLs = append(c.redisURLs, s)
			return nil
		})
	fs.BoolVar(&c.geoRules, "geo-rules", true, "check the geo rules at dnc:geo_rules, which must exist")
	fs.StringVar(&c.campaignLists, "campaign-lists", "optional",
		"`optional`, required or off: a campaign's own list at dnc:campaign:<campaignId> may be missing, must exist, or is not asked")
	fs.BoolVar(&c.askHours, "hours", false,
		"also block calls outside the calling hours at this moment; do not set it for a scrub, which asks only lists")
	fs.DurationVar(&c.validateTimeout, "validate-timeout", 5*time.Second, "how long a request to /validate may take")
	fs.DurationVar(&c.applyTimeout, "apply-timeout", 15*time.Second,
		"how long a request to /apply-campaign-rules may take")
	fs.StringVar(&c.platform.apiURL, "api-url", "", "`origin` of the platform's API in place of the region's, such as https://gateway.example.net")
	fs.StringVar(&c.platform.loginURL, "login-url", "", "`origin` of the platform's login in place of the region's")
	fs.StringVar(&c.optOutDir, "optouts", "", "`directory` of the outbox of opt-outs; turns on POST /opt-outs (default: off)")
	fs.StringVar(&c.optOutList, "optout-dnc-list", "", "`id` of a DNC list of the platform that also gets every opt-out")
	fs.StringVar(&c.evidence.dir, "evidence", "",
		"`directory` of the log that records every decision of /validate; needs DNC_EVIDENCE_KEY and DNC_EVIDENCE_SIGNER (default: nothing is recorded)")
	fs.StringVar(&c.evidence.checkpoints, "evidence-checkpoints", "",
		"`file` to which signed checkpoints of -evidence are appended; keep it where people who can change the log cannot change it")
	withMetrics := fs.Bool("metrics", false, "answer GET /metrics in the text format of Prometheus; the request needs the token")
	fs.StringVar(&c.parser.Country, "country", "", "also read national forms of the country with this `calling code`, without +, such as 1 or 44")
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
		return c, errors.New("there are arguments without a flag; -h lists the flags")
	case c.campaignLists != "optional" && c.campaignLists != "required" && c.campaignLists != "off":
		return c, errors.New("-campaign-lists must be optional, required or off")
	case c.validateTimeout <= 0 || c.validateTimeout > time.Minute:
		return c, errors.New("-validate-timeout must be above 0 and at most 1m")
	case c.applyTimeout <= 0 || c.applyTimeout > 10*time.Minute:
		return c, errors.New("-apply-timeout must be above 0 and at most 10m")
	case c.optOutList != "" && c.optOutDir == "":
		return c, errors.New("-optout-dnc-list needs -optouts: the directory in which opt-outs wait for the list")
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		return c, errors.New("-country must be a calling code without +, such as 1 or 44")
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
		return c, errors.New("DNC_BEARER_TOKEN has characters that are not allowed in a header: use printable ASCII without spaces")
	}
	return c, nil
}
