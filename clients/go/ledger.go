package sitq

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// ledger is what a worker holds over any number of streams: the attempts whose leases it has, and the outcomes that are not settled.
// One lock guards both, so that a hello always names every lease.
//
//	accept ──▶ waiting ──slot free──▶ running ──returns──▶ its outcome is in the outbox
//	              │                      │
//	              └────── giveUp ────────┴──▶ not held: cancelled; its slot is free when the handler returns, and nothing is reported
//
// Tasks wait only behind handlers that go on after their lease is gone: the server counts those slots as free.
type ledger struct {
	worker *Worker
	slots  int // the worker's capacity
	base   context.Context

	mu          sync.Mutex
	held        map[string]*attempt // by task id
	waiting     []*attempt
	running     int
	overstaying int
	closed      bool
	idle        chan struct{} // closed when no handler runs; nil: nothing waits for it
	outbox      outbox
	notes       map[*attempt]*progressNote // what handlers last said of how far they are
	much        int                        // outcomes that are sent without waiting for more
	unknown     map[string]bool            // types without a handler that the log has named
}

func newLedger(w *Worker, capacity int) *ledger {
	return &ledger{
		worker: w, slots: capacity, base: context.Background(), held: map[string]*attempt{}, unknown: map[string]bool{},
		notes: map[*attempt]*progressNote{}, much: min(max(capacity/2, 16), 128),
		outbox: outbox{log: w.log, entries: map[string]*entry{}, maxBytes: messageBytes},
	}
}

// accept takes tasks in; once closed, it releases them.
func (l *ledger) accept(tasks []*sitqv1.Task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, task := range tasks {
		// What was said of it before has been applied, or it would not be handed out.
		l.outbox.remove(task.Id, "")
		if former := l.held[task.Id]; former != nil {
			if former.task.Attempt == task.Attempt {
				continue
			}
			// The server knows best: a newer attempt means that the older one is over.
			l.letGo(former, ErrLeaseLost)
		}
		a := newAttempt(l.base, l.worker, task)
		l.held[task.Id] = a
		if l.closed {
			l.reported(a, released(0, ""))
		} else {
			l.waiting = append(l.waiting, a)
		}
	}
	l.beginWaiting()
}

// beginWaiting begins attempts while there are slots. The lock is held.
func (l *ledger) beginWaiting() {
	next := 0
	for l.running < l.slots && next < len(l.waiting) {
		a := l.waiting[next]
		next++
		if !a.isHeld {
			continue
		}
		handler := l.worker.find(a.task)
		if handler == nil {
			l.withoutHandler(a)
			continue
		}
		l.running++
		a.isRunning = true
		go l.run(a, handler)
	}
	l.waiting = behind(l.waiting, next)
}

// withoutHandler releases a task whose type is unknown: in a rolling deploy there may be a worker that knows it.
func (l *ledger) withoutHandler(a *attempt) {
	kind := a.task.Type
	if !l.unknown[kind] {
		l.worker.log.Warn(fmt.Sprintf("no handler for the task type %s; its tasks are released", kind), "task_id", a.task.Id, "queue", a.task.Queue)
	}
	l.unknown[kind] = true
	l.reported(a, released(0, "NO_HANDLER"))
}

// run calls the handler of an attempt.
func (l *ledger) run(a *attempt, handler handlerFunc) {
	outcome, err := (*sitqv1.Outcome)(nil), errGoexit // Deferred, since a handler may end its goroutine.
	defer func() { l.returned(a, outcome, err) }()
	outcome, err = call(a, handler)
}

// returned takes the outcome of a handler, and begins what waits.
func (l *ledger) returned(a *attempt, outcome *sitqv1.Outcome, err error) {
	if outcome == nil {
		outcome = outcomeOf(err)
	}
	l.worker.logOutcome(a, outcome, err)
	settle := l.endSpan(a, outcome, err)
	made := fit(a.task.Id, a.task.Attempt, outcome)
	made.settle = settle
	l.mu.Lock()
	a.isRunning = false
	delete(l.notes, a)
	l.running--
	isDue := true
	if a.isHeld {
		l.put(a, made)
		// Between the first outcome and enough of them there is nothing new to say.
		isDue = len(l.outbox.unsent) == 1 || l.hasMuch()
	} else {
		l.overstaying--
		made.drop("LEASE_LOST")
	}
	l.beginWaiting()
	if l.running == 0 {
		isDue = true
		if l.idle != nil {
			close(l.idle)
			l.idle = nil
		}
	}
	l.mu.Unlock()
	a.finish()
	if isDue {
		l.worker.poke()
	}
}

// endSpan ends the span of an attempt, and begins that of the sending of its outcome; nil: it is not traced.
func (l *ledger) endSpan(a *attempt, outcome *sitqv1.Outcome, err error) func(failure string) {
	if a.span == nil {
		return nil
	}
	l.mu.Lock()
	isHeld := a.isHeld
	l.mu.Unlock()
	if !isHeld {
		cause := context.Cause(a.ctx)
		if cause == nil {
			cause = ErrLeaseLost
		}
		a.span.End(outcome, err, cause)
		return nil
	}
	if done := outcome.GetCompleted(); done != nil {
		done.Traceparent = a.span.StepTraceparent()
	}
	a.span.End(outcome, err, nil)
	return a.span.Settle()
}

