package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// config is what the flags say.
type config struct {
	paths                  []string
	redisURLs              []string
	list                   string
	maxAge                 time.Duration
	format                 listfile.Format
	coverage               []string // nil: what the files say
	obtained               time.Time
	byFileTime             bool // obtained when the oldest file was
	limits                 registry.Import
	dryRun, info, rollback bool
	set                    string // key; "": the list is a registry
	json                   bool
	dueWithin              int // days
}

// errUsage is a call that can be put right by changing its arguments.
var errUsage = errors.New("wrong call")

var (
	countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
	prefix      = regexp.MustCompile(`^[1-9][0-9]{0,14}$`)
)

// readConfig reads the flags. Its errors are one line and show no Redis URL, which may hold a
// password.
func readConfig(args []string, help io.Writer) (config, error) {
	var c config
	var format, obtained string
	var columns csvColumns
	var parser dnc.Parser
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Func("redis", "`URL` of Redis, as redis://user:password@host:6379/0; repeated or comma-separated for a cluster", func(s string) error {
		c.redisURLs = append(c.redisURLs, s)
		return nil
	})
	fs.StringVar(&c.list, "list", "national", "`name` of the list: a number on it has the reason dnc_<name>; with -set only errors name it")
	fs.StringVar(&format, "format", "ftc", "of the files: ftc, canada, north-america (a number on each line: states' lists, ported numbers), genesys or vicidial (exports), csv or lines")
	fs.Func("column", "`name` of a column with numbers, or its place, as #2, for csv; repeated for several", func(s string) error {
		columns.names = append(columns.names, s)
		return nil
	})
	fs.Func("where", "take only rows with this `column=value`, or column=value|value, for csv and vicidial; repeated for several", columns.filter)
	fs.StringVar(&columns.separator, "separator", "", "the separator of the cells, as ; or \\t, for csv and vicidial (default: what the first row shows)")
	fs.StringVar(&parser.Country, "country", "", "`calling code` without + of the country whose national forms are read too, as 1 or 44, for csv and lines")
	fs.Func("coverage", "`digits` that the numbers begin with which the list covers, as 1415,1212; repeated or comma-separated (default: what the files say)",
		func(s string) error {
			c.coverage = append(c.coverage, strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })...)
			return nil
		})
	fs.StringVar(&obtained, "obtained", "", "when the files were downloaded: a `time` as 2006-01-02 (its beginning, here) or 2006-01-02T15:04:05Z, or mtime, when "+
		"the oldest file was last changed")
	fs.DurationVar(&c.maxAge, "max-age", 31*24*time.Hour, "how old a list may be at the time of a call")
	fs.Float64Var(&c.limits.MaxShrink, "max-shrink", 0.2, "by which `share` of its size the list, and each area code, may shrink, from 0 to 1")
	fs.IntVar(&c.limits.MaxRejected, "max-rejected", 0, "how many `rows` may be rejected before the import is refused")
	fs.BoolVar(&c.limits.AllowEmpty, "allow-empty", false, "import a list without a number, which allows everything that it covers")
	fs.IntVar(&c.limits.Replicas, "replicas", 0, "how many `replicas` of each node must have the list before it is put in force")
	fs.StringVar(&c.limits.Source, "source", "", "where the files came from, as `text` for -info (default: their names)")
	fs.BoolVar(&c.dryRun, "dry-run", false, "read the files and report, and write nothing; -redis is for comparing, and may be left out")
	fs.StringVar(&c.set, "set", "", "fill the SET at this `key`, as dnc:blacklist, and no registry: for lists of up to some millions that are changed one by one as well")
	fs.BoolVar(&c.info, "info", false, "show the version in force and the one before, and end: with 3 if it is older than -max-age, and with 4 if it soon will be")
	fs.BoolVar(&c.json, "json", false, "with -info: as JSON")
	fs.IntVar(&c.dueWithin, "due-within", 0, "with -info: how many `days` before -max-age a list is due")
	fs.BoolVar(&c.rollback, "rollback", false, "put the version before in force again, and end")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(help, "Usage: import [flags] file...")
			fs.SetOutput(help)
			fs.PrintDefaults()
			return c, err
		}
		return c, fmt.Errorf("%w; -h lists the flags", err)
	}
	c.paths = fs.Args()
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if c.set != "" && !given["list"] {
		c.list = "set" // errors would name the national list
	}
	if err := c.checkMode(given); err != nil || c.info || c.rollback {
		return c, err
	}
	if err := c.readFormat(format, columns, parser); err != nil {
		return c, err
	}
	if err := c.checkLimits(); err != nil || c.set != "" {
		return c, err
	}
	return c, c.readObtained(obtained)
}

// ofRegistries are the flags that say nothing to a SET.
var ofRegistries = []string{"coverage", "obtained", "max-age", "replicas", "allow-empty", "source", "info", "rollback"}

