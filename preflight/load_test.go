package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/preflight"
)

const loadHeader = "id,name,phone,phone2,other phone\n"

func csvRows(text string) iter.Seq2[preflight.Row, error] {
	return preflight.CSV{IDColumn: "id"}.Rows(strings.NewReader(text))
}

// onList are the contacts of the list: id, numbers.
func (b *bed) onList() []string {
	var out []string
	for _, c := range b.p.Contacts(b.list) {
		out = append(out, c.ID+" "+c.Data["phone"]+" "+c.Data["phone2"])
	}
	return out
}

// Only contacts that may be called are written; the others come back with their lines and reasons.
func TestLoad(t *testing.T) {
	b := newBed(t)
	fallback := decision(dnc.Allow, dnc.CodeStoreTimeout)
	fallback.Fallback = true
	checker := answering(b.checker, map[string]dnc.Decision{
		"+14155550190": decision(dnc.Block, dnc.CodeOutsideHours),
		"+14155550191": {Reasons: dnc.ReasonsOf(dnc.Reason{Code: dnc.CodeListStale, List: "national"})},
		"+14155550192": fallback,
	})
	rows := loadHeader +
		"a1,n,(415) 555-0100,,\n" +
		"a2,n,+14155550142,+14155550101,\n" + // 3: blocked
		"a3,n,+14155550101,415-555-0102,+14155550142\n" + // the last column is dialled by nobody, but it is a phone column
		"a4,n,see notes,,\n" + // 5: no number
		"a5,n,,,\n" + // 6: none at all
		",n,+14155550103,,\n" + // 7: no id
		"a1,n,+14155550104,,\n" + // 8: twice
		"a6,n,+14155550190,,\n" + // 9: later
		"a7,n,+14155550191,+14155550190,\n" + // 10: unknown is beaten by a block, also one for now
		"a8,n,+14155550191,,\n" + // 11: unknown
		"a9,n,+14155550192,,\n" + // 12: a fallback's Allow is none
		"a10,n,+14155550105\n" + // 13: too short
		"a11,\"n\"x,+14155550105,,\n" + // 14: a quote
		"a12,n,+14155550106,+14155550107,\n"
	report, err := preflight.Load(t.Context(), b.c, checker, b.list, csvRows(rows), parse)
	require.ErrorIs(t, err, preflight.ErrUndecided)
	require.ErrorIs(t, err, dnc.ErrListStale)
	require.ErrorContains(t, err, "2 of 14 rows were not loaded, because a number has no full answer")
	assert.Equal(t, []string{"a1 +14155550100 ", "a12 +14155550106 +14155550107"}, b.onList())
	assert.Equal(t, "rows: 14; 2 loaded, 0 already on the list, 2 blocked, 2 unknown, 6 invalid, 2 blocked only for now", report.String())
	var got []string
	for _, r := range report.Rejected {
		got = append(got, r.String())
	}
	for i, want := range []string{
		`row 3 (contact a2), column "phone": dnc_blacklist list=blacklist`,
		`row 4 (contact a3), column "other phone": dnc_blacklist list=blacklist`,
		`row 5 (contact a4), column "phone": `, "row 6 (contact a5): preflight: the row has no phone number",
		"row 7 (contact ): preflight: genesys: invalid input: the row has no id",
		"row 8 (contact a1): preflight: genesys: invalid input: the id was in an earlier row",
		`row 9 (contact a6), column "phone": outside_hours`, `row 10 (contact a7), column "phone2": outside_hours`,
		`row 11 (contact a8), column "phone": list_stale list=national`, `row 12 (contact a9), column "phone": store_timeout`,
		"row 13 (contact ): preflight: genesys: invalid input: line 13 of the CSV file: wrong number of fields",
		"row 14 (contact ): preflight: genesys: invalid input: line 14 of the CSV file: ",
	} {
		require.Less(t, i, len(got))
		assert.True(t, strings.HasPrefix(got[i], want), "%s\n%s", got[i], want)
	}
	assert.Len(t, got, 12)
	assert.NotContains(t, fmt.Sprintf("%+v %#v %v", report, report.Rejected, err), "55501")
	assert.Equal(t, preflight.ReasonCount{Code: "outside_hours", Numbers: 2}, report.Reasons[slices.IndexFunc(report.Reasons, func(r preflight.ReasonCount) bool { return r.Code == "outside_hours" })])
}

