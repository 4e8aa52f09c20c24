package listgen

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Form is how files look, after the regulators: by default a file for each area code, "415.txt" or
// for Canada "416.csv", with rows "415,5550123".
type Form struct {
	XML     bool // <ph val='5550123' /> in one long line
	Zip     bool // a zip for each area code, and for Canada one with a file for each
	Shuffle bool // the numbers of an area code in no order
}

// Write writes a list into a directory, a file for each area code, and returns the files and what
// area codes they have. It keeps the numbers of one area code in memory, at most 20 MB.
func (l List) Write(dir string, form Form) (paths []string, areas []int, err error) {
	if !l.hasRoom(1) {
		return nil, nil, fmt.Errorf("listgen: there is no room for %d numbers", l.Size)
	}
	random := rand.New(rand.NewPCG(l.Seed, 3))
	out := &files{dir: dir, form: form, canada: l.Canada}
	defer func() {
		if closed := out.close(); err == nil {
			err = closed
		}
	}()
	for area, lines := range l.byArea() {
		if form.Shuffle {
			random.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
		}
		if err := out.write(area, lines); err != nil {
			return nil, nil, err
		}
		areas = append(areas, area)
	}
	return out.paths, areas, nil
}

// files are the files of a list under way.
type files struct {
	dir    string
	form   Form
	canada bool
	paths  []string
	file   *os.File // nil: none is open
	zip    *zip.Writer
}

// write writes an area code.
func (f *files) write(area int, lines []uint32) error {
	w, err := f.open(area)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<20)
	if err := f.rows(b, area, lines); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if f.form.Zip && f.canada {
		return nil // one zip for all
	}
	return f.close()
}

// open begins a file, or a member of a zip.
func (f *files) open(area int) (io.Writer, error) {
	ext := ".txt"
	switch {
	case f.form.XML:
		ext = ".xml"
	case f.canada:
		ext = ".csv"
	}
	name := fmt.Sprintf("%03d", area)
	if f.file == nil {
		path := name + ext
		switch {
		case f.form.Zip && f.canada:
			path = "dncl.zip"
		case f.form.Zip:
			path = name + ".zip"
		}
		path = filepath.Join(f.dir, path)
		file, err := os.Create(path) //nolint:gosec // in the caller's directory
		if err != nil {
			return nil, err
		}
		f.file, f.paths = file, append(f.paths, path)
		if f.form.Zip {
			f.zip = zip.NewWriter(file)
		}
	}
	if f.form.Zip {
		return f.zip.Create(name + ext)
	}
	return f.file, nil
}

func (f *files) close() (err error) {
	if f.zip != nil {
		err = f.zip.Close()
	}
	if f.file != nil {
		if closed := f.file.Close(); err == nil {
			err = closed
		}
	}
	f.zip, f.file = nil, nil
	return err
}

// rows writes the numbers.
func (f *files) rows(w *bufio.Writer, area int, lines []uint32) error {
	before, after, head, foot := fmt.Sprintf("%03d,", area), "\n", "", ""
	if f.form.XML {
		before, after = "<ph val='", "' /> "
		head = fmt.Sprintf("<list type='full' level='ac' val='%03d'><ac val='%03d'>", area, area)
		foot = "</ac></list>\n"
		if f.canada { // as the regulator prints it, which is not well-formed
			head = fmt.Sprintf("<list type='full' level='ac' val='%03d' /> <ac val='%03d'>\n", area, area)
			foot = "\n</ac> </list>\n"
		}
	}
	row := []byte(before + "0000000" + after)
	digits := row[len(before) : len(before)+7]
	if _, err := w.WriteString(head); err != nil {
		return err
	}
	for _, line := range lines {
		for i := 6; i >= 0; i-- {
			digits[i] = byte('0' + line%10)
			line /= 10
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	_, err := w.WriteString(foot)
	return err
}
