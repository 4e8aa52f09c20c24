package dnc

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dnc-go/dnc/internal/redisconn"
)

// follower is what the goroutine of a FollowedList knows.
type follower struct {
	f      *FollowedList
	list   *listCopy // nil before the first load
	load   *listLoad // nil while none is under way
	last   string    // the id of the last change that was read; "": the stream is missing
	marked atomic.Bool

	doubt   bool      // the copy may not be what Redis has
	paused  bool      // the last question failed: the next one waits for the tick
	rest    time.Time // no load begins before for the size alone: a list that others change all the time must not keep the server busy
	rescan  time.Time // when the next load is due anyway
	started bool      // first is closed

	incomplete *Error // what the last poll said of size and marker
	pollFault  *Error // why the last poll failed
	loadFault  *Error // why the last page of a load could not be read
	odd        int    // members that were last reported as no numbers
	outage     outage
}

// questionTime bounds one question for clients that have no timeouts of their own.
const questionTime = 5 * time.Second

func newFollower(f *FollowedList) *follower { return &follower{f: f, doubt: true} }

// run polls, and reads pages of a load between polls, until ctx ends.
func (g *follower) run(ctx context.Context) {
	defer g.f.end()
	if text := g.f.rdb.Warning(); text != "" {
		g.f.config.reporter.report(ctx, Incident{Event: EventClientOptions, List: g.f.config.list, Err: badOption("%s", text)})
	}
	tick := time.NewTicker(g.f.config.follow.every)
	defer tick.Stop()
	g.poll(ctx)
	for ctx.Err() == nil {
		if g.load == nil || g.paused {
			select {
			case <-ctx.Done():
			case ask := <-g.f.asks:
				g.answer(ctx, ask)
			case <-tick.C:
				g.poll(ctx)
			}
			continue
		}
		select {
		case ask := <-g.f.asks:
			g.answer(ctx, ask)
		case <-tick.C:
			g.poll(ctx)
		default:
		}
		if g.load != nil && !g.paused { // also after a poll: polls that take long must not keep a load from its end
			g.loadMore(ctx)
		}
	}
}

// answer polls once for all who ask.
func (g *follower) answer(ctx context.Context, ask chan<- bool) {
	asks := []chan<- bool{ask}
	for more := true; more; {
		select {
		case ask := <-g.f.asks:
			asks = append(asks, ask)
		default:
			more = false
		}
	}
	ok := g.poll(ctx)
	for _, ask := range asks {
		ask <- ok // it has room
	}
}

// poll reads the changes since the last one, and begins a load where one is needed.
func (g *follower) poll(ctx context.Context) bool {
	defer g.recovered()
	g.f.expire()
	asked := time.Now()
	short, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	news, e := g.readChanges(short)
	if ctx.Err() != nil {
		return false
	}
	g.pollFault, g.paused = e, e != nil
	if e == nil {
		g.take(news, asked)
	}
	g.publish(ctx)
	return e == nil
}

// recovered ends a step in which the caller's code panicked, as a member format can. What was read
// so far may be half a change. It is thrown away: numbers are Unknown until a new load is complete.
func (g *follower) recovered() {
	p := recover()
	if p == nil {
		return
	}
	g.list, g.load, g.doubt, g.paused = nil, nil, true, true
	g.pollFault = failed(panicText(p))
	g.pollFault.List = g.f.config.list
	g.f.state.Store(&followState{fault: g.pollFault, failed: g.pollFault})
}

// take draws the conclusions from a poll.
func (g *follower) take(news changes, asked time.Time) {
	g.incomplete = g.f.config.incomplete(&g.marked, news.size, news.complete)
	if news.missed {
		g.doubt, g.load = true, nil // what the load has read may be of another list
		g.rest = time.Time{}
	}
	if g.list == nil || g.list.size() != news.numbers() {
		g.doubt = true
	}
	if g.load != nil && g.load.scanned {
		g.finish(news)
	}
	if !g.doubt {
		g.f.confirm(asked)
	}
	if g.load == nil && (g.doubt && !asked.Before(g.rest) || !asked.Before(g.rescan)) {
		g.load = newListLoad(&g.f.config, news.numbers(), asked)
	}
}

// publish has checks answer from what is known now.
func (g *follower) publish(ctx context.Context) {
	s := &followState{list: g.list, fault: g.pollFault, trouble: g.incomplete}
	if s.fault == nil {
		s.fault = g.loadFault
	}
	switch {
	case s.fault != nil && (g.list == nil || !s.fault.Retryable()):
		s.failed = s.fault
	case g.list == nil:
		s.failed = g.f.loading()
	}
	if s.trouble == nil && g.list != nil {
		s.trouble = g.list.trouble()
	}
	s.plain = s.failed == nil && s.trouble == nil && len(g.f.config.formats) == 0
	g.f.state.Store(s)
	if !g.started && (g.list != nil || s.fault != nil && !s.fault.Retryable()) {
		g.started = true
		close(g.f.first)
	}
	g.report(ctx, s)
}

// report tells what an operator should know.
func (g *follower) report(ctx context.Context, s *followState) {
	c := &g.f.config
	if s.fault != nil {
		g.outage.add(ctx, &c.reporter, Incident{Event: EventFollowFailed, List: c.list, Err: s.fault})
	} else {
		g.outage.succeed(ctx, &c.reporter)
	}
	if g.list == nil {
		return
	}
	if odd := g.list.odd.len(); odd != g.odd {
		g.odd = odd
		if odd > 0 {
			c.reporter.report(ctx, Incident{Event: EventMembersIgnored, List: c.list, Numbers: odd, Err: oddError(c.list, odd, g.list.size())})
		}
	}
}

// storeFault is the Error of a Fault, nil for none.
func (g *follower) storeFault(f *redisconn.Fault) *Error {
	if f == nil {
		return nil
	}
	return storeError(g.f.config.list, f)
}
