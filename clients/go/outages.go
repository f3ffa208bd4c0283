package sitq

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// outages logs an outage once when it starts and once when it is over, for everything that calls the server.
type outages struct {
	address string // the server's, or those of several
	servers *servers
	log     *slog.Logger

	mu    sync.Mutex
	since time.Time // zero: there is none
}

// tries are those of one thing.
type tries struct {
	of      *outages
	name    string
	refusal Reason
	stay    *stay // the server of the last try
}

func (o *outages) follow(name string) *tries { return &tries{of: o, name: name} }

// begin notes that a try begins.
func (t *tries) begin() { t.stay = t.of.servers.current() }

// delay returns how long the next try waits after a failure: not at all where it is made at another server, which was not left a moment ago.
func (t *tries) delay(failure *Error, usual func() time.Duration) time.Duration {
	t.of.servers.leave(t.stay, failure)
	if t.of.servers.movedFrom(t.stay) {
		return 0
	}
	return usual()
}

// failed notes that the server was not reached, or refused.
func (t *tries) failed(failure *Error) {
	if failure.Reason != "" {
		if t.refusal != failure.Reason {
			t.of.log.Warn(fmt.Sprintf("%s: refused, trying again: %s", t.name, failure.Message), "reason", failure.Reason)
		}
		t.refusal = failure.Reason
		return
	}
	// It is not out of reach as long as another server may answer.
	if t.of.servers.movedFrom(t.stay) {
		return
	}
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	if t.of.since.IsZero() {
		t.of.since = time.Now()
		t.of.log.Warn(fmt.Sprintf("%s failed, trying again: %s", t.name, failure.Message), "address", t.of.address)
	}
}

// reached notes that the server answered.
func (t *tries) reached() {
	t.refusal = ""
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	if t.of.since.IsZero() {
		return
	}
	away := time.Since(t.of.since).Round(100 * time.Millisecond)
	t.of.since = time.Time{}
	t.of.log.Warn(fmt.Sprintf("reached %s again after %s", t.of.address, away))
}
