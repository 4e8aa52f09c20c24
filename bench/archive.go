package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dnc-go/dnc/internal/listgen"
	"github.com/dnc-go/dnc/registry"
)

// onlyArchive prints the table of archives: a registry written to a file and read again, beside its
// import and what Redis writes itself.
func onlyArchive(ctx context.Context, size sizes, _ string) error {
	dir, err := os.MkdirTemp("", "dnc-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	source := listgen.List{Seed: 1, Size: size.list}
	paths, areas, err := source.Write(dir, listgen.Form{})
	if err != nil {
		return err
	}
	list, err := registry.New(s.rdb, "national")
	if err != nil {
		return err
	}
	a := &archiving{server: s, list: list, paths: paths, file: filepath.Join(dir, "archive")}
	var blocks []uint64
	for _, area := range areas {
		for exchange := range uint64(1000) {
			blocks = append(blocks, uint64(1000+area)*1000+exchange) //nolint:gosec // an area code
		}
	}
	who := newContacts(rand.New(rand.NewPCG(7, 8)), blocks, size.contacts)
	fs, err := rounds(ctx, size.rounds, []variant{
		{"import from flat files, read back", 1, a.load},
		{"Redis SAVE, an RDB file", 1, func(ctx context.Context) error { return s.rdb.Save(ctx).Err() }},
		{"**dnc WriteArchive**, synced", 1, a.write},
		{"**dnc OpenArchive**", 1, a.open},
	})
	if err != nil {
		return err
	}
	then, err := listed(a.opened.At(time.Now()), who)(ctx)
	if err != nil {
		return err
	}
	now, err := listed(list, who)(ctx)
	if err != nil {
		return err
	}
	if then != now || now == 0 {
		return fmt.Errorf("the archive finds %d of the contacts, and the list %d", then, now)
	}
	flat, err := bytesOf(paths...)
	if err != nil {
		return err
	}
	written, err := bytesOf(a.file)
	if err != nil {
		return err
	}
	rdb, err := bytesOf(filepath.Join(s.dir, "dump.rdb"))
	if err != nil {
		return err
	}
	t := table{title: fmt.Sprintf("An archive of %s numbers", count(size.list)), head: []string{"", "seconds, median", "of the import", "bytes", "bytes a number"}}
	for i, bytes := range []int64{flat, rdb, written, written} {
		took := fs[i].median
		t.add(fs[i].name, fmt.Sprintf("%.2f", took.Seconds()), ratio(took, fs[0].median),
			count(int(bytes)), strconv.FormatFloat(float64(bytes)/float64(size.list), 'f', 3, 64))
	}
	t.note("list and archive find the same %s of %s contacts", count(now), count(size.contacts))
	fmt.Println(t.markdown())
	return nil
}

type archiving struct {
	server *server
	list   *registry.Registry
	paths  []string
	file   string
	opened *registry.Archive
}

func (a *archiving) load(ctx context.Context) error {
	_, err := load(ctx, a.list, a.paths)
	return err
}

func (a *archiving) write(ctx context.Context) error {
	f, err := os.Create(a.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := a.list.WriteArchive(ctx, f); err != nil {
		return err
	}
	return f.Sync()
}

func (a *archiving) open(context.Context) error {
	f, err := os.Open(a.file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	a.opened, err = registry.OpenArchive(f)
	return err
}

func bytesOf(paths ...string) (sum int64, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	return sum, nil
}
