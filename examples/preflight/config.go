package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/preflight"
)

// config is what flags and environment say.
type config struct {
	command string

	campaign, contactList string
	dncLists              []string
	redisURLs             []string
	geoRules              bool
	parser                dnc.Parser
	start, redial         bool
	accept                []preflight.GapKind
	plan, page, rows      string   // files
	before, unblock       []string // files
	fullNumbers           bool
	readBack              bool
	contacts, rejected    string // files
	contactsCSV           preflight.CSV
	deriveIDs, drop       bool
	fromLists, wrapUps    []string
	toList, record        string
	dryRun                bool

	region, clientID, apiURL, loginURL string
	secret                             auth.Secret
}

// inMemory is true without credentials.
func (c config) inMemory() bool { return c.region == "" && c.clientID == "" && c.secret.IsZero() }

var countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)

// readConfig reads the flags of a command, and the environment.
func readConfig(command string, args []string, getenv func(string) string, help io.Writer) (config, error) {
	c := config{command: command}
	fs := flag.NewFlagSet("preflight "+command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	if !c.flags(fs) {
		return c, fmt.Errorf("%w: this command does not exist: use "+commands, errUsage)
	}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(help)
			fs.Usage()
			return c, err
		}
		return c, fmt.Errorf("%w: %w; -h lists the flags", errUsage, err)
	}
	c.region, c.clientID = getenv("GENESYSCLOUD_REGION"), getenv("GENESYSCLOUD_OAUTHCLIENT_ID")
	c.secret = auth.NewSecret(getenv("GENESYSCLOUD_OAUTHCLIENT_SECRET"))
	wrong := ""
	switch {
	case fs.NArg() > 0:
		wrong = "there are arguments without a flag; -h lists the flags"
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		wrong = "-country must be a calling code without +, such as 1 or 44"
	case command == "plan" && !c.inMemory() && c.campaign == "":
		wrong = "-campaign is missing: the id of the campaign"
	case command == "load" && !c.inMemory() && c.contactList == "":
		wrong = "-contact-list is missing: the id of the contact list"
	case command == "load" && c.contacts == "":
		wrong = "-in is missing: the CSV file of the contacts"
	case command == "sync" && len(c.redisURLs) == 0:
		wrong = "-redis is missing: the Redis server with the list for opt-outs"
	case command == "sync" && len(c.fromLists)+len(c.wrapUps) > 0 && c.record == "":
		wrong = "-record is missing: the file that records the source of each opt-out"
	case (command == "plan" || command == "load") && !c.inMemory() && len(c.redisURLs) == 0:
		wrong = "-redis is missing: contacts of the real platform are not checked against a sample list"
	case c.usesPlan() && c.plan == "":
		wrong = "-plan is missing: the file of the plan"
	}
	if wrong != "" {
		return c, fmt.Errorf("%w: %s", errUsage, wrong)
	}
	return c, nil
}

// commands are those that there are.
const commands = "demo, load, plan, apply, assert, report or sync"

const usage = "preflight " + commands + "; -h after a command lists its flags"

func (c config) usesPlan() bool {
	return c.command != "demo" && c.command != "load" && c.command != "sync"
}

