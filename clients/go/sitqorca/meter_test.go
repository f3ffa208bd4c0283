package sitqorca

import (
	"math"
	"testing"
	"time"
)

func TestTheMeansAreThoseOfTheLastSeconds(t *testing.T) {
	now := time.Unix(1_000, 0)
	m := newMeter(func() time.Time { return now })
	serve := func(calls int, every, takes time.Duration, isFailure bool) {
		for range calls {
			m.begin()
			now = now.Add(takes)
			m.end(isFailure)
			now = now.Add(every - takes)
		}
	}
	expect := func(underWay, perSecond, failedPerSecond float64) {
		t.Helper()
		u, p, f := m.read()
		if math.Abs(u-underWay) > 0.01 || math.Abs(p-perSecond) > 0.5 || math.Abs(f-failedPerSecond) > 0.5 {
			t.Errorf("read %f, %f, %f; want %f, %f, %f", u, p, f, underWay, perSecond, failedPerSecond)
		}
	}
	serve(6_000, 10*time.Millisecond, 2*time.Millisecond, false)
	expect(0.2, 100, 0)
	serve(1_200, 50*time.Millisecond, 5*time.Millisecond, true)
	expect(0.1, 20, 20)
	now = now.Add(time.Minute)
	expect(0, 0, 0)
	m.begin()
	now = now.Add(time.Minute)
	expect(1, 0, 0)
}

func TestTheWorkOfACallIsRightFromTheFirstOneOn(t *testing.T) {
	now := time.Unix(1_000, 0)
	m := newMeter(func() time.Time { return now })
	for range 20 {
		m.begin()
		now = now.Add(50 * time.Millisecond)
		m.end(false)
		now = now.Add(50 * time.Millisecond)
		underWay, perSecond, _ := m.read()
		if math.Abs(underWay/perSecond-0.05) > 0.001 {
			t.Fatalf("a call took %f s; want 0.05", underWay/perSecond)
		}
	}
}
