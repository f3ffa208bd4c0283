package sitq

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// The causes for which the context of a handler is cancelled: context.Cause(ctx) is one of them, or wraps it.
var (
	// ErrCancelled: the task, its workflow or its subscription was cancelled.
	ErrCancelled = errors.New("the task was cancelled")
	// ErrAttemptTimeout: the attempt ran longer than its timeout.
	ErrAttemptTimeout = errors.New("the attempt ran longer than its attempt_timeout")
	// ErrLeaseLost: the worker no longer holds the attempt.
	ErrLeaseLost = errors.New("the worker lost the task's lease")
	// ErrWorkerStopping: the worker stops, and its grace is over.
	ErrWorkerStopping = errors.New("the worker is stopping")
)

// errGoexit is a handler that called runtime.Goexit, as t.FailNow does.
var errGoexit = errors.New("the handler ended its goroutine")

// Terminal makes an error after which the task is not tried again, whatever attempts it has left.
func Terminal(err error) error { return &terminalError{orUnsaid(err)} }

// RetryAfter makes an error after which the task is tried again after a delay, instead of by its retry policy.
func RetryAfter(delay time.Duration, err error) error { return &retryError{orUnsaid(err), delay} }

// orUnsaid is an error in place of nil.
func orUnsaid(err error) error {
	if err == nil {
		return errors.New("the handler gave no reason")
	}
	return err
}

// Release makes an error that gives the task back: the attempt does not count. It is offered again after the delay; 0: at once.
func Release(delay time.Duration) error { return &releaseError{delay} }

// isDeliberate reports whether an error says by itself what becomes of the task.
func isDeliberate(err error) bool {
	var terminal *terminalError
	var retry *retryError
	var release *releaseError
	return errors.As(err, &terminal) || errors.As(err, &retry) || errors.As(err, &release)
}

type terminalError struct{ error }

func (e *terminalError) Unwrap() error { return e.error }

type retryError struct {
	error
	delay time.Duration
}

func (e *retryError) Unwrap() error { return e.error }

type releaseError struct{ delay time.Duration }

func (e *releaseError) Error() string { return "the task is given back" }

// completed is the outcome of work that is done.
func completed(result *sitqv1.Payload) *sitqv1.Outcome {
	// In one piece of memory: in three it was a twelfth of the bytes that are allocated for a task.
	var made struct {
		outcome   sitqv1.Outcome
		kind      sitqv1.Outcome_Completed_
		completed sitqv1.Outcome_Completed
	}
	made.completed.Result = result
	made.kind.Completed = &made.completed
	made.outcome.Outcome = &made.kind
	return &made.outcome
}

// released is the outcome of a task that is given back.
func released(delay time.Duration, reason string) *sitqv1.Outcome {
	return &sitqv1.Outcome{Outcome: &sitqv1.Outcome_Released_{Released: &sitqv1.Outcome_Released{Delay: delayOf(delay), Reason: reason}}}
}

// failedForGood is the outcome of an attempt after which no other is to follow.
func failedForGood(message, kind string) *sitqv1.Outcome {
	return failed(&sitqv1.Outcome_Failed{Error: taskError(message, kind, ""), Terminal: true})
}

func failed(outcome *sitqv1.Outcome_Failed) *sitqv1.Outcome {
	return &sitqv1.Outcome{Outcome: &sitqv1.Outcome_Failed_{Failed: outcome}}
}

// outcomeOf is the outcome of an attempt whose handler returned an error.
func outcomeOf(err error) *sitqv1.Outcome {
	var release *releaseError
	if errors.As(err, &release) {
		return released(release.delay, "")
	}
	var terminal *terminalError
	var retry *retryError
	var payload *PayloadError
	var paniced *panicError
	outcome := &sitqv1.Outcome_Failed{}
	switch {
	case errors.As(err, &payload):
		outcome.Error = taskError(payload.Error(), "PAYLOAD_MISMATCH", "")
		outcome.Terminal = true
		return failed(outcome)
	case errors.As(err, &paniced):
		outcome.Error = taskError(paniced.Error(), "panic", paniced.stack)
		return failed(outcome)
	}
	if errors.As(err, &terminal) {
		outcome.Terminal = true
	} else if errors.As(err, &retry) {
		outcome.RetryDelay = durationpb.New(min(max(0, retry.delay), longestRetryDelay))
	}
	outcome.Error = taskError(err.Error(), errorType(err), chain(err))
	return failed(outcome)
}

// errorType is the name of an error for programs: its reason, or the name of its Go type; of an error that only wraps, that of what it
// wraps.
func errorType(err error) string {
	for err != nil {
		var typed interface{ Type() string }
		if own, ok := err.(interface{ Type() string }); ok {
			typed = own
			return typed.Type()
		}
		if failure, ok := err.(*Error); ok && failure.Reason != "" {
			return string(failure.Reason)
		}
		of := reflect.TypeOf(err)
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		inner := unwrapped(err)
		switch {
		case of.PkgPath() == "errors" || of.PkgPath() == "fmt" || of == reflect.TypeFor[terminalError]() || of == reflect.TypeFor[retryError]():
			if inner == nil {
				if errors.Is(err, ErrAttemptTimeout) {
					return "ATTEMPT_TIMEOUT"
				}
				return "Error"
			}
		case of == reflect.TypeOf(context.DeadlineExceeded):
			return "DeadlineExceeded"
		default:
			return of.Name()
		}
		err = inner
	}
	return "Error"
}

// unwrapped is the error that another one wraps: of several, the one that says what becomes of the task, or else the first.
func unwrapped(err error) error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return errors.Unwrap(err)
	}
	inner := several.Unwrap()
	if at := slices.IndexFunc(inner, isDeliberate); at >= 0 {
		return inner[at]
	}
	if len(inner) == 0 {
		return nil
	}
	return inner[0]
}

// chain is what stands in place of a stack: the errors that an error wraps, with their Go types, or what %+v of it prints.
func chain(err error) string {
	if long := fmt.Sprintf("%+v", err); strings.Contains(long, "\n") && long != err.Error() {
		return long
	}
	var lines []string
	for each := err; each != nil && len(lines) < 20; each = unwrapped(each) {
		switch each.(type) {
		case *terminalError, *retryError:
		default:
			lines = append(lines, fmt.Sprintf("%T: %s", each, each))
		}
	}
	return strings.Join(lines, "\n")
}

// taskError cuts the texts, so that no error grows larger than a message; the server cuts them too.
func taskError(message, kind, stack string) *sitqv1.TaskError {
	return &sitqv1.TaskError{
		Message: cut(message, errorMessageBytes), Type: cut(kind, errorTypeBytes), StackTrace: cut(stack, errorStackBytes),
	}
}

// cut returns the beginning of a text in valid UTF-8.
func cut(text string, bytes int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) <= bytes {
		return text
	}
	for bytes > 0 && !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes]
}

func delayOf(delay time.Duration) *durationpb.Duration {
	if delay <= 0 {
		return nil
	}
	return durationpb.New(min(delay, longestRetryDelay))
}

// panicError is a handler that panicked.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprint(e.value) }

// Unwrap returns the value of the panic, if it is an error.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// recovered is the error of a panic, with the stack of the handler.
func recovered(value any) error { return &panicError{value, string(debug.Stack())} }
