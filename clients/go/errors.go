package sitq

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a call, or one item of a batch, that did not succeed.
type Error struct {
	// Code is the canonical gRPC code.
	Code codes.Code
	// Reason is the stable cause. Empty: no sitq server answered.
	Reason Reason
	// Message is the text of the server.
	Message string
	// Field is the path of the field at fault: "task.queue". Empty: none was named.
	Field string
	// Violations are all fields at fault, Field's first.
	Violations []FieldViolation
	// Metadata are facts for programs.
	Metadata map[string]string
	// RetryDelay is when trying again may help, as the server said. 0: it did not say.
	RetryDelay time.Duration

	cause error
	// The server refused the token, and the next call carries another one.
	renewsToken bool
	// The connection took no further call, or not such headers.
	hadNoRoom bool
}

// FieldViolation is one field at fault.
type FieldViolation struct {
	// Field is its path: "requests[3].task.queue".
	Field string
	// Reason is the reason of this field.
	Reason Reason
	// Message says what is wrong.
	Message string
}

// Error returns the text with the reason or the code.
func (e *Error) Error() string {
	name := string(e.Reason)
	if name == "" {
		name = e.Code.String()
	}
	return fmt.Sprintf("sitq: %s (%s)", e.Message, name)
}

// Is reports whether the target is the error's reason.
func (e *Error) Is(target error) bool {
	reason, ok := target.(Reason)
	return ok && reason == e.Reason
}

// Unwrap returns what gRPC or the context said.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus makes status.Code and status.FromError of gRPC work.
func (e *Error) GRPCStatus() *status.Status {
	var carried interface{ GRPCStatus() *status.Status }
	if errors.As(e.cause, &carried) {
		return carried.GRPCStatus()
	}
	return status.New(e.Code, e.Message)
}

// maxBytes is what the server takes in one message. known is false unless the error says that a message was too large;
// 0: it did not say how much.
func (e *Error) tooLarge() (maxBytes int, known bool) {
	// A refusal without a reason is gRPC's own.
	if e.Code != codes.ResourceExhausted || (e.Reason != "" && e.Reason != ErrMessageTooLarge) {
		return 0, false
	}
	maxBytes, _ = strconv.Atoi(e.Metadata["max_bytes"])
	return max(0, maxBytes), true
}

// isUnsent reports whether gRPC could not encode a message; it ends the stream then.
func (e *Error) isUnsent() bool {
	return e.Code == codes.Internal && e.Reason == "" && strings.Contains(e.Message, "error while marshaling")
}

// passing are refusals that end by themselves, soon. Others last as long as their cause does, as a full queue: the caller decides.
var passing = map[Reason]bool{
	ErrOverloaded:             true,
	ErrTooManyConnections:     true,
	ErrTooManyFailedSignIns:   true,
	ErrTooManyIdleMessages:    true,
	ErrTooManyUnfinishedBytes: true,
	ErrTooManyWatchers:        true,
	ErrWatchTooSlow:           true,
}

// retryable reports whether the failure does not depend on the request: the server was not reached, is stopping, has too much
// to do, or its answer was lost; or it refused a token that is replaced.
func (e *Error) retryable() bool {
	return e.Code == codes.Unavailable || e.Code == codes.DeadlineExceeded || passing[e.Reason] || e.renewsToken
}

// denied reports whether the server refuses the caller's credentials or rights.
func (e *Error) denied() bool {
	return !e.renewsToken && (e.Code == codes.Unauthenticated || e.Code == codes.PermissionDenied)
}

// errorFrom makes an Error of what gRPC returned.
func errorFrom(err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: codes.DeadlineExceeded, Message: err.Error(), cause: err}
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Code: codes.Canceled, Message: err.Error(), cause: err}
	}
	failure, ok := status.FromError(err)
	if !ok {
		return &Error{Code: codes.Unknown, Message: err.Error(), cause: err}
	}
	made := errorFromStatus(failure.Proto())
	made.cause = err
	return made
}

// errorFromStatus makes an Error of a status, as it stands in an item of a batch.
func errorFromStatus(failure *rpcstatus.Status) *Error {
	made := &Error{Code: codes.Code(failure.GetCode()), Message: failure.GetMessage()}
	for _, detail := range failure.GetDetails() {
		message, err := detail.UnmarshalNew()
		if err != nil {
			continue // Details of a newer server: the code and the text stand without them.
		}
		switch detail := message.(type) {
		case *errdetails.ErrorInfo:
			made.Reason = Reason(detail.GetReason())
			made.Metadata = detail.GetMetadata()
		case *errdetails.BadRequest:
			for _, each := range detail.GetFieldViolations() {
				made.Violations = append(made.Violations, FieldViolation{
					Field: each.GetField(), Reason: Reason(each.GetReason()), Message: each.GetDescription(),
				})
			}
		case *errdetails.RetryInfo:
			made.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	if len(made.Violations) > 0 {
		made.Field = made.Violations[0].Field
	}
	return made
}

// itemError is the error of one item of a batch, whose paths begin with the item's place: they are the same as if it had come alone.
func itemError(failure *rpcstatus.Status) *Error {
	made := errorFromStatus(failure)
	made.Field = withoutPlace(made.Field)
	for i := range made.Violations {
		made.Violations[i].Field = withoutPlace(made.Violations[i].Field)
	}
	return made
}

func invalid(field, text string) *Error {
	return &Error{
		Code: codes.InvalidArgument, Reason: ErrInvalidField, Field: field, Message: field + ": " + text,
		Violations: []FieldViolation{{Field: field, Reason: ErrInvalidField, Message: text}},
	}
}

// ended is the error of a call whose context is done.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	code := codes.Canceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		code = codes.DeadlineExceeded
	}
	if !errors.Is(cause, ctx.Err()) {
		cause = errors.Join(ctx.Err(), cause)
	}
	return &Error{Code: code, Message: cause.Error(), cause: cause}
}

var place = regexp.MustCompile(`^requests\[\d+\](\.|$)`)

func withoutPlace(field string) string { return place.ReplaceAllString(field, "") }

// CodeName returns the canonical name of the code: "INVALID_ARGUMENT".
func (e *Error) CodeName() string { return code.Code(e.Code).String() }