// A contact is loaded without the numbers that are not allowed, but not with doubt.
func TestLoadDropsNumbers(t *testing.T) {
	b := newBed(t)
	doubt := answering(b.checker, map[string]dnc.Decision{"+14155550191": decision(dnc.Unknown, dnc.CodeListStale)})
	report, err := preflight.Load(t.Context(), b.c, doubt, b.list, csvRows(loadHeader+
		"a1,n,+14155550142,+14155550100,\na2,n,see notes,+14155550101,+14155550143\na3,n,+14155550142,+14155550143,\na4,n,+14155550102,+14155550191,\n"),
		parse, preflight.DropNumbers())
	require.ErrorIs(t, err, preflight.ErrUndecided)
	assert.Equal(t, []string{"a1  +14155550100", "a2  +14155550101"}, b.onList())
	assert.Equal(t, 3, report.Dropped)
	assert.Equal(t, []int{2, 1, 1}, []int{report.Loaded, report.Blocked, report.Unknown})
}

// Columns are compared before anything is written.
func TestLoadWithOtherColumns(t *testing.T) {
	for name, test := range map[string]struct{ file, text string }{
		"one too many":    {"id,name,phone,phone2,other phone,zip\na1,n,+14155550100,,,1\n", `the row has the columns ["zip"], which the contact list does not have: a contact`},
		"one too few":     {"id,name,phone,other phone\na1,n,+14155550100,\n", `the row lacks the columns ["phone2"] of the contact list`},
		"after a bad row": {"id,name,phone\nx\na1,n,+14155550100\n", `lacks the columns ["phone2" "other phone"]`},
		"no header":       {"a1,n,+14155550100,,\n", "there is no header"},
		"twice":           {"id,name,phone,phone,phone2,other phone\n", `has the column "phone" twice`},
		"no id column":    {"name,phone,phone2,other phone\n", `has no column "id"`},
		"semicolons":      {"id;name;phone;phone2;other phone\n", "set Separator"},
		"bars":            {"id|name|phone|phone2|other phone\n", "set Separator"},
		"blanks":          {" \nid,name,phone,phone2,other phone\n", "column 1 of the CSV file has no name"},
		"no name":         {"id,,phone\n", "column 2 of the CSV file has no name"},
		"sep=":            {"sep=;\nid;phone\n", "says its separator"},
		"line ends":       {"id,phone\ra1,+14155550100\r", "carriage return alone"},
		"XML":             {"<?xml version=\"1.0\"?><contacts/>", "XML"},
		"UTF-16":          {"\xff\xfei\x00d\x00", "not UTF-8"},
		"empty":           {"", "the file is empty"},
		"an open quote":   {loadHeader + "a1,\"n,+14155550100,,\n a2,n,+14155550101,,\n", "a quote is not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			before := b.writes()
			report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, csvRows(test.file))
			require.ErrorIs(t, err, preflight.ErrInvalidInput)
			require.ErrorContains(t, err, test.text)
			assert.NotContains(t, err.Error(), "4155550")
			assert.Zero(t, report.Loaded)
			assert.Equal(t, before, b.writes())
		})
	}
	b := newBed(t)
	rows := preflight.CSV{IDColumn: "name", IDIsData: true, Skip: []string{"zip"}, Separator: ';'}.Rows(strings.NewReader(
		"\ufeffname;zip;phone;phone2;other phone\nC-1;1;+14155550100;;\n"))
	_, err := preflight.Load(t.Context(), b.c, b.checker, b.list, rows)
	require.NoError(t, err)
	assert.Equal(t, []string{"C-1 +14155550100 "}, b.onList())
	assert.Equal(t, "C-1", b.p.Contacts(b.list)[0].Data["name"])
}

