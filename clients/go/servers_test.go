package sitq

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
)

var away = &Error{Code: codes.Unavailable, Message: "away"}

func choose(t *testing.T) *servers {
	s := newServers([]string{"a:1", "b:1", "c:1"}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	s.addresses, s.at = []string{"a:1", "b:1", "c:1"}, &stay{"a:1"}
	return s
}

func TestServersAreShuffled(t *testing.T) {
	counts := map[string]int{}
	for range 6000 {
		counts[strings.Join(newServers([]string{"a", "b", "c"}, slog.Default()).addresses, "")]++
	}
	for order, n := range counts {
		if n < 800 || n > 1200 {
			t.Errorf("%s: %d times", order, n)
		}
	}
	if len(counts) != 6 {
		t.Error(counts)
	}
}

func TestServerIsLeftOnce(t *testing.T) {
	s := choose(t)
	first := s.current()
	s.leave(first, away)
	s.leave(first, away)
	if at := s.current().address; at != "b:1" {
		t.Error(at)
	}
	if !s.movedFrom(first) {
		t.Error("a try at the next server waits")
	}
	s.leave(s.current(), away)
	last := s.current()
	s.leave(last, away)
	if at := s.current().address; at != "a:1" || s.movedFrom(last) || s.hasFreshOther() {
		t.Error(at, "and it does not wait though all were left")
	}
	// It is of the first use of this server.
	s.leave(first, away)
	if at := s.current().address; at != "a:1" {
		t.Error(at)
	}
}

func TestFreshServerComesFirst(t *testing.T) {
	s := choose(t)
	s.left["b:1"] = time.Now()
	s.leave(s.current(), away)
	if at := s.current().address; at != "c:1" {
		t.Error(at)
	}
	s.left["a:1"] = time.Now().Add(-leftFor - time.Millisecond)
	if !s.hasFreshOther() {
		t.Error("a server that was left long ago is not tried at once")
	}
}

func TestOnlyServerStays(t *testing.T) {
	s := newServers([]string{"a:1"}, slog.Default())
	first := s.current()
	s.leave(first, away)
	if s.current() != first || s.hasFreshOther() || s.movedFrom(first) {
		t.Error("it was left")
	}
}

func TestFailuresOfServers(t *testing.T) {
	for _, each := range []struct {
		failure Error
		is      bool
	}{
		{Error{Code: codes.Unavailable}, true},
		{Error{Code: codes.Unavailable, Reason: ErrDraining}, true},
		{Error{Code: codes.Unavailable, Reason: ErrStoreUnreachable}, true},
		{Error{Code: codes.Unavailable, Reason: ErrStoreFailed}, true},
		{Error{Code: codes.DeadlineExceeded, Reason: ErrServerSilent}, true},
		{Error{Code: codes.Unavailable, hadNoRoom: true}, false},
		{Error{Code: codes.Unavailable, Reason: ErrTokenUnavailable}, false},
		{Error{Code: codes.ResourceExhausted, Reason: ErrOverloaded}, false},
		{Error{Code: codes.DeadlineExceeded}, false},
		{Error{Code: codes.NotFound, Reason: ErrTaskNotFound}, false},
	} {
		if is := each.failure.isOfServer(); is != each.is {
			t.Errorf("%v: %v", each.failure, is)
		}
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string][]string{
		"a:1":                               {"a:1"},
		"a:1,[::1]:1,a:2":                   {"a:1", "[::1]:1", "a:2"},
		"dns:a:1,dns:b:1":                   {"dns:a:1", "dns:b:1"},
		"ipv4:10.0.0.1:1,10.0.0.2:1":        {"ipv4:10.0.0.1:1", "ipv4:10.0.0.2:1"},
		"unix:/run/a.sock,unix:/run/b.sock": {"unix:/run/a.sock", "unix:/run/b.sock"},
	} {
		addresses := addressesIn(text)
		if err := checkAddresses(text, addresses); err != nil || !slices.Equal(addresses, want) {
			t.Error(text, addresses, err)
		}
	}
	for text, problem := range map[string]string{
		"":                      "expected HOST:PORT",
		"a:1,":                  "there is no address at place 2",
		",a:1":                  "there is no address at place 1",
		"a:1,b":                 `"b": expected HOST:PORT`,
		"a:1,https://b:1":       `"https://b:1": leave out https://`,
		"a:1,b:1,a:1":           `"a:1": given twice`,
		"a:1,dns:b:1":           `"dns:b:1": give all addresses with the same scheme`,
		"unix:/run/a.sock,b:1":  `"b:1": give all addresses with the same scheme`,
		"a:1,unix:/run/sitq.so": `"unix:/run/sitq.so": give all addresses with the same scheme`,
	} {
		err := checkAddresses(text, addressesIn(text))
		if err == nil || !strings.Contains(err.Error(), "address: ") || !strings.Contains(err.Error(), problem) {
			t.Error(text, err)
		}
	}
}
