package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
)

// newChecker makes the Checker that rows are checked by, and the function that lets go of its
// connections.
func newChecker(ctx context.Context, c config, stderr io.Writer) (dnc.Checker, func(), error) {
	var checkers []dnc.Checker
	closeRedis := func() {}
	if len(c.lists) > 0 {
		list, err := readLists(ctx, c, stderr)
		if err != nil {
			return nil, nil, err
		}
		checkers = append(checkers, list)
	}
	if len(c.redisURLs) > 0 {
		options, err := dnc.RedisOptions(c.redisURLs...)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
		}
		var extra []dnc.RedisOption
		if c.geoRules {
			extra = append(extra, dnc.WithGeoRules("dnc:geo_rules"))
		}
		rdb := redis.NewUniversalClient(options)
		list, err := dnc.NewRedisChecker(rdb, extra...)
		if err != nil {
			_ = rdb.Close()
			return nil, nil, fmt.Errorf("%w: -redis: %w", errUsage, err)
		}
		checkers = append(checkers, list)
		closeRedis = func() { _ = rdb.Close() }
	}
	return dnc.Protect(dnc.Union(checkers...)), closeRedis, nil
}

const shownRows = 20

// listFormats are the formats of -list-format.
var listFormats = map[string]func() listfile.Format{
	"ftc":           listfile.FTC,
	"canada":        listfile.Canada,
	"north-america": listfile.NorthAmerica,
	"genesys":       listfile.GenesysExport,
	"vicidial":      func() listfile.Format { return listfile.VICIdial() },
}

// nationalRow is a row of the national registries of the United States and Canada.
var nationalRow = regexp.MustCompile(`^[2-9][0-9]{2},[0-9]{7}\r?$`)

// listAdvice says what to do about files of -list that cannot be read.
func listAdvice(c config) string {
	if len(c.listColumns) == 0 && c.listFormat == "" {
		for _, path := range c.lists {
			if first, err := firstRow(path); err == nil && nationalRow.MatchString(first) {
				return "the rows are an area code, a comma and seven digits, as in the files of national registries: use -list-format ftc or canada"
			}
		}
	}
	return "correct the rows, or use -country, -list-column (CSV) or -list-format"
}

// firstRow is the beginning of a file up to its first line end.
func firstRow(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := bufio.NewReader(io.LimitReader(file, 4<<10)).ReadString('\n')
	return strings.TrimRight(text, "\n"), err
}

// readLists reads the files of -list. A row that cannot be read would be a number that is called,
// so it is an error; all are shown, up to a bound.
func readLists(ctx context.Context, c config, stderr io.Writer) (*dnc.Memory, error) {
	format := listfile.Lines(c.parse)
	switch {
	case len(c.listColumns) > 0:
		var more []listfile.CSVOption
		for _, name := range c.listColumns[1:] {
			more = append(more, listfile.Column(name))
		}
		format = listfile.CSV(c.listColumns[0], c.parse, more...)
	case c.listFormat != "":
		format = listFormats[c.listFormat]()
	}
	var numbers []dnc.Number
	bad := 0
	for n, err := range listfile.Files(format, c.lists...) {
		if cause := context.Cause(ctx); cause != nil {
			return nil, orInterrupted(ctx, cause)
		}
		row, isRow := errors.AsType[*listfile.RowError](err)
		switch {
		case isRow:
			if bad++; bad <= shownRows {
				_, _ = fmt.Fprintln(stderr, "batch: -list:", row)
			}
		case err != nil:
			return nil, fmt.Errorf("-list: %w", err)
		default:
			numbers = append(numbers, n)
		}
	}
	switch {
	case bad > 0:
		return nil, fmt.Errorf("-list: rows that cannot be read: %d, and a number that is lost there would be called: %s",
			bad, listAdvice(c))
	case len(numbers) == 0:
		return nil, errors.New("-list: the files have no number, so everything would be allowed: is it the right file?")
	}
	return dnc.NewMemory("list", numbers...), nil
}
