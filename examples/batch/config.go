package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"

	"github.com/dnc-go/dnc"
)

// config is what the flags say.
type config struct {
	in, out   string
	redisURLs []string
	geoRules  bool
	column    string
	parser    dnc.Parser
}

// errUsage is a call that can be put right by changing its arguments.
var errUsage = errors.New("wrong call")

var countryCode = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)

// readConfig reads the flags. Its errors are one line and show no Redis URL, which may hold a password.
func readConfig(args []string, help io.Writer) (config, error) {
	var c config
	fs := flag.NewFlagSet("batch", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.in, "in", "", "contact `file`, CSV in UTF-8 with a header; - for standard input")
	fs.StringVar(&c.out, "out", "", "`file` for the rows and their decisions; - for standard output")
	fs.Func("redis", "`URL` of Redis, as redis://user:password@host:6379/0; repeated or comma-separated for a cluster (default: a sample list in memory)",
		func(s string) error {
			c.redisURLs = append(c.redisURLs, s)
			return nil
		})
	fs.BoolVar(&c.geoRules, "geo-rules", true, "consult the geo rules at dnc:geo_rules")
	fs.StringVar(&c.column, "column", "", "`name` of the column with the numbers (default: phone, phoneNumber, phone_number, number, telephone, ...)")
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
	case c.in == "" || c.out == "":
		return c, errors.New("-in and -out are needed, as in -in contacts.csv -out decisions.csv; - stands for standard input and output")
	case c.parser.Country != "" && !countryCode.MatchString(c.parser.Country):
		return c, errors.New("-country is a calling code without +, as 1 or 44")
	}
	return c, nil
}
