package faulttest

import (
	"context"
	"fmt"
	"go/ast"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/calltime"
	"github.com/dnc-go/dnc/contactfile"
	"github.com/dnc-go/dnc/evidence"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/listfile"
	"github.com/dnc-go/dnc/optout"
	"github.com/dnc-go/dnc/preflight"
	"github.com/dnc-go/dnc/registry"
	"github.com/dnc-go/dnc/retry"
)

// zeros are the zero values of the exported types that have exported methods, by package.
var zeros = map[string][]any{
	".": {
		new(dnc.CheckerFunc), new(dnc.Decision), new(dnc.Error), new(dnc.FollowedList), new(dnc.Reasons), new(dnc.Memory), new(dnc.Number), new(dnc.Parser), new(dnc.Reason),
		new(dnc.RedisChecker), new(dnc.RedisWriter), new(dnc.Report), new(dnc.Verdict), new(dnc.GeoRule), new(dnc.Incident),
		new(dnc.Call), new(dnc.Checked[string]), new(dnc.Channel), new(dnc.Counts), new(dnc.RuleFunc),
	},
	"registry": {new(registry.Registry), new(registry.Archive), new(registry.Snapshot), new(registry.Import), new(registry.Info), new(registry.ImportReport), new(registry.Progress), new(registry.RejectedRow), new(registry.Screening)},
	"auth": {
		new(auth.ClientCredentials), new(auth.Error), new(auth.Region), new(auth.Secret), new(auth.Source), new(auth.Token),
	},
	"calltime": {new(calltime.Hours), new(calltime.Step), new(calltime.OverrideFunc)},
	"evidence": {new(evidence.Log), new(evidence.Key), new(evidence.Reader), new(evidence.Proof)},
	"genesys": {
		new(genesys.Applied), new(genesys.Campaign), new(genesys.CampaignClient), new(genesys.AttemptLimits), new(genesys.CallableTimeSet), new(genesys.CampaignRule), new(genesys.Contact), new(genesys.Mark), new(genesys.ContactList), new(genesys.ContactQuery),
		new(genesys.DNCEntry), new(genesys.DNCList), new(genesys.ExportedContact), new(genesys.Error), new(genesys.PartialError), new(genesys.StatusError),
		new(genesys.Rules), new(genesys.ContactPart), new(genesys.RuleSet), new(genesys.Schedule), new(genesys.CampaignSequence),
	},
	"genesys/genesystest": {new(genesystest.Platform), new(genesystest.Request)},
	"contactfile":         {new(contactfile.File), new(contactfile.Contact)},
	"listfile":            {new(listfile.Format), new(listfile.RowError), new(listfile.ScreeningFormat)},
	"preflight": {
		new(preflight.Plan), new(preflight.Result), new(preflight.Counts), new(preflight.UnprotectedError), new(preflight.Preview), new(preflight.Report),
		new(preflight.LoadReport), new(preflight.CSV), new(preflight.Row), new(preflight.Rejected), new(preflight.OptOut), new(preflight.SyncReport), new(preflight.UnblockResult),
	},
	"optout": {new(optout.Intake), new(optout.Deadline), new(optout.Meaning), new(optout.DamageError), new(optout.TargetFunc)},
	"retry":  {new(retry.Budget), new(retry.Error), new(retry.LimitTransport), new(retry.Policy), new(retry.Transport)},
}

// No method of a zero value hangs or panics. One that needs more than a zero value says so in its
// error.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	withMethods := typesWithMethods(t)
	for dir, values := range zeros {
		names := make(map[string]bool)
		for _, v := range values {
			typ := reflect.TypeOf(v).Elem()
			name, _, _ := strings.Cut(typ.Name(), "[")
			names[name] = true
			for i := range reflect.TypeOf(v).NumMethod() {
				m := reflect.TypeOf(v).Method(i)
				t.Run(fmt.Sprintf("%s.%s.%s", dir, typ.Name(), m.Name), func(t *testing.T) {
					t.Parallel()
					call(t, reflect.New(typ).Method(i), m.Name)
				})
			}
		}
		for _, name := range withMethods[dir] {
			assert.True(t, names[name], "%s.%s is not in the list of this test", dir, name)
		}
		delete(withMethods, dir)
	}
	assert.Empty(t, withMethods, "the types of these packages are not in the list of this test")
}