// hasMuch reports whether there is so much to send that it should not wait for more: half of what the worker takes, so that it is at the other
// half while the server stores the first; or all that there will be. At a capacity of 256 three quarters, which leave a small message, cost the
// server a tenth more. The lock is held.
func (l *ledger) hasMuch() bool { return len(l.outbox.unsent) >= l.much || l.running == 0 }

// call runs a handler, and makes the outcome of what it returns.
func call(a *attempt, handler handlerFunc) (outcome *sitqv1.Outcome, err error) {
	ctx := a.ctx
	if tracing := a.worker.client.tracing; tracing != nil {
		ctx, a.span = tracing.Process(ctx, a.task, a.worker.config.WorkerID)
	}
	defer func() {
		if value := recover(); value != nil {
			err = recovered(value)
			outcome = outcomeOf(err)
		}
	}()
	result, err := handler(ctx, a.payload)
	a.payload = nil
	switch cause := context.Cause(a.ctx); {
	case err == nil:
		return completed(result), nil
	case isDeliberate(err):
	case cause == ErrWorkerStopping:
		// A handler that was cancelled has not failed.
		return released(0, ""), err
	case cause == ErrAttemptTimeout:
		return failed(&sitqv1.Outcome_Failed{Error: taskError(err.Error(), "ATTEMPT_TIMEOUT", chain(err))}), err
	}
	if unfit, ok := err.(*resultError); ok {
		return failedForGood("the result cannot be encoded: "+unfit.Error(), "INVALID_RESULT"), err
	}
	return outcomeOf(err), err
}

// giveUp lets go of the lease of an attempt, and cancels its handler. Unknown ones are passed over.
func (l *ledger) giveUp(taskID string, number int32, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.held[taskID]; a != nil && a.task.Attempt == number {
		l.letGo(a, cause)
	}
}

func (l *ledger) letGo(a *attempt, cause error) {
	a.isHeld = false
	delete(l.held, a.task.Id)
	if a.isRunning {
		l.overstaying++
	}
	a.cancel(cause)
}

// lost gives up a lease that the server says is gone. A release of it is applied, or of no more use; sent again, it could end the next
// lease, for a released attempt gives its number back.
func (l *ledger) lost(lease *sitqv1.TaskLease) {
	l.giveUp(lease.TaskId, lease.Attempt, ErrLeaseLost)
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.outbox.entries[lease.TaskId]; e != nil && e.isRelease && e.outcome.Attempt == lease.Attempt {
		l.outbox.remove(lease.TaskId, "")
	}
}

// reported keeps an outcome of an attempt, whose lease is then the outbox's. The lock is held.
func (l *ledger) reported(a *attempt, outcome *sitqv1.Outcome) {
	l.put(a, fit(a.task.Id, a.task.Attempt, outcome))
}

func (l *ledger) put(a *attempt, e *entry) {
	a.isHeld = false
	delete(l.held, a.task.Id)
	l.outbox.put(e)
}

// close takes no more tasks, and releases those that no handler has begun. It returns how many handlers run, and how many tasks it released.
func (l *ledger) close() (running, returned int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, a := range l.held {
		if !a.isRunning {
			l.reported(a, released(0, ""))
			returned++
		}
	}
	return l.running, returned
}

// cancelAll cancels every handler; one that returns an error then releases its task. It returns how many there are.
func (l *ledger) cancelAll(cause error) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.held {
		a.cancel(cause)
	}
	return l.running
}

// releaseAll releases everything that is held, whether or not its handler has returned, and returns how much that was.
func (l *ledger) releaseAll() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := len(l.held)
	for _, a := range l.held {
		if a.isRunning {
			l.overstaying++
		}
		l.reported(a, released(0, ""))
	}
	return count
}

// abandon lets go of everything: no server takes it.
func (l *ledger) abandon(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, a := range l.held {
		l.letGo(a, cause)
	}
	l.outbox.abandon()
}

// whenIdle returns a channel that is closed when no handler runs.
func (l *ledger) whenIdle() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.idle == nil {
		l.idle = make(chan struct{})
	}
	idle := l.idle
	if l.running == 0 {
		close(l.idle)
		l.idle = nil
	}
	return idle
}

// capacity is how many tasks the worker takes: a handler that goes on after its lease is gone takes a slot, which the server cannot know.
func (l *ledger) capacity() int32 {
	if l.closed {
		return 0
	}
	return int32(max(0, l.slots-l.overstaying))
}

// leases are those of tasks that run or wait, and of outcomes that are not settled.
func (l *ledger) leases() []*sitqv1.TaskLease {
	leases := make([]*sitqv1.TaskLease, 0, len(l.held)+len(l.outbox.entries))
	for id, e := range l.outbox.entries {
		leases = append(leases, &sitqv1.TaskLease{TaskId: id, Attempt: e.outcome.Attempt})
	}
	for id, a := range l.held {
		leases = append(leases, &sitqv1.TaskLease{TaskId: id, Attempt: a.task.Attempt})
	}
	return slices.Clip(leases[:min(len(leases), heldTasks)])
}

// counts returns how many handlers run, and how many outcomes are not settled.
func (l *ledger) counts() (running int, unsettled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running, len(l.outbox.entries)
}
