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
	fs.Func("redis", "`URL` of Redis, such as redis://user:password@host:6379/0; for a cluster repeat the flag, or separate URLs by commas", func(s string) error {
		c.redisURLs = append(c.redisURLs, s)
		return nil
	})
	fs.StringVar(&c.list, "list", "national", "`name` of the list: a number on it has the reason dnc_<name>; with -set only errors name it")
	fs.StringVar(&format, "format", "ftc", "format of the files: ftc, canada, north-america (a number on each line: states' lists, ported numbers), genesys or vicidial (exports), csv or lines")
	fs.Func("column", "`name` of a column with numbers, or its position, such as #2; for csv; may be repeated", func(s string) error {
		columns.names = append(columns.names, s)
		return nil
	})
	fs.Func("where", "take only rows with this `column=value`, or column=value|value, for csv and vicidial; may be repeated", columns.filter)
	fs.StringVar(&columns.separator, "separator", "", "the separator of the cells, such as ; or \\t; for csv and vicidial (default: taken from the first row)")
	fs.StringVar(&parser.Country, "country", "", "also read national forms of the country with this `calling code`, without +, such as 1 or 44; for csv and lines")
	fs.Func("coverage", "first `digits` of the numbers that the list covers, such as 1415,1212; separated by commas, or repeat the flag (default: taken from the files)",
		func(s string) error {
			c.coverage = append(c.coverage, strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })...)
			return nil
		})
	fs.StringVar(&obtained, "obtained", "", "when the files were downloaded: a `time` such as 2006-01-02 (the start of that day, local time) or 2006-01-02T15:04:05Z; or mtime: when "+
		"the oldest file was last changed")
	fs.DurationVar(&c.maxAge, "max-age", 31*24*time.Hour, "largest age of a list at the time of a call; 744h is 31 days")
	fs.Float64Var(&c.limits.MaxShrink, "max-shrink", 0.2, "largest `share`, from 0 to 1, by which the list and each area code may shrink")
	fs.IntVar(&c.limits.MaxRejected, "max-rejected", 0, "how many `rows` may be rejected before the import is refused")
	fs.BoolVar(&c.limits.AllowEmpty, "allow-empty", false, "import a list without numbers, which allows everything that it covers")
	fs.IntVar(&c.limits.Replicas, "replicas", 0, "how many `replicas` of each node must have the list before it is put in force")
	fs.StringVar(&c.limits.Source, "source", "", "where the files came from, as `text` for -info (default: their names)")
	fs.BoolVar(&c.dryRun, "dry-run", false, "read the files and report, but write nothing; with -redis the report compares the files with the list")
	fs.StringVar(&c.set, "set", "", "fill the SET at this `key`, such as dnc:blacklist, and not a registry; for lists of up to some millions that also change one by one")
	fs.BoolVar(&c.info, "info", false, "show the version in force and the previous one; exit code 3 if it is older than -max-age, 4 if it soon will be")
	fs.BoolVar(&c.json, "json", false, "with -info: as JSON")
	fs.IntVar(&c.dueWithin, "due-within", 0, "with -info: how many `days` before -max-age a list is due")
	fs.BoolVar(&c.rollback, "rollback", false, "put the previous version in force again")
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
		return errors.New("use only one of -dry-run, -info and -rollback")
	case (c.json || given["due-within"]) && !c.info:
		return errors.New("-json and -due-within are for -info")
	case c.dueWithin < 0:
		return errors.New("-due-within must be a number of days")
	case given["set"] && c.set == "":
		return errors.New("-set must be the key of a SET, such as dnc:blacklist")
	case c.set != "" && slices.ContainsFunc(ofRegistries, func(name string) bool { return given[name] }):
		return errors.New("-set fills a SET, which has no versions, coverage or date: remove -" + strings.Join(ofRegistries, ", -"))
	case (c.info || c.rollback) && len(c.paths) > 0:
		return errors.New("-info and -rollback take no files")
	case slices.ContainsFunc(c.paths, func(p string) bool { return strings.HasPrefix(p, "-") }):
		return errors.New("a file begins with -: flags go before the files; a file of that name is ./-name")
	case !c.dryRun && len(c.redisURLs) == 0:
		return errors.New("-redis is missing: give the URL of Redis, such as redis://localhost:6379")
	case !c.info && !c.rollback && len(c.paths) == 0:
		return errors.New("there are no files: name them after the flags")
	case c.maxAge <= 0:
		return errors.New("-max-age must be above 0, such as 744h for 31 days")
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
		return errors.New("it must be a column and a value, such as status=DNC")
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
			return nil, errors.New("-separator must be one character, such as ; or \\t")
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
		return errors.New("-country is for -format csv and lines: the other formats contain the country")
	case parser.Country != "" && !countryCode.MatchString(parser.Country):
		return errors.New("-country must be a calling code without +, such as 1 or 44")
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
		return errors.New("-format must be ftc, canada, north-america, genesys, vicidial, csv or lines")
	}
	if len(c.coverage) == 0 && c.set == "" && name != "ftc" && name != "canada" {
		return errors.New("-coverage is missing: files of this format do not say which numbers they cover; give their first digits, such as 1 or 1415,1212")
	}
	return nil
}

func (c *config) checkLimits() error {
	l := &c.limits
	switch {
	case slices.ContainsFunc(c.coverage, func(p string) bool { return !prefix.MatchString(p) }):
		return errors.New("-coverage must be prefixes of 1 to 15 digits, with the country code and without +, such as 1415,1212")
	case !(l.MaxShrink >= 0 && l.MaxShrink <= 1): // also not a number
		return errors.New("-max-shrink must be a share from 0 to 1")
	case l.MaxRejected < 0 || l.Replicas < 0:
		return errors.New("-max-rejected and -replicas must not be negative")
	}
	if l.MaxShrink == 0 {
		l.MaxShrink = -1 // 0 stands for the default in registry.Import
	}
	return nil
}

func (c *config) readObtained(text string) (err error) {
	switch text {
	case "":
		return errors.New("-obtained is missing: say when the files were downloaded, such as 2006-01-02, or mtime if nobody has changed the files since; calls are " +
			"allowed until -max-age after that time")
	case "mtime":
		c.byFileTime = true
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if c.obtained, err = time.ParseInLocation(layout, text, time.Local); err == nil {
			return nil
		}
	}
	return errors.New("-obtained must be a time such as 2006-01-02 or 2006-01-02T15:04:05Z, or mtime")
}
