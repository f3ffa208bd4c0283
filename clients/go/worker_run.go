package sitq

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
)

const (
	// How long handlers have to return once they are cancelled.
	cancelGrace = time.Second
	// How long a stopping worker tries to have its outcomes settled.
	settleTimeout = 10 * time.Second
	// After a stream that lasted this long the delays start again at the shortest.
	steadyStream = 10 * time.Second
)

// errStopping ends the stream of a worker that stops.
var errStopping = &Error{Code: codes.Canceled, Message: "the worker is stopping"}

// Run connects, and works until the context is done. Then it drains: it takes no more tasks, waits for running handlers, cancels them when
// the grace is over, releases what is left, which burns no attempt, and returns nil once every outcome is settled.
//
// It returns an error if the server refuses the worker for good: its hello is not valid or not allowed, or another process has its id
// ([ErrWorkerReplaced]). A worker runs once.
func (w *Worker) Run(ctx context.Context) error {
	if len(w.handlers) == 0 && len(w.deliveries) == 0 {
		return errors.New("sitq: the worker has no handler")
	}
	if !w.isStarted.CompareAndSwap(false, true) {
		return errors.New("sitq: the worker was started before")
	}
	if err := w.subscribe(ctx); err != nil {
		return w.unlessDone(ctx, err)
	}
	w.ledger.base = context.WithoutCancel(ctx)
	streams, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	refused := make(chan error, 1)
	go func() { refused <- w.connect(streams) }()
	select {
	case err := <-refused:
		return err
	case <-ctx.Done():
	}
	w.drain(refused)
	cut(errStopping)
	return nil
}

// unlessDone returns the error, unless the worker was stopped meanwhile.
func (w *Worker) unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (w *Worker) drain(refused <-chan error) {
	begin := time.Now()
	running, returned := w.ledger.close()
	w.log.Info("the worker drains: it takes no more tasks", "running", running, "released", returned)
	w.poke()
	grace := time.After(w.config.Grace)
	idle := w.ledger.whenIdle()
	select {
	case <-idle:
	case <-grace:
		w.log.Warn("the grace is over: handlers are cancelled", "running", w.ledger.cancelAll(ErrWorkerStopping), "grace", w.config.Grace)
		select {
		case <-idle:
		case <-time.After(cancelGrace):
		}
	case <-refused:
		return
	}
	if released := w.ledger.releaseAll(); released > 0 {
		w.log.Warn("handlers have not returned: their tasks are released", "released", released)
	}
	close(w.ending)
	w.poke()
	select {
	case <-refused:
	case <-time.After(settleTimeout + endTimeout):
	}
	took := time.Since(begin).Round(time.Millisecond)
	if running, unsettled := w.ledger.counts(); unsettled > 0 {
		w.log.Warn("the worker has stopped, and the server has not taken all outcomes: those tasks are tried again",
			"unsettled", unsettled, "running", running, "took", took)
	} else {
		w.log.Info("the worker has drained", "running", running, "took", took)
	}
}

// isOver reports whether a stream may end: the worker stops, and every outcome is settled.
func (w *Worker) isOver() bool {
	select {
	case <-w.ending:
	default:
		return false
	}
	_, unsettled := w.ledger.counts()
	return unsettled == 0
}

// poke says that there is something to be sent.
func (w *Worker) poke() {
	select {
	case w.pokes <- struct{}{}:
	default:
	}
}

// connect opens one stream after the other, until the worker stops. It returns an error if the server refuses it for good.
func (w *Worker) connect(ctx context.Context) error {
	delays := newPauses(reconnectCap)
	attempt := w.client.outages.follow("the worker " + w.config.WorkerID)
	hurry := w.ending
	for !w.isOver() && ctx.Err() == nil {
		begin := time.Now()
		version := w.client.token.currentVersion()
		attempt.begin()
		isWelcome, err := w.serve(ctx, attempt.stay)
		w.isConnected.Store(false)
		failure := w.ended(err, version)
		if w.isOver() || ctx.Err() != nil {
			return nil
		}
		if w.isFinal(failure) {
			return w.refused(failure)
		}
		if isWelcome {
			attempt.reached()
			if time.Since(begin) >= steadyStream {
				delays.reset()
			}
		}
		delay := attempt.delay(failure, func() time.Duration { return delays.next(failure) })
		if !isWelcome {
			attempt.failed(failure)
		}
		w.logDisconnect(isWelcome, failure, delay)
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-hurry:
			hurry = nil // What is not settled is sent at once, and then after delays as before.
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// ended notes the end of a stream: what was sent over it and not settled is sent again.
func (w *Worker) ended(err error, tokenVersion int) *Error {
	failure := &Error{Code: codes.Unavailable, Message: "the server ended the stream"}
	if err != nil {
		failure = w.client.errorOf(err, tokenVersion)
	}
	said, isTooLarge := failure.tooLarge()
	w.ledger.mu.Lock()
	w.ledger.outbox.sendAgain(said, isTooLarge)
	w.ledger.mu.Unlock()
	if w.config.OnDisconnect != nil {
		w.config.OnDisconnect(failure)
	}
	return failure
}

// isFinal reports whether the server refuses the worker for good: another process has its id, or its hello is not valid or not allowed.
// Credentials and rights that it had once it may get back.
func (w *Worker) isFinal(failure *Error) bool {
	if failure.Reason == ErrWorkerReplaced {
		return true
	}
	isFirst := !w.wasWelcome.Load()
	return isFirst && (failure.Code == codes.InvalidArgument || failure.Code == codes.Unimplemented || failure.denied())
}

func (w *Worker) refused(failure *Error) error {
	if failure.Reason == ErrWorkerReplaced {
		w.log.Error("another process uses the worker id; this worker stops")
		w.ledger.abandon(ErrWorkerReplaced)
	} else {
		w.log.Error("the server refuses the worker for good: "+failure.Message, "reason", failure.Reason)
		w.ledger.abandon(ErrLeaseLost)
	}
	select {
	case <-w.ledger.whenIdle():
	case <-time.After(cancelGrace):
	}
	return failure
}