// The Checker of a zero Archive answers with an error as well.
func TestZeroArchive(t *testing.T) {
	t.Parallel()
	d, err := new(registry.Archive).At(time.Time{}).Check(ctx, number(t, 1))
	require.ErrorContains(t, err, "OpenArchive")
	require.Equal(t, dnc.Unknown, d.Verdict)
}

// mayBeNil are methods that report success of a zero value because there is nothing to do.
var mayBeNil = map[string]bool{"Close": true, "MarkAllUncallable": true, "Unwrap": true, "UnmarshalText": true, "MarshalText": true, "MarshalJSON": true, "UnmarshalJSON": true}

// call calls a method with arguments that are as plain as can be, with a deadline, and walks over
// what it returns.
func call(t *testing.T, m reflect.Value, name string) {
	t.Helper()
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var args []reflect.Value
	takesContext := false
	for i := range m.Type().NumIn() {
		in := m.Type().In(i)
		switch {
		case m.Type().IsVariadic() && i == m.Type().NumIn()-1:
			if in.Elem() == reflect.TypeFor[dnc.Number]() {
				args = append(args, reflect.ValueOf(number(t, 1)))
			}
		case in == reflect.TypeFor[context.Context]():
			args = append(args, reflect.ValueOf(short))
			takesContext = true
		case in == reflect.TypeFor[dnc.Number]():
			args = append(args, reflect.ValueOf(number(t, 1)))
		case in == reflect.TypeFor[dnc.Call]():
			args = append(args, reflect.ValueOf(dnc.Call{Number: number(t, 1)}))
		case in == reflect.TypeFor[[]dnc.Call]():
			args = append(args, reflect.ValueOf([]dnc.Call{{Number: number(t, 1)}}))
		case in == reflect.TypeFor[[]dnc.Number]():
			args = append(args, reflect.ValueOf([]dnc.Number{number(t, 1)}))
		case in == reflect.TypeFor[*http.Request]():
			r, err := http.NewRequestWithContext(short, http.MethodGet, "http://127.0.0.1:1/", http.NoBody)
			require.NoError(t, err)
			args = append(args, reflect.ValueOf(r))
		case in == reflect.TypeFor[http.ResponseWriter]():
			args = append(args, reflect.ValueOf(httptest.NewRecorder()))
		case in == reflect.TypeFor[fmt.State]():
			return // fmt recovers, and is tested with the types that format themselves
		default:
			args = append(args, sample(in))
		}
	}
	done := make(chan any, 1)
	var out []reflect.Value
	go func() {
		defer func() { done <- recover() }()
		out = m.Call(args)
		for _, v := range out {
			if v.Kind() == reflect.Func && !v.IsNil() && v.Type().CanSeq2() {
				for _, err := range v.Seq2() {
					assert.False(t, err.IsZero(), "a sequence of a zero value yields an error")
					break
				}
			}
		}
	}()
	select {
	case p := <-done:
		require.Nil(t, p, "it panics")
	case <-short.Done():
		require.Fail(t, "it hangs")
	}
	require.NoError(t, short.Err(), "it answers at once")
	if n := len(out); takesContext && n > 0 && out[n-1].Type() == reflect.TypeFor[error]() && !mayBeNil[name] {
		err, _ := out[n-1].Interface().(error)
		require.Error(t, err, "a zero value cannot do this")
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	}
}

// sample is a value that is not nil where a function, a sequence or an interface would be called.
func sample(typ reflect.Type) reflect.Value {
	if typ.Kind() == reflect.Func {
		return reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value {
			out := make([]reflect.Value, typ.NumOut())
			for i := range out {
				out[i] = reflect.Zero(typ.Out(i))
			}
			return out
		})
	}
	if typ.Kind() == reflect.String { // what an id looks like, so that the call gets beyond its arguments
		return reflect.ValueOf("11111111-1111-4111-8111-111111111111").Convert(typ)
	}
	if typ.Kind() == reflect.Slice {
		return reflect.Append(reflect.Zero(typ), sample(typ.Elem()))
	}
	return reflect.Zero(typ)
}

// typesWithMethods are the exported types that have exported methods, by package.
func typesWithMethods(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, src := range publicSources(t) {
		for _, decl := range src.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			name, ok := publicName(f)
			if typ, _, _ := strings.Cut(name, "."); ok && !slices.Contains(out[src.dir], typ) {
				out[src.dir] = append(out[src.dir], typ)
			}
		}
	}
	return out
}
