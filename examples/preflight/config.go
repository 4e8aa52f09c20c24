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
		return c, fmt.Errorf("%w: there is no command of that name: "+commands, errUsage)
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
		wrong = "there are arguments that belong to no flag; -h lists the flags"
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		wrong = "-country is a calling code without +, as 1 or 44"
	case command == "plan" && !c.inMemory() && c.campaign == "":
		wrong = "-campaign is missing: the id of the campaign"
	case command == "load" && !c.inMemory() && c.contactList == "":
		wrong = "-contact-list is missing: the id of the contact list"
	case command == "load" && c.contacts == "":
		wrong = "-in is missing: the CSV file of the contacts"
	case command == "sync" && len(c.redisURLs) == 0:
		wrong = "-redis is missing: the list that opt-outs go to"
	case command == "sync" && len(c.fromLists)+len(c.wrapUps) > 0 && c.record == "":
		wrong = "-record is missing: the file that keeps where opt-outs came from"
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
		fs.StringVar(&c.contactList, "contact-list", "", "`id` of another contact list that the campaign is to dial")
		fs.Func("dnc-list", "`id` of a DNC list that must be attached; may be repeated", list(&c.dncLists))
		c.checkerFlags(fs, list)
		fs.BoolVar(&c.start, "start", false, "apply switches the campaign on when nothing is missing")
		fs.Func("unblock",
			"`file` of an earlier plan that was applied: its numbers that are allowed now are taken off; may be repeated",
			list(&c.unblock))
		fs.BoolVar(&c.redial, "redial", false, "with -start: also a campaign that is complete, which dials everybody again")
		fs.Func("accept", "with -start: `kinds` of gaps that are accepted, comma-separated, as no_attempt_limits",
			accept)
	case "load":
		fs.StringVar(&c.contactList, "contact-list", "", "`id` of the contact list (in memory there is one)")
		fs.StringVar(&c.contacts, "in", "", "CSV `file` of the contacts; its columns are those of the list")
		fs.StringVar(&c.contactsCSV.IDColumn, "id-column", "", "`column` of the contacts' ids")
		fs.BoolVar(&c.contactsCSV.IDIsData, "id-is-data", false, "the id column is a column of the contact list too")
		fs.Func("opt-out-column", "`column` that says who must not be called, as Do Not Call; may be repeated", list(&c.contactsCSV.OptOutColumns))
		fs.Func("ignore-column", "`column` that says nothing of the numbers, although it looks like an opt-out or a country; may be repeated",
			list(&c.contactsCSV.IgnoredColumns))
		fs.StringVar(&c.contactsCSV.CallingCodeColumn, "calling-code-column", "", "`column` with the country of the row's numbers, as 44 or GB")
		fs.Func("skip-column", "`column` of the file that is not loaded; may be repeated", list(&c.contactsCSV.Skip))
		fs.BoolVar(&c.deriveIDs, "derive-ids", false, "make an id of the data of contacts that have none")
		fs.BoolVar(&c.drop, "drop-numbers", false, "load contacts without their numbers that are not allowed, where one is left")
		fs.StringVar(&c.rejected, "rejected", "", "CSV `file` for a row of each contact that is not loaded")
		c.checkerFlags(fs, list)
	case "sync":
		fs.Func("from-dnc-list", "`id` of a DNC list to which agents add; may be repeated", list(&c.fromLists))
		fs.StringVar(&c.contactList, "contact-list", "", "with -wrap-up: `id` of the contact list")
		fs.Func("wrap-up", "`id` of a wrap-up code that says that somebody has opted out; may be repeated",
			list(&c.wrapUps))
		fs.StringVar(&c.toList, "to-dnc-list", "", "`id` of a DNC list that gets the numbers of the Redis list")
		fs.StringVar(&c.record, "record", "", "CSV `file` to which a row is added for each opt-out that comes in; it holds full phone numbers")
		fs.BoolVar(&c.dryRun, "dry-run", false, "read everything and write nothing")
		fs.Func("redis", "`URL` of Redis with the list dnc:blacklist; repeated or comma-separated for a cluster",
			list(&c.redisURLs))
		fs.StringVar(&c.parser.Country, "country", "", "`calling code` without + of the country whose national forms are read too, as 1 or 44")
	case "assert":
		fs.Func("accept", "`kinds` of gaps that are accepted, comma-separated, as no_attempt_limits", accept)
	case "report":
		fs.StringVar(&c.page, "out", "", "`file` for the report as an HTML page; without it text is printed")
		fs.StringVar(&c.rows, "csv", "", "`file` for a row of each number that is not allowed, masked")
		fs.BoolVar(&c.fullNumbers, "full-numbers", false, "with -csv: the numbers are not masked")
		fs.BoolVar(&c.readBack, "assert", false, "read the campaign back and show what is missing")
		fs.Func("accept", "with -assert: `kinds` of gaps that are accepted, comma-separated; the report shows them",
			accept)
		fs.Func("before", "`file` of an earlier plan, for the course of time; may be repeated", list(&c.before))
	case "apply":
	default:
		return false
	}
	if c.usesPlan() {
		fs.StringVar(&c.plan, "plan", "plan.json", "`file` of the plan; it holds full phone numbers")
	}
	fs.StringVar(&c.apiURL, "api-url", "", "`origin` of the platform's API in place of the region's, as https://gateway.example.net")
	fs.StringVar(&c.loginURL, "login-url", "", "`origin` of the platform's login, likewise")
	return true
}

// checkerFlags are those of the list that is asked.
func (c *config) checkerFlags(fs *flag.FlagSet, list func(*[]string) func(string) error) {
	fs.Func("redis", "`URL` of Redis with the list dnc:blacklist; repeated or comma-separated for a cluster",
		list(&c.redisURLs))
	fs.BoolVar(&c.geoRules, "geo-rules", false, "consult the geo rules at dnc:geo_rules")
	fs.StringVar(&c.parser.Country, "country", "", "`calling code` without + of the country whose national forms are read too, as 1 or 44")
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
