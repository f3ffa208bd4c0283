package sitq

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// leftFor is for how long a server that was left is tried again only after a delay: in that time every other one has been tried, and a
// server that stops is not exchanged for another that stops.
const leftFor = 2 * time.Second

// stay is one use of a server, from when it was chosen until it is left.
type stay struct{ address string }

// servers says which of those that share their data a client calls: one, as long as it works. The order is random, so that the clients of
// a fleet spread.
type servers struct {
	addresses []string // in the order in which they are tried
	log       *slog.Logger

	mu     sync.Mutex
	at     *stay
	left   map[string]time.Time // when each was left last
	closed bool
}

func newServers(addresses []string, log *slog.Logger) *servers {
	order := slices.Clone(addresses)
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return &servers{addresses: order, log: log, at: &stay{order[0]}, left: map[string]time.Time{}}
}

// current returns the server that is called now.
func (s *servers) current() *stay {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *servers) isSingle() bool { return len(s.addresses) == 1 }

// movedFrom reports whether another server is called now, which was not left a moment ago, so that it can be tried without a delay.
func (s *servers) movedFrom(former *stay) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at != former && s.isFresh(s.at.address)
}

// hasFreshOther reports whether there is another server that can be tried without a delay.
func (s *servers) hasFreshOther() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.addresses, func(each string) bool { return each != s.at.address && s.isFresh(each) })
}

// leave has another server called from now on if the failure is one of its server, unless that was left before, or is the only one.
func (s *servers) leave(former *stay, why *Error) {
	if s.isSingle() || !why.isOfServer() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != former || s.closed {
		return
	}
	s.left[former.address] = time.Now()
	place := slices.Index(s.addresses, former.address)
	others := slices.Concat(s.addresses[place+1:], s.addresses[:place])
	next := others[max(0, slices.IndexFunc(others, s.isFresh))]
	s.at = &stay{next}
	if s.isFresh(next) {
		s.log.Info(fmt.Sprintf("calling %s in place of %s: %s", next, former.address, why.Message), "address", next, "from", former.address)
	}
}

// untried returns where a call goes on that did not reach some; nil: nowhere.
func (s *servers) untried(tried []string) *stay {
	now := s.current()
	if !slices.Contains(tried, now.address) {
		return now
	}
	for _, each := range s.addresses {
		if !slices.Contains(tried, each) {
			return &stay{each}
		}
	}
	return nil
}

// close has it stay where it is: the calls of a client that is closed fail for that.
func (s *servers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (s *servers) isFresh(address string) bool { return time.Since(s.left[address]) > leftFor }

// isOfServer reports whether a failure is one of its server, so that another one is called: it was not reached, its connection is gone, or
// it is ill or stopping.
func (e *Error) isOfServer() bool {
	switch e.Reason {
	case ErrDraining, ErrStoreFailed, ErrStoreUnreachable, ErrServerSilent:
		return true
	case "":
		return e.Code == codes.Unavailable && !e.hadNoRoom
	}
	return false
}

type stayKey struct{}

// stayOf returns the server of a stream, by its context.
func stayOf(ctx context.Context) *stay {
	found, _ := ctx.Value(stayKey{}).(*stay)
	return found
}
