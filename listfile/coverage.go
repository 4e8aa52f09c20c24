package listfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/dnc-go/dnc"
)

// Coverage returns the area codes that files of FTC or Canada are for, as registry.Import.Coverage
// takes them: "1415" for a file, or a file in a zip, with 415 in its name. If no name has an area
// code, Coverage reads the sections of an XML file, as <ac val='415'>. It does not derive area
// codes from rows, because one wrong row would make all other numbers of its area code callable. If
// a file does not say its area codes, or has another format, there is an error.
func Coverage(format Format, paths ...string) ([]string, error) {
	if !format.areas {
		return nil, fmt.Errorf("%w: files of this format do not say which numbers they are for", ErrFile)
	}
	var areas []int
	add := func(area int) {
		if !slices.Contains(areas, area) {
			areas = append(areas, area)
		}
	}
	asked := format
	asked.parse = func(f *file, in io.Reader, report yield) bool {
		if f.area == 0 {
			return sections(f, in, format, add, report)
		}
		add(f.area)
		return true
	}
	for _, err := range Files(asked, paths...) {
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(areas)
	out := make([]string, len(areas))
	for i, area := range areas {
		out[i] = strconv.Itoa(1000 + area)
	}
	return out, nil
}

// sections adds what the XML in a file says it is for. It reports errors alone.
func sections(f *file, in io.Reader, format Format, add func(area int), report yield) bool {
	said, broken := false, false
	f.section = func(val []byte) {
		if area := areaIn(string(val)); area != 0 && len(val) == 3 {
			add(area)
			said = true
		}
	}
	format.parse(f, in, func(n dnc.Number, err error) bool {
		if errors.Is(err, ErrFile) {
			broken = true
			return report(n, err)
		}
		return said // a row before any section: it is flat
	})
	if !said && !broken {
		return f.end(report, "neither its name nor a section of it says which area code it is for: rename it, for example to 415.txt, or set Import.Coverage yourself")
	}
	return !broken
}
