package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// stumbles are phrases that readers stumbled over, with what to write in their place.
var stumbles = []struct{ phrase, instead string }{
	{`\bof which\b`, `"and ... of them", or a sentence of its own`},
	{`that is none`, `say what it is`},
	{`\bfor ever\b`, `"without end", or a duration`},
	{`would else`, `"would otherwise"`},
	{`\bbe it\b`, `"also if"`},
	{`beside an error`, `"also with an error"`},
	{`nothing more to say`, `say what ended`},
	{`(?:list|lists) (?:that )?speaks?\b`, `name the list: "the list that decided", "no list covers"`},
	{`stands in no (?:error|log)`, `"is in no error"`},
	{`\b(?:a|the|one|every|strongest|of) grounds?\b`, `"reason"`},
}

// Phrases that readers stumbled over are in no page and no comment.
func TestWords(t *testing.T) {
	t.Parallel()
	texts := pages(t)
	for _, file := range goFiles(t) {
		var comments []string
		for i, line := range strings.Split(read(t, filepath.Join(root, filepath.FromSlash(file))), "\n") {
			comment := ""
			if _, text, ok := strings.Cut(line, "//"); ok && !strings.Contains(line, "\"") {
				comment = text
			}
			for len(comments) < i {
				comments = append(comments, "")
			}
			comments = append(comments, comment)
		}
		texts[file] = strings.Join(comments, "\n")
	}
	delete(texts, "docs/words_test.go")
	for _, s := range stumbles {
		pattern := regexp.MustCompile(`(?i)` + strings.ReplaceAll(s.phrase, " ", `(?:[ \t]+|[ \t]*\n[ \t]*)`))
		for path, text := range texts {
			for _, at := range pattern.FindAllStringIndex(text, -1) {
				assert.Fail(t, "a phrase that readers stumble over", "%s:%d: %q: write %s",
					path, strings.Count(text[:at[0]], "\n")+1, text[at[0]:at[1]], s.instead)
			}
		}
	}
}
