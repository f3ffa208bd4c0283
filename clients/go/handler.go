package sitq

import (
	"context"
	"fmt"
	"time"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// handlerFunc runs one attempt and makes its outcome.
type handlerFunc func(ctx context.Context, payload *sitqv1.Payload) (*sitqv1.Payload, error)

// Handle sets the handler of a task type. It panics if the type has one already, or the worker runs.
//
// In and Out are any types of [DecodePayload] and [EncodePayload]: structs as JSON, []byte, Protobuf messages, struct{} for nothing. A
// payload that In cannot hold fails its task for good and names the field.
//
// The context is cancelled when the worker no longer holds the attempt; context.Cause(ctx) says why. Its slot is free only when the
// handler returns. An error fails the attempt, which is retried by the task's policy; [Terminal], [RetryAfter] and [Release] say
// otherwise. A panic is an error.
func Handle[In, Out any](w *Worker, taskType string, handler func(ctx context.Context, in In) (Out, error)) {
	w.handle(taskType, typed(handler))
}

// HandleOther sets the handler of all types that have none. Without one, the worker is not offered other types. [CurrentTask] has the
// type.
func HandleOther[In, Out any](w *Worker, handler func(ctx context.Context, in In) (Out, error)) {
	w.handle("", typed(handler))
}

func typed[In, Out any](handler func(context.Context, In) (Out, error)) handlerFunc {
	return func(ctx context.Context, payload *sitqv1.Payload) (*sitqv1.Payload, error) {
		in, err := DecodePayload[In](payload)
		if err != nil {
			return nil, err
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, err
		}
		if _, isNothing := any(out).(struct{}); isNothing {
			return nothing, nil
		}
		result, err := EncodePayload(out)
		if err != nil {
			return nil, &resultError{err}
		}
		return result, nil
	}
}

// nothing is the result of handlers that return struct{}: one for all.
var nothing = &sitqv1.Payload{}

// resultError is a result that cannot be encoded: the same would come of every other attempt.
type resultError struct{ error }

// CurrentTask returns the task that a handler runs; nil outside of handlers. Its Event is the event of a delivery, its Origin the step
// of a workflow, its Results those of earlier steps.
func CurrentTask(ctx context.Context) *sitqv1.Task {
	if a := attemptOf(ctx); a != nil {
		return a.task
	}
	return nil
}

// StepResult returns the result of an earlier step of the workflow of which a handler runs a step.
func StepResult[Out any](ctx context.Context, stepID string) (Out, error) {
	payload, ok := CurrentTask(ctx).GetResults()[stepID]
	if !ok {
		var none Out
		return none, fmt.Errorf("sitq: the step %s has no result here", stepID)
	}
	return DecodePayload[Out](payload)
}

// Progress reports how far a handler is: done of total, and what it does. The first report is sent at once, later ones at most once a
// second. Outside of handlers it does nothing.
func Progress(ctx context.Context, done, total float64, message string) {
	if a := attemptOf(ctx); a != nil {
		fraction := 0.0
		if total > 0 {
			fraction = min(max(0, done/total), 1)
		}
		if fraction != fraction { // NaN
			fraction = 0
		}
		a.worker.ledger.report(a, fraction, cut(message, progressBytes))
	}
}

// attempt is one attempt in the worker's hands. Its fields are guarded by the worker's ledger.
type attempt struct {
	worker    *Worker
	task      *sitqv1.Task
	payload   *sitqv1.Payload
	ctx       context.Context
	cancel    context.CancelCauseFunc
	stopTimer context.CancelFunc // nil: there is no timeout
	isHeld    bool
	isRunning bool
	span      Processing // nil: it is not traced, or has not begun
}

// progressNote is what the handler last said of how far it is.
type progressNote struct {
	fraction float64
	message  string
	isDue    bool
	sent     time.Time
}

type attemptKey struct{}

// attemptContext carries an attempt without the cost of another layer.
type attemptContext struct {
	context.Context
	attempt *attempt
}

func (c *attemptContext) Value(key any) any {
	if _, ok := key.(attemptKey); ok {
		return c.attempt
	}
	return c.Context.Value(key)
}

func attemptOf(ctx context.Context) *attempt {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	return a
}

func newAttempt(base context.Context, w *Worker, task *sitqv1.Task) *attempt {
	a := &attempt{worker: w, task: task, payload: task.Payload, isHeld: true}
	// What was received with the task need not stay in memory while the handler runs.
	task.Payload = nil
	ctx, cancel := context.WithCancelCause(&attemptContext{base, a})
	a.ctx, a.cancel = ctx, cancel
	if limit := task.GetAttemptTimeout().AsDuration(); limit > 0 {
		a.ctx, a.stopTimer = context.WithTimeoutCause(ctx, limit, ErrAttemptTimeout)
	}
	return a
}

// finish frees what the context holds.
func (a *attempt) finish() {
	if a.stopTimer != nil {
		a.stopTimer()
	}
	a.cancel(nil)
}
