package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc/internal/redistest"
)

// A row is callable only if every number in it is.
func TestSeveralColumns(t *testing.T) {
	const header, result = "First Name,Home Phone,Business Phone,Mobile Phone", ",verdict,blocked,reason,fallback,decided_by\n"
	in := header + "\nAnn,+14155550100,+14155550101,+14155550123\nBob,+14155550100,,\nCid,,,\nDee,+14155550142,+14155550101,n/a\n" +
		"Eve,+14155550100,n/a,\nFay,\u00a0,+14155550101,\n"
	r := batch(t, in)
	require.Equal(t, exitError, r.code)
	assert.Contains(t, r.stderr, `several columns may have numbers, and a row may be called only if all of them may: "Home Phone", "Business Phone", "Mobile Phone"`)
	assert.Contains(t, r.stderr, "-all-phone-columns")

	r = batch(t, in, "-all-phone-columns")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, header+result+
		"Ann,+14155550100,+14155550101,+14155550123,block,true,dnc_list,false,Mobile Phone\n"+
		"Bob,+14155550100,,,allow,false,allowed,false,Home Phone\n"+
		"Cid,,,,block,true,invalid_number,false,\n"+
		"Dee,+14155550142,+14155550101,n/a,block,true,dnc_list,false,Home Phone\n"+
		"Eve,+14155550100,n/a,,block,true,invalid_number,false,Business Phone\n"+
		"Fay,\u00a0,+14155550101,,allow,false,allowed,false,Business Phone\n", r.out)
	assert.Contains(t, r.stderr, "rows: 6,")
	assert.Contains(t, r.stderr, "2 allowed, 4 blocked")

	r = batch(t, in, "-column", "home phone", "-column", "#3")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "+14155550123,allow,false,allowed,false,Home Phone\n", "the third was not asked for")
	r = batch(t, in, "-column", "Home Phone", "-column", "home_phone")
	assert.Contains(t, r.stderr, "named twice")
	for header, columns := range map[string]string{
		"id,cancelled_at,phone": `"phone"`, "tel,name": `"tel"`, "Rufnummer;Name": `"Rufnummer"`, "name\tMobiltelefon": `"Mobiltelefon"`, "number,x": `"number"`,
		"number,Phone": `"Phone"`, "Téléphone|x": `"Téléphone"`,
	} {
		r := batch(t, header+"\n")
		require.Equal(t, exitOK, r.code, r.stderr)
		assert.Contains(t, r.stderr, "there are numbers in column "+columns+"\n")
	}
}

// What other cells of a row say is asked for by flags.
func TestColumnsByFlags(t *testing.T) {
	const in = "Phone,Do Not Call,Country Code,Home\n4155550100,no,1,\n4155550100,yes,1,\n2079460018,,44,\n4155550100,,1,415-555-0123\n"
	args := []string{"-country", "1"}
	for _, step := range []struct{ says, flag, value string }{
		{`who must not be called: "Do Not Call"`, "-opt-out-column", "do not call"},
		{`line 5 the column "Home" has what can be read as a telephone number`, "-ignore-column", "home"},
	} {
		r := batch(t, in, args...)
		require.Equal(t, exitError, r.code)
		assert.Contains(t, r.stderr, step.says)
		assert.Contains(t, r.stderr, step.flag)
		args = append(args, step.flag, step.value)
	}
	r := batch(t, in, args...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.stderr, `1 invalid: it is a national form, and column "Country Code" says another country`)
	r = batch(t, in, append(args, "-calling-code-column", "country code")...)
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, "Phone,Do Not Call,Country Code,Home,verdict,blocked,reason,fallback,decided_by\n"+
		"4155550100,no,1,,allow,false,allowed,false,Phone\n"+
		"4155550100,yes,1,,block,true,opted_out,false,Do Not Call\n"+
		"2079460018,,44,,block,true,dnc_list,false,Phone\n"+
		"4155550100,,1,415-555-0123,allow,false,allowed,false,Phone\n", r.out)
}

