package sitq

import (
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// read takes the messages of the server, and never waits for a handler.
func (s *workStream) read() {
	defer close(s.ended)
	for {
		response, err := s.call.Recv()
		if err != nil {
			s.err = err
			return
		}
		s.heard.Store(int64(time.Since(s.begin)))
		s.hear(response)
	}
}

func (s *workStream) hear(response *sitqv1.WorkResponse) {
	l := s.worker.ledger
	switch message := response.Message.(type) {
	case *sitqv1.WorkResponse_Welcome_:
		s.onWelcome(message.Welcome)
	case *sitqv1.WorkResponse_Tasks_:
		l.accept(message.Tasks.Tasks)
		l.mu.Lock()
		isQuiet := len(l.outbox.unsent) == 0
		l.mu.Unlock()
		if isQuiet {
			return
		}
	case *sitqv1.WorkResponse_Settled_:
		l.mu.Lock()
		l.outbox.settled(message.Settled.Outcomes)
		// A rejected outcome is replaced; a worker that stops waits for the last one.
		isQuiet := len(l.outbox.unsent) == 0 && len(l.outbox.entries) > 0 || !l.closed && len(l.outbox.unsent) == 0
		l.mu.Unlock()
		if isQuiet {
			return
		}
	case *sitqv1.WorkResponse_Cancel_:
		for _, each := range message.Cancel.Tasks {
			l.giveUp(each.TaskId, each.Attempt, cancelCause(each))
		}
	case *sitqv1.WorkResponse_Drain_:
		s.worker.onDrain(message.Drain)
		// An operator's drain lasts until the worker reconnects. And of servers that all stop it stays with the last.
		if message.Drain.Reason == sitqv1.DrainReason_DRAIN_REASON_SERVER_STOPPING && s.worker.client.servers.hasFreshOther() {
			s.cancel(&Error{Code: codes.Unavailable, Reason: ErrDraining, Message: "the server is stopping"})
		}
		return
	case *sitqv1.WorkResponse_Heartbeat_:
		s.answer.Store(true)
	default: // Of a newer server.
		return
	}
	s.worker.poke()
}

func (s *workStream) onWelcome(welcome *sitqv1.WorkResponse_Welcome) {
	l := s.worker.ledger
	for _, lease := range welcome.Lost {
		l.lost(lease)
	}
	l.mu.Lock()
	l.sendProgressAgain()
	l.mu.Unlock()
	interval := welcome.GetHeartbeatInterval().AsDuration()
	if welcome.HeartbeatInterval == nil {
		interval = 10 * time.Second
	}
	interval = max(interval, time.Millisecond)
	s.interval.Store(int64(interval))
	s.watchdog.Reset(interval)
	s.worker.onWelcome(welcome)
	select {
	case s.welcomed <- interval:
	default: // A second welcome changes nothing.
	}
}

// look ends the stream if nothing was heard for too long.
func (s *workStream) look() {
	interval := time.Duration(s.interval.Load())
	if interval == 0 {
		s.cut("the server did not welcome the worker")
		return
	}
	limit := silentIntervals * interval
	if s.silence() > limit {
		time.Sleep(catchUp)
		if silence := s.silence(); silence > limit {
			s.cut(fmt.Sprintf("nothing was heard of the server for %s", silence.Round(time.Millisecond)))
			return
		}
	}
	select {
	case <-s.ended:
	default:
		s.watchdog.Reset(interval)
	}
}

func (s *workStream) silence() time.Duration {
	return time.Since(s.begin) - time.Duration(s.heard.Load())
}

// cancelCause says why a handler should stop.
func cancelCause(cancelled *sitqv1.WorkResponse_CancelledTask) error {
	switch cancelled.Code {
	case sitqv1.CancelCode_CANCEL_CODE_ATTEMPT_TIMEOUT:
		return ErrAttemptTimeout
	case sitqv1.CancelCode_CANCEL_CODE_LEASE_LOST:
		return ErrLeaseLost
	}
	if cancelled.Message != "" {
		return fmt.Errorf("%w: %s", ErrCancelled, cancelled.Message)
	}
	return ErrCancelled
}