// checkMode looks at what is to be done.
func (c *config) checkMode(given map[string]bool) error {
	modes := 0
	for _, on := range []bool{c.dryRun, c.info, c.rollback} {
		if on {
			modes++
		}
	}
	switch {
	case modes > 1:
		return errors.New("-dry-run, -info and -rollback are three things: give one of them")
	case (c.json || given["due-within"]) && !c.info:
		return errors.New("-json and -due-within are for -info")
	case c.dueWithin < 0:
		return errors.New("-due-within is a number of days")
	case given["set"] && c.set == "":
		return errors.New("-set is the key of a SET, as dnc:blacklist")
	case c.set != "" && slices.ContainsFunc(ofRegistries, func(name string) bool { return given[name] }):
		return errors.New("-set fills a SET, which has no versions, coverage or date: leave out -" + strings.Join(ofRegistries, ", -"))
	case (c.info || c.rollback) && len(c.paths) > 0:
		return errors.New("-info and -rollback take no files")
	case slices.ContainsFunc(c.paths, func(p string) bool { return strings.HasPrefix(p, "-") }):
		return errors.New("a file begins with -: flags go before the files; a file of that name is ./-name")
	case !c.dryRun && len(c.redisURLs) == 0:
		return errors.New("-redis is missing: give the URL of Redis, as redis://localhost:6379")
	case !c.info && !c.rollback && len(c.paths) == 0:
		return errors.New("there are no files: name them after the flags")
	case c.maxAge <= 0:
		return errors.New("-max-age is above 0, as 744h for 31 days")
	}
	return nil
}

// csvColumns are the columns of a CSV file, and which of its rows count.
type csvColumns struct {
	names     []string
	filters   []listfile.CSVOption
	separator string
}

// filter reads -where.
func (c *csvColumns) filter(s string) error {
	column, values, ok := strings.Cut(s, "=")
	if !ok || strings.TrimSpace(column) == "" {
		return errors.New("it is a column and its value, as status=DNC")
	}
	c.filters = append(c.filters, listfile.Where(column, strings.Split(values, "|")...))
	return nil
}

// options are those of a CSV format.
func (c *csvColumns) options() ([]listfile.CSVOption, error) {
	options := c.filters
	if c.separator != "" {
		separator := []rune(strings.ReplaceAll(c.separator, `\t`, "\t"))
		if len(separator) != 1 {
			return nil, errors.New("-separator is one character, as ; or \\t")
		}
		options = append(options, listfile.Separator(separator[0]))
	}
	for i, name := range c.names {
		if i > 0 {
			options = append(options, listfile.Column(name))
		}
	}
	return options, nil
}

func (c *config) readFormat(name string, columns csvColumns, parser dnc.Parser) error {
	options, err := columns.options()
	switch {
	case err != nil:
		return err
	case len(columns.names) == 0 && name == "csv":
		return errors.New("-format csv needs -column, the name of the column with the numbers")
	case len(columns.names) > 0 && name != "csv":
		return errors.New("-column is for -format csv")
	case len(options) > 0 && name != "csv" && name != "vicidial":
		return errors.New("-where and -separator are for -format csv and vicidial")
	case parser.Country != "" && name != "csv" && name != "lines":
		return errors.New("-country is for -format csv and lines: the other formats say it themselves")
	case parser.Country != "" && !countryCode.MatchString(parser.Country):
		return errors.New("-country is a calling code without +, as 1 or 44")
	}
	switch name {
	case "ftc":
		c.format = listfile.FTC()
	case "canada":
		c.format = listfile.Canada()
	case "north-america":
		c.format = listfile.NorthAmerica()
	case "genesys":
		c.format = listfile.GenesysExport()
	case "vicidial":
		c.format = listfile.VICIdial(options...)
	case "csv":
		c.format = listfile.CSV(columns.names[0], parser.Parse, options...)
	case "lines":
		c.format = listfile.Lines(parser.Parse)
	default:
		return errors.New("-format is ftc, canada, north-america, genesys, vicidial, csv or lines")
	}
	if len(c.coverage) == 0 && c.set == "" && name != "ftc" && name != "canada" {
		return errors.New("-coverage is missing: files of this format do not say which numbers they cover; give the digits that those begin with, as 1 or 1415,1212")
	}
	return nil
}

func (c *config) checkLimits() error {
	l := &c.limits
	switch {
	case slices.ContainsFunc(c.coverage, func(p string) bool { return !prefix.MatchString(p) }):
		return errors.New("-coverage is 1 to 15 digits each, with the country code and without +, as 1415,1212")
	case !(l.MaxShrink >= 0 && l.MaxShrink <= 1): // also not a number
		return errors.New("-max-shrink is a share from 0 to 1")
	case l.MaxRejected < 0 || l.Replicas < 0:
		return errors.New("-max-rejected and -replicas are not negative")
	}
	if l.MaxShrink == 0 {
		l.MaxShrink = -1 // 0 stands for the default in registry.Import
	}
	return nil
}

func (c *config) readObtained(text string) (err error) {
	switch text {
	case "":
		return errors.New("-obtained is missing: say when the files were downloaded, as 2006-01-02, or mtime if they have been left as they came; calls are " +
			"allowed for as long as -max-age from then")
	case "mtime":
		c.byFileTime = true
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if c.obtained, err = time.ParseInLocation(layout, text, time.Local); err == nil {
			return nil
		}
	}
	return errors.New("-obtained is a time as 2006-01-02 or 2006-01-02T15:04:05Z, or mtime")
}
