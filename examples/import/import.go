package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/registry"
)

// job is an import, or a dry run of one.
type job struct {
	config
	before   registry.Info // in force; zero: none, or nobody asked
	registry *registry.Registry
	writer   *dnc.RedisWriter // of a SET
	reading  reading
	progress *progress
}

// importFiles does what the flags say with the files, and reports.
func importFiles(ctx context.Context, c config, stdout, stderr io.Writer) error {
	files, total, err := findFiles(c.paths)
	if err != nil {
		return err
	}
	if c.set == "" {
		if err := c.date(files); err != nil {
			return err
		}
	}
	if len(c.coverage) == 0 && c.set == "" {
		if c.coverage, err = listfile.Coverage(c.format, c.paths...); err != nil {
			return err
		}
	}
	p := newProgress(stderr, total)
	j := &job{config: c, progress: p, reading: reading{files: files, format: c.format, p: p}}
	switch {
	case len(c.redisURLs) == 0:
	case c.set != "":
		writer, size, closeSet, err := connectSet(ctx, c)
		if err != nil {
			return err
		}
		defer closeSet()
		j.writer, j.before.Numbers = writer, size
	default:
		list, before, closeList, err := connect(ctx, c, p)
		if err != nil {
			return err
		}
		defer closeList()
		j.registry, j.before = list, before
	}
	report, err := j.run(ctx)
	if err != nil && report.Read+report.Rejected == 0 {
		return err // the error says it all
	}
	if printed := j.report(stdout, report, err); err == nil {
		err = printed
	}
	return err
}

// date sets when the files were obtained, and refuses what the registry would: before it is read,
// not after.
func (c *config) date(files []input) error {
	if c.byFileTime {
		c.obtained = oldest(files)
	}
	switch age := time.Since(c.obtained); {
	case age < -time.Minute:
		return fmt.Errorf("%w: -obtained is in the future: give the time at which the files were downloaded", errUsage)
	case age > c.maxAge:
		return fmt.Errorf("%w: -obtained is %.1f days ago, and -max-age %.1f days: every number would be unknown; download the files again", errUsage, age.Hours()/24, c.maxAge.Hours()/24)
	}
	return nil
}

// run reads the files twice: for their checksum, and for their numbers.
func (j *job) run(ctx context.Context) (registry.ImportReport, error) {
	defer j.progress.start()()
	sum, err := checksum(ctx, j.reading.files, j.progress)
	if err != nil {
		return registry.ImportReport{}, err
	}
	j.limits.Coverage, j.limits.Obtained, j.limits.SHA256 = j.coverage, j.obtained, sum
	if j.limits.Source == "" {
		j.limits.Source = names(j.reading.files)
	}
	j.limits.Progress = func(p registry.Progress) { j.progress.set(p.Phase, p.Read, p.Rejected) }
	switch {
	case j.dryRun:
		return j.dry(ctx)
	case j.set != "":
		return j.fillSet(ctx)
	}
	return j.registry.Replace(ctx, j.reading.all, j.limits)
}

// names are the names of the files, as many as fit.
func names(files []input) string {
	const room = 200
	text := filepath.Base(files[0].path)
	for i, f := range files[1:] {
		name := filepath.Base(f.path)
		if len(text)+len(name) > room {
			return fmt.Sprintf("%s and %d more", text, len(files)-1-i)
		}
		text += ", " + name
	}
	return text
}
