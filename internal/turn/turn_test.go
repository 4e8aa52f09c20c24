package turn_test

import (
	"context"
	"testing"

	"github.com/dnc-go/dnc/internal/turn"
)

// ready is whose turn it is.
func ready(p *turn.Place) bool {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for range 64 { // both may be ready: any is chosen
		if p.Wait(ended) {
			return true
		}
	}
	return false
}

func TestWhatWasBegunGoesFirst(t *testing.T) {
	q := new(turn.Queue)
	first, _, endFirst := turn.Begin(t.Context(), 3)
	second, _, endSecond := turn.Begin(t.Context(), 3)
	defer endFirst()
	defer endSecond()
	q.Join(first).Leave(true)
	q.Join(second).Leave(true)
	holder := q.Join(t.Context())
	places := []*turn.Place{q.Join(t.Context()), q.Join(second), q.Join(first)}
	holder.Leave(true)
	for _, next := range []int{2, 1, 0} {
		for i, p := range places {
			if ready(p) != (i == next) {
				t.Errorf("place %d is ready, or not, when it is the turn of %d", i, next)
			}
		}
		places[next].Leave(true)
		places = places[:next]
	}
}

func TestBefore(t *testing.T) {
	q := new(turn.Queue)
	first, one, end := turn.Begin(t.Context(), 5)
	p := q.Join(first)
	if n := p.Before(); n != 5 {
		t.Error("its own", n)
	}
	p.Leave(true)
	second, two, _ := turn.Begin(t.Context(), 3)
	if inner, same, _ := turn.Begin(second, 100); same != two || inner != second {
		t.Error("an operation inside of another is that one")
	}
	p = q.Join(second)
	if n := p.Before(); n != 4+3 {
		t.Error("what is left of the first, and its own", n)
	}
	p.Leave(true)
	p = q.Join(second)
	if n := p.Before(); n != 2 {
		t.Error("it was let in", n)
	}
	waiting := q.Join(t.Context())
	if n := waiting.Before(); n != 4+2+1-1 {
		t.Error("a request of its own, behind one whose token is taken", n)
	}
	waiting.Leave(false)
	p.Leave(true)
	two.Need(4)
	p = q.Join(second)
	if n := p.Before(); n != 4+4 {
		t.Error("it needs more", n)
	}
	p.Leave(false)
	end()
	two.Need(1)
	p = q.Join(second)
	if n := p.Before(); n != 1 {
		t.Error("the first has ended", n)
	}
	p.Leave(false)
	one.Need(1)
	for range 100 { // a long operation waits like everybody
		q.Join(second).Leave(true)
	}
	waiting = q.Join(t.Context())
	if n := waiting.Before(); n != 1 {
		t.Error("behind a long operation", n)
	}
	waiting.Leave(false)
}
