package sitq

import (
	"context"
	"math/rand/v2"
	"time"
)

// The bounds of delays between tries.
const (
	backoffBase = 100 * time.Millisecond
	// A lease outlives the longest delay.
	reconnectCap = 3 * time.Second
	retryCap     = 5 * time.Second
	// Refusals of credentials and rights last until an operator changes them, and the server slows down addresses that go on.
	deniedBase = 2 * time.Second
	deniedCap  = time.Minute
)

// backoff makes the delays between tries of one thing: exponential with full jitter, so that clients that failed together do not
// retry together.
type backoff struct {
	base, cap time.Duration
	tries     int
}

// next returns the delay before the next try. atLeast is what the server asked for; the jitter comes on top.
func (b *backoff) next(atLeast time.Duration) time.Duration {
	bound := b.cap
	if b.tries < 16 {
		bound = min(b.cap, b.base<<b.tries)
	}
	b.tries++
	return atLeast + rand.N(bound+1)
}

// reset starts again at the shortest.
func (b *backoff) reset() { b.tries = 0 }

// sleep waits, and reports false if the context is done before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
