package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/contactfile"
)

// config is what the flags say.
type config struct {
	in, out     string
	redisURLs   []string
	geoRules    bool
	lists       []string // files
	listColumns []string
	listFormat  string
	contacts    contactfile.Format
	force       bool
	parser      dnc.Parser
}

// parse reads a number. Of one in national form it says what is missing.
func (c config) parse(cell string) (dnc.Number, error) {
	n, err := c.parser.Parse(cell)
	if err != nil && c.parser.Country == "" && nationalForm.MatchString(cell) {
		err = errNoCountry
	}
	return n, err
}

// nationalForm is a number that may be one of a country that nobody named: six digits or more,
// without "+" and letters.
var nationalForm = regexp.MustCompile(`^[^+＋\pL]*(\p{Nd}[^+＋\pL]*){6,}$`)

// errUsage is a call that can be put right by changing its arguments.
var errUsage = errors.New("wrong call")

var countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)

// readConfig reads the flags. Its errors are one line and show no Redis URL, which may hold a
// password.
func readConfig(args []string, help io.Writer) (config, error) {
	var c config
	fs := flag.NewFlagSet("batch", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.in, "in", "", "contact `file`, CSV in UTF-8 or UTF-16 with a header; - for standard input")
	fs.StringVar(&c.out, "out", "", "`file` for the rows and their decisions; - for standard output")
	fs.Func("redis", "`URL` of Redis, such as redis://user:password@host:6379/0; for a cluster repeat the flag, or separate URLs by commas ",
		func(s string) error {
			c.redisURLs = append(c.redisURLs, s)
			return nil
		})
	fs.BoolVar(&c.geoRules, "geo-rules", true, "check the geo rules at dnc:geo_rules, which must exist")
	fs.Func("list",
		"`file` of numbers that must not be called, one on each line, or CSV with -list-column; may be repeated",
		func(s string) error {
			c.lists = append(c.lists, s)
			return nil
		})
	fs.StringVar(&c.listFormat, "list-format", "", "`format` of the files of -list: "+
		strings.Join(slices.Sorted(maps.Keys(listFormats)), ", ")+" (default: a number on each line)")
	fs.BoolVar(&c.force, "force", false, "replace the file of -out if it exists")
	columns := func(flag, usage string, to *[]string) {
		fs.Func(flag, usage, func(s string) error {
			*to = append(*to, s)
			return nil
		})
	}
	columns("list-column", "`name` of a column with numbers in the files of -list; may be repeated", &c.listColumns)
	columns("column", "`name` of a column with numbers, or its position, such as #2; may be repeated (default: the only column with a name such as phone)",
		&c.contacts.Columns)
	columns("opt-out-column", "`name` of a column that says who must not be called, such as Do Not Call; may be repeated", &c.contacts.OptOutColumns)
	columns("permission-column", "`name` of a column that says who may be called, such as OK to call; may be repeated", &c.contacts.PermissionColumns)
	columns("ignore-column", "`name` of a column that only looks like an opt-out, a permission or a country, and is ignored; may be repeated", &c.contacts.IgnoredColumns)
	fs.StringVar(&c.contacts.CallingCodeColumn, "calling-code-column", "", "`name` of the column with the country of the row's numbers, such as 44 or GB")
	fs.BoolVar(&c.contacts.AllPhoneColumns, "all-phone-columns", false,
		"take every column with a name such as phone: a row is callable only if all its numbers are")
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
	case c.in == "" || c.out == "":
		return c, errors.New("-in and -out are missing: use -in contacts.csv -out decisions.csv; - means standard input or output")
	case len(c.redisURLs) == 0 && len(c.lists) == 0:
		return c, errors.New("there is no list to check against: use -redis with a URL such as redis://localhost:6379, or -list with a file of numbers")
	case (len(c.listColumns) > 0 || c.listFormat != "") && len(c.lists) == 0:
		return c, errors.New("-list-column and -list-format are for -list")
	case len(c.listColumns) > 0 && c.listFormat != "":
		return c, errors.New("use only one of -list-column and -list-format")
	case c.listFormat != "" && listFormats[c.listFormat] == nil:
		return c, errors.New("-list-format is unknown: -h lists the formats")
	case c.contacts.AllPhoneColumns && len(c.contacts.Columns) > 0:
		return c, errors.New("use only one of -column and -all-phone-columns")
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		return c, errors.New("-country must be a calling code without +, such as 1 or 44")
	}
	c.contacts.Parse = c.parse
	return c, nil
}
