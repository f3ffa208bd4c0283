package sitqorca

import (
	"math"
	"sync"
	"time"
)

// How long a call counts: after so long to 37 %, after thrice as long to 5 %.
const memory = 5 * time.Second

// A meter counts the calls of a server. Its means forget exponentially, all alike: of a client that divides one by another they are
// right from the first call on, however short the calls and however rarely they are read.
type meter struct {
	clock func() time.Time

	mu           sync.Mutex
	underWay     int
	meanUnderWay float64
	begun        float64 // each call counts the less the older it is
	failed       float64
	asOf         time.Time
}

func newMeter(clock func() time.Time) *meter { return &meter{clock: clock, asOf: clock()} }

func (m *meter) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	m.underWay++
	m.begun++
}

func (m *meter) end(isFailure bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	m.underWay--
	if isFailure {
		m.failed++
	}
}

// now returns how many calls are under way.
func (m *meter) now() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.underWay
}

// read returns how many calls were under way at a time, and how many began and failed in a second.
func (m *meter) read() (underWay, perSecond, failedPerSecond float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	return m.meanUnderWay, m.begun / memory.Seconds(), m.failed / memory.Seconds()
}

// forget brings the means to now.
func (m *meter) forget() {
	now := m.clock()
	kept := math.Exp(-now.Sub(m.asOf).Seconds() / memory.Seconds())
	m.asOf = now
	m.meanUnderWay = float64(m.underWay) + (m.meanUnderWay-float64(m.underWay))*kept
	m.begun *= kept
	m.failed *= kept
}
