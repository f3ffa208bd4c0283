package sitq

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

const (
	// How long the server has for its welcome.
	welcomeTimeout = 10 * time.Second
	// How long the server has to end a stream that the worker has ended.
	endTimeout = time.Second
	// Outcomes wait so long for others, to share a message.
	gatherFor = 500 * time.Microsecond
	// A stream is dead if nothing was heard for more than so many heartbeat intervals.
	silentIntervals = 2
	// If this process stood still, what came meanwhile is read first.
	catchUp = 250 * time.Millisecond
)

// workStream is one Work stream, from hello to its end, over a connection of its own: a stream that went silent would otherwise be opened
// again over the connection that is dead.
type workStream struct {
	worker *Worker
	call   grpc.BidiStreamingClient[sitqv1.WorkRequest, sitqv1.WorkResponse]
	cancel context.CancelCauseFunc

	welcomed chan time.Duration // the heartbeat interval
	ended    chan struct{}      // closed when err is set
	err      error
	heard    atomic.Int64 // nanoseconds since begin
	answer   atomic.Bool  // a heartbeat of the server is to be answered
	begin    time.Time
	spoke    time.Time
	// The capacity last sent to the server.
	announced int32
	// 0: the server has not welcomed the worker.
	interval atomic.Int64
	watchdog *time.Timer
}

// serve runs one stream to a server. It returns whether the server welcomed the worker, and why the stream ended; nil: in order.
func (w *Worker) serve(ctx context.Context, at *stay) (isWelcome bool, err error) {
	conn, err := w.client.dial(at.address)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	defer func() {
		if err != nil {
			err = errorOver(at.address, err)
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	call, err := sitqv1.NewWorkerServiceClient(conn).Work(ctx)
	if err != nil {
		return false, err
	}
	s := &workStream{
		worker: w, call: call, cancel: cancel, begin: time.Now(), spoke: time.Now(),
		welcomed: make(chan time.Duration, 1), ended: make(chan struct{}),
	}
	w.ledger.mu.Lock()
	s.announced = w.ledger.capacity()
	hello := w.hello(s.announced, w.ledger.leases())
	w.ledger.mu.Unlock()
	s.say(&sitqv1.WorkRequest{Message: &sitqv1.WorkRequest_Hello_{Hello: hello}})
	s.watchdog = time.AfterFunc(welcomeTimeout, s.look)
	defer s.watchdog.Stop()
	go s.read()
	isWelcome = s.speak()
	if cause := context.Cause(ctx); cause != nil && s.err != nil && s.err != io.EOF {
		return isWelcome, cause
	}
	if s.err == io.EOF {
		return isWelcome, nil
	}
	return isWelcome, s.err
}

// cut ends a stream on which the server is silent.
func (s *workStream) cut(text string) {
	s.cancel(&Error{Code: codes.DeadlineExceeded, Reason: ErrServerSilent, Message: text})
}

// say sends a message. What fails ends the reading too, with the reason.
func (s *workStream) say(message *sitqv1.WorkRequest) {
	_ = s.call.Send(message)
	s.spoke = time.Now()
}

// speak sends what the worker has to say, until the stream has ended.
func (s *workStream) speak() (isWelcome bool) {
	var interval time.Duration
	ending := s.worker.ending
	for interval == 0 {
		select {
		case interval = <-s.welcomed:
		case <-s.ended:
			return len(s.welcomed) > 0
		case <-ending:
			ending = nil
			if s.worker.isOver() {
				s.cancel(errStopping)
				<-s.ended
				return false
			}
		}
	}
	beat := time.NewTimer(interval)
	defer beat.Stop()
	gathering := time.NewTimer(time.Hour)
	defer gathering.Stop()
	s.worker.poke()
	for {
		select {
		case <-s.ended:
			return true
		case <-s.worker.pokes:
			s.gather(gathering)
			s.flush()
		case <-beat.C:
			silent := time.Since(s.spoke)
			if silent >= interval {
				s.say(heartbeat)
				silent = 0
			}
			beat.Reset(interval - silent)
			continue
		}
		if s.worker.isOver() {
			s.end()
			return true
		}
	}
}

// gather waits for more outcomes, until there are many or their time is over.
func (s *workStream) gather(timer *time.Timer) {
	l := s.worker.ledger
	isFirst := true
	for {
		l.mu.Lock()
		isEnough := len(l.outbox.unsent) == 0 || l.hasMuch()
		l.mu.Unlock()
		if isEnough {
			return
		}
		if isFirst {
			timer.Reset(gatherFor)
			isFirst = false
		}
		select {
		case <-s.worker.pokes:
		case <-timer.C:
			return
		case <-s.ended:
			return
		}
	}
}

// flush sends everything that is to be said.
func (s *workStream) flush() {
	if s.answer.Swap(false) {
		s.say(heartbeat)
	}
	for {
		message := s.next()
		if message == nil {
			return
		}
		s.say(message)
	}
}

func (s *workStream) next() *sitqv1.WorkRequest {
	l := s.worker.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.capacity(); n != s.announced {
		s.announced = n
		return &sitqv1.WorkRequest{Message: &sitqv1.WorkRequest_Capacity_{Capacity: &sitqv1.WorkRequest_Capacity{N: n}}}
	}
	if outcomes := l.outbox.take(); outcomes != nil {
		return &sitqv1.WorkRequest{Message: &sitqv1.WorkRequest_Outcomes_{Outcomes: outcomes}}
	}
	if progress := l.takeProgress(); progress != nil {
		return &sitqv1.WorkRequest{Message: &sitqv1.WorkRequest_Heartbeat_{Heartbeat: &sitqv1.WorkRequest_Heartbeat{Progress: progress}}}
	}
	return nil
}

// end half-closes the stream; the server then ends it.
func (s *workStream) end() {
	_ = s.call.CloseSend()
	select {
	case <-s.ended:
	case <-time.After(endTimeout):
		s.cancel(errStopping)
		<-s.ended
	}
}

var heartbeat = &sitqv1.WorkRequest{Message: &sitqv1.WorkRequest_Heartbeat_{Heartbeat: &sitqv1.WorkRequest_Heartbeat{}}}
