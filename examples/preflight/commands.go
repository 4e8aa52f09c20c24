package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dnc-go/dnc"
	"github.com/dnc-go/dnc/genesys"
	"github.com/dnc-go/dnc/preflight"
)

func (p *program) do(ctx context.Context, c config, out io.Writer) error {
	switch c.command {
	case "plan":
		return p.makePlan(ctx, c, out)
	case "load":
		return p.load(ctx, c, out)
	case "sync":
		return p.sync(ctx, c, out)
	}
	plan, err := p.read(c.plan)
	if err != nil {
		return err
	}
	switch c.command {
	case "apply":
		return p.apply(ctx, plan, out)
	case "assert":
		return p.assert(ctx, plan, c, out)
	}
	return p.report(ctx, plan, c, out)
}

func (c config) rules() genesys.Rules {
	return genesys.Rules{ContactListID: c.contactList, DNCListIDs: c.dncLists}
}

// makePlan checks the contacts and keeps the plan. It writes nothing on the platform.
func (p *program) makePlan(ctx context.Context, c config, out io.Writer) error {
	if c.inMemory() && c.parser.Country == "" {
		c.parser.Country = "1" // that of the sample
	}
	checker, closeChecker, err := newChecker(c)
	if err != nil {
		return err
	}
	defer closeChecker()
	campaign := c.campaign
	if campaign == "" {
		campaign = p.campaign
	}
	opts := c.options()
	if len(c.unblock) > 0 {
		earlier := make([]*preflight.Plan, 0, len(c.unblock))
		for _, name := range c.unblock {
			plan, err := p.read(name)
			if err != nil {
				return err
			}
			earlier = append(earlier, plan)
		}
		opts = append(opts, preflight.UnblockAllowed(earlier...))
	}
	plan, err := preflight.NewPlan(ctx, checker, p.client, campaign, opts...)
	if err != nil {
		return err
	}
	if err := writeFile(c.plan, plan.Save); err != nil {
		return err
	}
	if err := (preflight.Report{Plan: plan}).WriteText(out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe plan is in %s. It contains full phone numbers.\n", c.plan)
	return err
}

func (p *program) read(name string) (*preflight.Plan, error) {
	file, err := os.Open(name) //nolint:gosec // The file is the one that the user names.
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	plan, err := preflight.ReadPlan(file, p.client)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return plan, nil
}

// apply carries the plan out. It may be ended and repeated.
func (p *program) apply(ctx context.Context, plan *preflight.Plan, out io.Writer) error {
	result, err := plan.Apply(ctx)
	if done := result.Applied; done != nil {
		_, _ = fmt.Fprintf(out, "numbers sent to the DNC list: %d; lists attached: %d; numbers marked as uncallable: %d, not marked: %d; started: %v\n",
			done.NumbersSent, len(done.Attached), result.Marked, len(result.Unmarked), result.Started)
	}
	for _, u := range result.UnblockResults {
		_, _ = fmt.Fprintf(out, "%v, allowed again: %v\n", u.Number, u)
	}
	return err
}

// assert reads the campaign back.
func (p *program) assert(ctx context.Context, plan *preflight.Plan, c config, out io.Writer) error {
	if err := plan.AssertProtected(ctx, c.accept...); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "The campaign is protected.")
	return err
}

// report shows the plan, and with -assert what is missing.
func (p *program) report(ctx context.Context, plan *preflight.Plan, c config, out io.Writer) error {
	r := preflight.Report{Plan: plan, Accept: c.accept}
	for _, name := range c.before {
		earlier, err := p.read(name)
		if err != nil {
			return err
		}
		r.Earlier = append(r.Earlier, earlier)
	}
	if c.readBack {
		r.AssertedAt, r.Asserted = time.Now(), plan.AssertProtected(ctx)
		if r.Asserted != nil && !errors.Is(r.Asserted, preflight.ErrUnprotected) {
			return r.Asserted
		}
	}
	if c.rows != "" {
		var show func(dnc.Number) string
		if c.fullNumbers {
			show = dnc.Number.E164
		}
		if err := writeFile(c.rows, func(w io.Writer) error { return plan.WriteCSV(w, show) }); err != nil {
			return err
		}
	}
	if c.page == "" {
		return r.WriteText(out)
	}
	if err := writeFile(c.page, r.WriteHTML); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "The report is in %s.\n", c.page)
	return err
}

// writeFile makes a file appear whole, for its owner alone.
func writeFile(name string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// demo does everything on one platform in memory.
func demo(ctx context.Context, c config, out io.Writer) error {
	p, err := sample(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "preflight")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	plan := filepath.Join(dir, "plan.json")
	accept := []preflight.GapKind{preflight.GapNoAttemptLimits, preflight.GapNoCallableTimes}
	for _, step := range []config{
		{command: "plan", start: true, accept: accept},
		{command: "apply"},
		{command: "assert", accept: accept},
		{command: "report", page: c.page, readBack: true, accept: accept},
	} {
		step.plan = plan
		if _, err := fmt.Fprintf(out, "\n$ preflight %s\n\n", step.command); err != nil {
			return err
		}
		if err := p.do(ctx, step, out); err != nil {
			return err
		}
	}
	return nil
}
