package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dnc-go/dnc/calltime"
)

// zones packs what tzdata.sh compiled: "# version date", then for each distinct content a line with
// its names and one with its bytes in base64.
func zones(dir, date string) ([]byte, error) {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return nil, errors.New("zones needs -date YYYY-MM-DD, the day on which the package was released")
	}
	version, err := os.ReadFile(filepath.Join(dir, "version")) //nolint:gosec // a file of the caller's
	if err != nil {
		return nil, err
	}
	names := map[string][]string{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file of the caller's
		if err != nil || !bytes.HasPrefix(content, []byte("TZif")) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names[string(content)] = append(names[string(content)], filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there are no compiled zones in %s", dir)
	}
	if len(strings.Fields(string(version))) != 1 {
		return nil, fmt.Errorf("the file \"version\" has %q, and one word is expected", version)
	}
	var lines []string
	for content, all := range names {
		slices.Sort(all)
		lines = append(lines, strings.Join(all, " ")+"\n"+base64.StdEncoding.EncodeToString([]byte(content))+"\n")
	}
	slices.Sort(lines)
	return []byte(fmt.Sprintf("# tzdata %s %s\n", strings.TrimSpace(string(version)), date) + strings.Join(lines, "")), nil
}

// areaCodes cuts the administrator's report to what package calltime reads: the code, its regions,
// its siblings, and the letters of its zones.
func areaCodes(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // a file of the caller's
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was read
	report, err := calltime.ParseNPAReport(f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# NANPA npa_report.csv %s\n", report.Date.Format("2006-01-02"))
	for _, c := range report.Codes {
		siblings := make([]string, len(c.Siblings))
		for i, s := range c.Siblings {
			siblings[i] = strconv.Itoa(s)
		}
		fmt.Fprintf(&b, "%d,%s,%s,%s\n", c.Code, strings.Join(c.Regions, " "), strings.Join(siblings, " "), c.Offsets)
	}
	return b.Bytes(), nil
}
