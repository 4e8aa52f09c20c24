package dncotel_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/mod/sumdb/note"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/evidence"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/genesys/genesystest"
	"github.com/dnc-go/dnc/optout"
	dncotel "github.com/dnc-go/dnc/otel"
)

// dialer is what a service that dials is made of.
type dialer struct {
	checker dnc.Checker // ask this one
	client  *genesys.CampaignClient
	metrics http.Handler // serve it as GET /metrics
	close   func()
}

// newDialer measures everything that package dncotel can measure, for Prometheus.
func newDialer(dir string, national *dnc.Memory, platform *genesystest.Platform) (d *dialer, err error) {
	registry := prometheus.NewRegistry()
	exporter, err := promexporter.New(promexporter.WithRegisterer(registry))
	if err != nil {
		return nil, err
	}
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	to := dncotel.WithMeterProvider(meters)

	// The lists: how large each is, and opt-outs with what is overdue.
	size := func(context.Context) (dncotel.ListState, error) {
		return dncotel.ListState{Numbers: int64(national.Len())}, nil // of a registry.Registry its Info
	}
	if err := dncotel.ObserveList("national", size, to); err != nil {
		return nil, err
	}
	crm := optout.TargetFunc(func(context.Context, []optout.Change) error { return nil })
	intake, err := optout.Open(dir+"/optouts", optout.WithTarget("crm", crm))
	if err != nil {
		return nil, err
	}
	if err := dncotel.ObserveOptOuts(intake, to); err != nil {
		return nil, err
	}

	// The checker: a breaker and a fallback, whose incidents are counted.
	incidents, err := dncotel.IncidentHook(to)
	if err != nil {
		return nil, err
	}
	protected := dnc.Protect(dnc.Union(national, intake.Checker()),
		dnc.WithIncidents(incidents), dnc.WithLogger(slog.New(slog.DiscardHandler)))

	// Around it the record of every decision, and outermost what measures the answers.
	decisions, err := openEvidence(dir + "/evidence")
	if err != nil {
		return nil, err
	}
	if err := dncotel.ObserveEvidence(decisions, to); err != nil {
		return nil, err
	}
	checker, err := dncotel.Checker(evidence.Record(protected, decisions, dnc.Call{}), "dialer", to)
	if err != nil {
		return nil, err
	}

	// The requests to Genesys Cloud.
	observer, err := dncotel.GenesysObserver(to)
	if err != nil {
		return nil, err
	}
	client, err := genesys.NewCampaignClient(platform.Source(), genesys.WithObserver(observer))
	if err != nil {
		return nil, err
	}
	return &dialer{
		checker: checker, client: client, metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		close: func() {
			_ = intake.Close()
			_ = decisions.Close()
			_ = meters.Shutdown(context.Background())
		},
	}, nil
}

// openEvidence opens a log with keys that are made here. See the guide on evidence for real ones.
func openEvidence(dir string) (*evidence.Log, error) {
	private, _, err := note.GenerateKey(rand.Reader, "example")
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	save := func(context.Context, []byte) error { return nil } // put it where nobody can change it
	return evidence.Open(dir, evidence.Key{ID: "2026", Secret: secret}, evidence.CheckpointConfig{Signer: signer, Save: save})
}

// A dialer with every metric, as Prometheus reads them.
func Example_prometheus() {
	dir, err := os.MkdirTemp("", "dnc-otel-*")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	listed, _ := dnc.ParseNumber("+12025550147")
	platform := genesystest.New()
	d, err := newDialer(dir, dnc.NewMemory("national", listed), platform)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.close()

	_, _ = d.checker.Check(context.Background(), listed)
	campaign, _ := platform.AddCampaign(`{"contactList":{"id":"` + platform.AddContactList("Spring", "phone") + `"}}`)
	_, _ = d.client.Campaign(context.Background(), campaign)

	page := httptest.NewRecorder()
	d.metrics.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(page.Body.String()) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok && strings.HasPrefix(name, "dnc_") {
			fmt.Print(name)
		}
	}
	// Output:
	// dnc_check_duration_seconds histogram
	// dnc_decisions_total counter
	// dnc_evidence_checkpoint_saved gauge
	// dnc_evidence_lost_total counter
	// dnc_evidence_records gauge
	// dnc_evidence_writable gauge
	// dnc_genesys_request_duration_seconds histogram
	// dnc_genesys_retries_total counter
	// dnc_genesys_wait_seconds_total counter
	// dnc_list_available gauge
	// dnc_list_size gauge
	// dnc_optouts_held gauge
	// dnc_optouts_oldest_seconds gauge
	// dnc_optouts_overdue gauge
	// dnc_optouts_pending gauge
}
