// Command calltime writes the data that package calltime embeds:
//
//	go run . numbers -o ../../calltime/data/numbers.txt.gz /usr/share/zoneinfo/zone.tab
//	go run . areacodes -o ../../calltime/data/areacodes.txt npa_report.csv
//	./tzdata.sh tzdata_2026f-0+deb12u1_all.deb /tmp/zones
//	./postal.sh /tmp/postal.tsv && go run . postal -o ../../calltime/data/postal.txt.gz /tmp/postal.tsv
//	go run . zones -date 2026-10-29 -o ../../calltime/data/zones.txt.gz /tmp/zones
//
// The zones of numbers are those of libphonenumber, as github.com/nyaruka/phonenumbers embeds them.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("give a command: numbers, areacodes, postal or zones")
	}
	set := flag.NewFlagSet(args[0], flag.ContinueOnError)
	out := set.String("o", "", "the file to write")
	date := set.String("date", "", "zones: when Debian released the package, YYYY-MM-DD")
	if err := set.Parse(args[1:]); err != nil {
		return err
	}
	if *out == "" || set.NArg() != 1 {
		return fmt.Errorf("%s needs -o and one file or directory to read", args[0])
	}
	var text []byte
	var err error
	switch args[0] {
	case "numbers":
		text, err = numbers(set.Arg(0))
	case "areacodes":
		text, err = areaCodes(set.Arg(0))
	case "postal":
		text, err = postal(set.Arg(0))
	case "zones":
		text, err = zones(set.Arg(0), *date)
	default:
		err = fmt.Errorf("there is no command %q", args[0])
	}
	if err != nil {
		return err
	}
	if strings.HasSuffix(*out, ".gz") {
		if text, err = pack(text); err != nil {
			return err
		}
	}
	return os.WriteFile(*out, text, 0o644) //nolint:gosec // data is for everybody to read
}

func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err = w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