// manyRows are rows, and each tenth is blocked.
func manyRows(n int) iter.Seq2[preflight.Row, error] {
	return func(yield func(preflight.Row, error) bool) {
		for i := range n {
			phone := fmt.Sprintf("+1415666%04d", i)
			if i%10 == 9 {
				phone = "+14155550142"
			}
			if !yield(preflight.Row{Contact: genesys.Contact{
				ID: fmt.Sprintf("C-%d", i), Data: map[string]string{"name": "n", "phone": phone, "phone2": "", "other phone": ""},
			}}, nil) {
				return
			}
		}
	}
}

// The requests are as few as they can be, and the second time nothing is written.
func TestLoadTwice(t *testing.T) {
	b := newBed(t)
	seen := len(b.p.Requests())
	report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, manyRows(3000))
	require.NoError(t, err)
	assert.Equal(t, []int{3000, 2700, 300}, []int{report.Rows, report.Loaded, report.Blocked})
	var did []string
	for _, e := range b.p.Requests()[seen:] {
		did = append(did, e.Method+" "+e.Path[strings.LastIndex(e.Path, "/"):])
	}
	post := "POST /contacts"
	assert.Equal(t, []string{"POST /token", "GET /" + b.list, post, post, post, post}, did, "the first contact goes alone, then 1,000 each")
	before := b.writes()
	report, err = preflight.Load(t.Context(), b.c, b.checker, b.list, manyRows(3000))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 2700, 0, 300}, []int{report.Loaded, report.Existing, report.ExistingNotAllowed, report.Blocked})
	assert.Equal(t, before, b.writes())
}

// What is on the list already is left as it is, with its marks, and named where it is not allowed.
func TestLoadLeavesContacts(t *testing.T) {
	b := newBed(t)
	_, err := b.c.AddContacts(t.Context(), b.list, []genesys.Contact{
		{ID: "a1", Data: map[string]string{"name": "old", "phone": "+14155550100", "phone2": "", "other phone": ""}, Uncallable: true},
		{ID: "a2", Data: map[string]string{"name": "old", "phone": "+14155550142", "phone2": "", "other phone": ""}},
	}, genesys.AddOptions{})
	require.NoError(t, err)
	before := b.p.Contacts(b.list)
	report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, csvRows(loadHeader+"a1,new,+14155550109,,\na2,new,+14155550142,,\na3,n,+14155550101,,\n"))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 1}, []int{report.Loaded, report.Existing, report.ExistingNotAllowed})
	require.Len(t, report.Rejected, 1)
	assert.Equal(t, `row 3 (contact a2), column "phone", on the list already: dnc_blacklist list=blacklist`, report.Rejected[0].String())
	assert.Equal(t, before, b.p.Contacts(b.list)[:2])
}

// Whatever request is the last one of a process, another process that loads the same rows ends in
// the same state. At no moment is a contact there that may not be called, or twice.
func TestEveryPrefixOfLoad(t *testing.T) {
	rows := func() iter.Seq2[preflight.Row, error] {
		return preflight.CSV{}.Rows(strings.NewReader("name,phone,phone2,other phone\n" +
			"old,+14155550100,,\nb,+14155550142,,\nc,(415) 555-0101,,\nd,+14155550102,+14155550143,\ne,+14155550103,,\nf,+14155550104,,\n"))
	}
	var want []string
	last := 1
	for at := 0; at <= last; at++ { // 0 is not killed
		for _, acts := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, "+14155550150", "")
				load := func(ctx context.Context) error {
					_, err := preflight.Load(ctx, b.c, b.checker, b.list, rows(), parse, preflight.DeriveIDs())
					return err
				}
				var err error
				n := b.killed(at, acts, func(ctx context.Context) { err = load(ctx) })
				where := fmt.Sprintf("request %d, acts %v", at, acts)
				if at == 0 {
					require.NoError(t, err)
					want, last = b.onList(), n
					require.Len(t, want, 5)
					return
				}
				require.ErrorIs(t, err, context.Canceled, where)
				for _, c := range b.onList() {
					require.NotContains(t, c, "0142", where)
					require.NotContains(t, c, "0143", where)
				}
				require.NoError(t, load(t.Context()), where)
				assert.Equal(t, want, b.onList(), where)
			})
		}
	}
	assert.Greater(t, last, 6)
}