// What a row says of calls blocks it, and the summary says which column it was.
func TestPermissionsAndStatuses(t *testing.T) {
	const in = "Phone,Call permission,Status\n+14155550100,yes,NEW\n+14155550100,No,NEW\n+14155550100,yes,DNC\n"
	r := batch(t, in)
	require.Equal(t, exitError, r.code)
	assert.Contains(t, r.stderr, `who may be called: "Call permission"`)
	assert.Contains(t, r.stderr, "-permission-column")
	r = batch(t, in, "-permission-column", "call permission")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Equal(t, "Phone,Call permission,Status,verdict,blocked,reason,fallback,decided_by\n"+
		"+14155550100,yes,NEW,allow,false,allowed,false,Phone\n"+
		"+14155550100,No,NEW,block,true,opted_out,false,Call permission\n"+
		"+14155550100,yes,DNC,block,true,opted_out,false,Status\n", r.out)
	assert.Contains(t, r.stderr, `1 blocked by what column "Status" says`)
}

func TestSeparators(t *testing.T) {
	for in, want := range map[string]string{
		"name;phone\nAnn, A.;+14155550123\n":        "name;phone;verdict;blocked;reason;fallback\nAnn, A.;+14155550123;block;true;dnc_list;false\n",
		"sep=;\r\nname;phone\r\nA;+14155550100\r\n": "sep=;\r\nname;phone;verdict;blocked;reason;fallback\r\nA;+14155550100;allow;false;allowed;false\r\n",
		"name\tphone\nA\t+14155550100\n":            "name\tphone\tverdict\tblocked\treason\tfallback\nA\t+14155550100\tallow\tfalse\tallowed\tfalse\n",
		"\ufeffname|phone\nA|+14155550100\n":        "\ufeffname|phone|verdict|blocked|reason|fallback\nA|+14155550100|allow|false|allowed|false\n",
	} {
		r := batch(t, in)
		require.Equal(t, exitOK, r.code, r.stderr)
		assert.Equal(t, want, r.out)
	}
}

// The summary says why numbers are invalid, a forgotten -country first.
func TestCausesOfInvalidNumbers(t *testing.T) {
	in := "phone\n(415) 555-0100\n4.15555E+09\n4.15555E+09\n4.15555E+09\n\"\"\n"
	r := batch(t, in)
	require.Equal(t, exitOK, r.code)
	first, _, _ := strings.Cut(r.stderr[strings.Index(r.stderr, " invalid: ")-8:], " invalid: ")
	assert.Equal(t, "batch: 1", first)
	assert.Contains(t, r.stderr, "1 invalid: it is a national form, and -country is missing")
	assert.Contains(t, r.stderr, "3 invalid: a spreadsheet rounded it")
	assert.Contains(t, r.stderr, "1 invalid: it is empty")
	r = batch(t, in, "-country", "1")
	assert.NotContains(t, r.stderr, "-country")
	assert.Contains(t, r.out, "(415) 555-0100,allow")
}

func TestListsOfFiles(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "list.csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const in = "phone\n+14155550123\n+14155550100\n"
	r := batch(t, in, "-list", file("name;Cell\nA;(415) 555-0123\n"), "-list-column", "cell", "-country", "1")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "+14155550123,block,true,dnc_list,false\n+14155550100,allow,")
	r = batch(t, in, "-list", file("phone,alt\n+14155550199,+14155550123\n"), "-list-column", "phone", "-list-column", "alt")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Contains(t, r.out, "+14155550123,block,true,dnc_list,false\n", "each column counts")
	for name, c := range map[string]struct {
		text, says string
	}{
		"bad rows":  {"+14155550123\n" + strings.Repeat("x\n", 30), "-list: rows that cannot be read: 30"},
		"empty":     {"", "it is empty"},
		"no number": {"name,cell\n", "no number"},
		"a page":    {"<html>", "web page"},
	} {
		args := []string{"-list", file(c.text)}
		if name == "no number" {
			args = append(args, "-list-column", "cell")
		}
		r := batch(t, in, args...)
		assert.Equal(t, exitError, r.code, name)
		assert.Contains(t, r.stderr, c.says)
		assert.LessOrEqual(t, strings.Count(r.stderr, "\n"), shownRows+1)
	}
	var stderr bytes.Buffer
	assert.Equal(t, exitUsage, run(t.Context(), []string{"-in", file(in), "-out", "-"}, nil, io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "no list to check against: use -redis")
	assert.Equal(t, exitError, batch(t, in, "-list", "/nonexistent/x").code)
	server := redistest.Start(t)
	server.Do(t, "sadd", "dnc:blacklist", "+14155550100")
	r = batch(t, in, "-list", file("+14155550123\n"), "-redis", server.URL(), "-geo-rules=false")
	assert.Equal(t, 2, strings.Count(r.out, ",block,true,"), "both are asked")
}
