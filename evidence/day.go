package evidence

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const dayExt = ".log"

// dayHeader is the first line of a day's file: what the tree was before it.
type dayHeader struct {
	day   string
	first int64
	root  tlog.Hash
	size  int64 // of the line
}

func (h dayHeader) line() string {
	return fmt.Sprintf("dnc evidence log 1 %s %d %s\n", h.day, h.first, base64.StdEncoding.EncodeToString(h.root[:]))
}

// readDayHeader reads the first line.
func readDayHeader(f io.ReaderAt, day string) (dayHeader, error) {
	line, err := bufio.NewReaderSize(io.NewSectionReader(f, 0, 256), 256).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return dayHeader{}, err
	}
	h := dayHeader{size: int64(len(line))}
	var root string
	if _, err := fmt.Sscanf(line, "dnc evidence log 1 %s %d %s\n", &h.day, &h.first, &root); err != nil {
		return dayHeader{}, fmt.Errorf("%w: %s%s does not begin as the file of a day", ErrDamaged, day, dayExt)
	}
	sum, err := base64.StdEncoding.DecodeString(root)
	if err != nil || len(sum) != tlog.HashSize {
		return dayHeader{}, fmt.Errorf("%w: %s%s does not begin as the file of a day", ErrDamaged, day, dayExt)
	}
	copy(h.root[:], sum)
	if h.day != day || h.first < 0 || h.line() != line {
		return dayHeader{}, fmt.Errorf("%w: %s%s begins as the file of another day", ErrDamaged, day, dayExt)
	}
	return h, nil
}

// createDay makes the file of a day as a whole: there is never one with half a first line.
func createDay(dir, day string, t tree) (*os.File, int64, error) {
	line := dayHeader{day: day, first: t.size, root: t.root()}.line()
	path := filepath.Join(dir, day+dayExt)
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // in the log's directory
	if err != nil {
		return nil, 0, err
	}
	_, err = f.WriteString(line)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, fmt.Errorf("evidence: the file of a new day: %w", err)
	}
	return f, int64(len(line)), nil
}

// days are the days that have a file, oldest first.
func days(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		day, ok := strings.CutSuffix(e.Name(), dayExt)
		if _, err := time.Parse(time.DateOnly, day); ok && err == nil {
			all = append(all, day)
		}
	}
	slices.Sort(all)
	return all, nil
}

// syncDir makes the names in a directory durable, where the system has that.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the log's directory
	if err != nil {
		return err
	}
	err = d.Sync()
	_ = d.Close()
	if err != nil && (errors.Is(err, os.ErrInvalid) || errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported)) {
		return nil // Windows syncs no directory
	}
	return err
}