// flags defines those of the command, and is false for one that does not exist.
func (c *config) flags(fs *flag.FlagSet) bool {
	list := func(to *[]string) func(string) error {
		return func(s string) error {
			*to = append(*to, s)
			return nil
		}
	}
	accept := func(s string) error {
		for kind := range strings.SplitSeq(s, ",") {
			c.accept = append(c.accept, preflight.GapKind(strings.TrimSpace(kind)))
		}
		return nil
	}
	switch c.command {
	case "demo":
		fs.StringVar(&c.page, "out", "preflight-report.html", "`file` of the report")
		return true
	case "plan":
		fs.StringVar(&c.campaign, "campaign", "", "`id` of the campaign (in memory there is one)")
		fs.StringVar(&c.contactList, "contact-list", "", "`id` of another contact list that the campaign will dial")
		fs.Func("dnc-list", "`id` of a DNC list that must be attached; may be repeated", list(&c.dncLists))
		c.checkerFlags(fs, list)
		fs.BoolVar(&c.start, "start", false, "apply starts the campaign if nothing is missing")
		fs.Func("unblock",
			"`file` of an earlier applied plan: its numbers that are allowed now are unblocked; may be repeated",
			list(&c.unblock))
		fs.BoolVar(&c.redial, "redial", false, "with -start: also start a complete campaign, which dials everybody again")
		fs.Func("accept", "with -start: `kinds` of gaps to accept, separated by commas, such as no_attempt_limits",
			accept)
	case "load":
		fs.StringVar(&c.contactList, "contact-list", "", "`id` of the contact list (in memory there is one)")
		fs.StringVar(&c.contacts, "in", "", "CSV `file` of the contacts; it needs the columns of the contact list")
		fs.StringVar(&c.contactsCSV.IDColumn, "id-column", "", "`column` with the ids of the contacts")
		fs.BoolVar(&c.contactsCSV.IDIsData, "id-is-data", false, "the id column is also a column of the contact list")
		fs.Func("opt-out-column", "`column` that says who must not be called, such as Do Not Call; may be repeated", list(&c.contactsCSV.OptOutColumns))
		fs.Func("permission-column", "`column` that says who may be called, such as OK to call; may be repeated", list(&c.contactsCSV.PermissionColumns))
		fs.Func("ignore-column", "`column` that only looks like an opt-out, a permission or a country, and is ignored; may be repeated",
			list(&c.contactsCSV.IgnoredColumns))
		fs.StringVar(&c.contactsCSV.CallingCodeColumn, "calling-code-column", "", "`column` with the country of the row's numbers, such as 44 or GB")
		fs.Func("skip-column", "`column` of the file that is not loaded; may be repeated", list(&c.contactsCSV.Skip))
		fs.BoolVar(&c.deriveIDs, "derive-ids", false, "make an id from the data of a contact that has none")
		fs.BoolVar(&c.drop, "drop-numbers", false, "load a contact without its forbidden numbers, if at least one number is left")
		fs.StringVar(&c.rejected, "rejected", "", "CSV `file` with a row for each contact that was not loaded")
		c.checkerFlags(fs, list)
	case "sync":
		fs.Func("from-dnc-list", "`id` of a DNC list to which agents add numbers; may be repeated", list(&c.fromLists))
		fs.StringVar(&c.contactList, "contact-list", "", "with -wrap-up: `id` of the contact list")
		fs.Func("wrap-up", "`id` of a wrap-up code for opt-outs; may be repeated",
			list(&c.wrapUps))
		fs.StringVar(&c.toList, "to-dnc-list", "", "`id` of a DNC list that gets the numbers of the Redis list")
		fs.StringVar(&c.record, "record", "", "CSV `file` to which a row is added for each new opt-out; it contains full phone numbers")
		fs.BoolVar(&c.dryRun, "dry-run", false, "read everything, but write nothing")
		fs.Func("redis", "`URL` of Redis with the list dnc:blacklist; for a cluster repeat the flag, or separate URLs by commas",
			list(&c.redisURLs))
		fs.StringVar(&c.parser.Country, "country", "", "also read national forms of the country with this `calling code`, without +, such as 1 or 44")
	case "assert":
		fs.Func("accept", "`kinds` of gaps to accept, separated by commas, such as no_attempt_limits", accept)
	case "report":
		fs.StringVar(&c.page, "out", "", "`file` for the report as an HTML page (default: print the report as text)")
		fs.StringVar(&c.rows, "csv", "", "`file` with a row for each number that is not allowed; numbers are masked")
		fs.BoolVar(&c.fullNumbers, "full-numbers", false, "with -csv: do not mask the numbers")
		fs.BoolVar(&c.readBack, "assert", false, "read the campaign back and show what is missing")
		fs.Func("accept", "with -assert: `kinds` of gaps to accept, separated by commas; the report shows them",
			accept)
		fs.Func("before", "`file` of an earlier plan, to show changes over time; may be repeated", list(&c.before))
	case "apply":
	default:
		return false
	}
	if c.usesPlan() {
		fs.StringVar(&c.plan, "plan", "plan.json", "`file` of the plan; it contains full phone numbers")
	}
	fs.StringVar(&c.apiURL, "api-url", "", "`origin` of the platform's API in place of the region's, such as https://gateway.example.net")
	fs.StringVar(&c.loginURL, "login-url", "", "`origin` of the platform's login in place of the region's")
	return true
}

// checkerFlags are those of the list that is asked.
func (c *config) checkerFlags(fs *flag.FlagSet, list func(*[]string) func(string) error) {
	fs.Func("redis", "`URL` of Redis with the list dnc:blacklist; for a cluster repeat the flag, or separate URLs by commas",
		list(&c.redisURLs))
	fs.BoolVar(&c.geoRules, "geo-rules", true, "check the geo rules at dnc:geo_rules, which must exist")
	fs.StringVar(&c.parser.Country, "country", "", "also read national forms of the country with this `calling code`, without +, such as 1 or 44")
}

// options are those of the plan.
func (c config) options() []preflight.Option {
	opts := []preflight.Option{preflight.WithParse(c.parser.Parse), preflight.WithRules(c.rules())}
	if c.start {
		opts = append(opts, preflight.StartWhenVerified(c.accept...))
	}
	if c.redial {
		opts = append(opts, preflight.RedialWhenComplete())
	}
	return slices.Clip(opts)
}
