package listfile

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCoverage(t *testing.T) {
	const flat = "415,5551234\n212,5551234\n"
	const both = "<list type='full' level='all' val=''><ac val='416'><ph val='2345671'/></ac>\n<ac val='604'></ac></list>"
	type files map[string]string
	for name, c := range map[string]struct {
		format Format
		files  files
		want   []string
		says   string
	}{
		"names":                 {FTC(), files{"415.txt": flat, "x_212_2026-11-01.txt": flat}, []string{"1212", "1415"}, ""},
		"one twice":             {FTC(), files{"415.txt": flat, "415 (1).txt": flat}, []string{"1415"}, ""},
		"members":               {FTC(), files{"list.zip": string(zipped(t, "212.txt", flat, "415.txt", flat))}, []string{"1212", "1415"}, ""},
		"a zip's own name":      {FTC(), files{"415.zip": string(zipped(t, "list.txt", flat))}, []string{"1415"}, ""},
		"gzip":                  {FTC(), files{"415.txt.gz": string(gz(t, flat))}, []string{"1415"}, ""},
		"sections":              {Canada(), files{"list.xml": both}, []string{"1416", "1604"}, ""},
		"sections in a zip":     {Canada(), files{"list.zip": string(zipped(t, "all.xml", both))}, []string{"1416", "1604"}, ""},
		"the list's own":        {FTC(), files{"list.xml": "<list type='full' level='ac' val='423'><ph val='2345671'/></list>"}, []string{"1423"}, ""},
		"the name before them":  {Canada(), files{"416.xml": both}, []string{"1416"}, ""},
		"flat, no name":         {FTC(), files{"list.txt": flat}, nil, "list.txt: neither its name"},
		"flat, one of two":      {FTC(), files{"415.txt": flat, "list.txt": flat}, nil, "list.txt: neither its name"},
		"XML, no section":       {FTC(), files{"list.xml": "<list type='full' level='all' val=''></list>"}, nil, "neither its name"},
		"XML, a row before one": {FTC(), files{"list.xml": "<list type='full' val=''><ph val='2345671'/><ac val='416'></ac></list>"}, nil, "neither its name"},
		"XML, odd sections":     {FTC(), files{"list.xml": "<list type='full' val='1416'><ac val='115'><ac val='4 6'></list>"}, nil, "neither its name"},
		"XML, cut off":          {FTC(), files{"list.xml": "<list type='full' val='416'><ph val='2345671'/>"}, nil, "cut off"},
		"a web page":            {FTC(), files{"415.txt": "<html>"}, nil, "web page"},
		"empty":                 {FTC(), files{"415.txt": ""}, nil, "empty"},
		"no file":               {FTC(), nil, nil, "no file"},
		"another format":        {Lines(nil), files{"415.txt": flat}, nil, "do not say"},
		"no format":             {Format{}, files{"415.txt": flat}, nil, "do not say"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var paths []string
			for path, text := range c.files {
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				paths = append(paths, path)
			}
			got, err := Coverage(c.format, paths...)
			if c.says != "" {
				require.ErrorIs(t, err, ErrFile)
				require.ErrorContains(t, err, c.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	_, err := Coverage(FTC(), "none-415.txt")
	require.ErrorIs(t, err, os.ErrNotExist)
}