// One contact that the platform refuses does not keep the others out; many end the load.
func TestLoadOfWhatThePlatformRefuses(t *testing.T) {
	b := newBed(t)
	report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, csvRows(loadHeader+
		"a1,n,+14155550100,,\na2,n,+14155550101,,\na 3,n,+14155550102,,\na4,n,+14155550103,,\na5,n,+14155550104,,\n"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a1 +14155550100 ", "a2 +14155550101 ", "a4 +14155550103 ", "a5 +14155550104 "}, b.onList())
	assert.Equal(t, []int{4, 1}, []int{report.Loaded, report.Invalid})
	e, ok := errors.AsType[*genesys.Error](report.Rejected[0].Err)
	require.True(t, ok)
	assert.Equal(t, "invalid.contact.id", e.Code)

	b.p.AddFault(genesystest.Fault{Path: "/contacts", Status: 400, Body: `{"code":"contact.limit","message":"m"}`, Times: -1})
	report, err = preflight.Load(t.Context(), b.c, b.checker, b.list, manyRows(1000))
	require.Error(t, err)
	assert.Equal(t, 25, report.Invalid)
	assert.Less(t, report.Rows, 1000)
}

// A platform that gives contacts ids of its own would have each load add all of them again.
func TestLoadWhereIDsAreNotKept(t *testing.T) {
	b := newBed(t)
	b.p.AddFault(genesystest.Fault{Method: "POST", Path: "/contacts", Status: 200, Body: `[{"id":"another","data":{}}]`, Times: -1})
	_, err := preflight.Load(t.Context(), b.c, b.checker, b.list, manyRows(1000))
	require.ErrorIs(t, err, genesys.ErrUnexpectedReply)
	assert.Equal(t, 1, b.p.CountRequests("POST", b.list+"/contacts"), "one contact, once")
}

func TestLoadThatCannotBe(t *testing.T) {
	b := newBed(t, "+14155550150", "")
	boom := errors.New("boom")
	rejected := 0
	load := func(opts ...preflight.LoadOption) error {
		_, err := preflight.Load(t.Context(), b.c, b.checker, b.list, manyRows(20), opts...)
		return err
	}
	require.ErrorIs(t, load(nil), preflight.ErrInvalidInput)
	require.ErrorIs(t, load(preflight.OnRejected(nil)), preflight.ErrInvalidInput)
	require.ErrorIs(t, load(preflight.WithParse(nil)), preflight.ErrInvalidInput)
	_, err := preflight.Load(t.Context(), nil, b.checker, b.list, manyRows(1))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	_, err = preflight.Load(t.Context(), b.c, b.checker, "x", manyRows(1))
	require.ErrorIs(t, err, preflight.ErrInvalidInput)
	require.ErrorIs(t, load(preflight.OnRejected(func(preflight.Rejected) error { rejected++; return boom })), boom)
	assert.Equal(t, 1, rejected)
	_, err = preflight.Load(t.Context(), b.c, b.checker, b.list, func(yield func(preflight.Row, error) bool) { yield(preflight.Row{}, boom) })
	require.ErrorIs(t, err, boom)
	b.file(`""inin-outbound-id"",name,phone,phone2,other phone,ContactCallable`)
	require.ErrorIs(t, load(), genesys.ErrUnexpectedReply, "contacts that are there are not seen")
}

// Rows are read while they are written: memory does not grow with the file.
func TestLoadStreams(t *testing.T) {
	b := newBed(t)
	read, atFirst := 0, 0
	b.before = func(r *http.Request) {
		if atFirst == 0 && strings.HasSuffix(r.URL.Path, "/contacts") {
			atFirst = read
		}
	}
	report, err := preflight.Load(t.Context(), b.c, b.checker, b.list, func(yield func(preflight.Row, error) bool) {
		for row, err := range manyRows(9000) {
			if read++; !yield(row, err) {
				return
			}
		}
	}, preflight.OnRejected(func(preflight.Rejected) error { return nil }))
	require.NoError(t, err)
	assert.Positive(t, atFirst)
	assert.Less(t, atFirst, 1000)
	assert.Empty(t, report.Rejected)
}
