package sitq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Every reason of docs/errors.md has its constant with its code, and no other is there.
func TestReasons(t *testing.T) {
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([A-Z_]+) \\|").FindAllStringSubmatch(string(page), -1)
	if len(rows) < 50 {
		t.Fatalf("only %d reasons", len(rows))
	}
	for _, row := range rows {
		code, ok := reasonCodes[Reason(row[1])]
		if name := (&Error{Code: code}).CodeName(); !ok || name != row[2] {
			t.Errorf("%s is %s here, and %s in the page", row[1], name, row[2])
		}
	}
	if len(rows) != len(reasonCodes) {
		t.Errorf("%d reasons here, %d in the page", len(reasonCodes), len(rows))
	}
}

// What docs/errors.md says that SDKs repeat by themselves is repeated, and nothing else.
func TestRetryable(t *testing.T) {
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile("(?s)The SDKs repeat by themselves.*?they throw").FindString(string(page))
	rows := regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([A-Z_]+) \\| .* \\| (yes|wait|later|no) \\| ").FindAllStringSubmatch(string(page), -1)
	if sentence == "" || len(rows) != len(reasonCodes) {
		t.Fatalf("%q, %d reasons", sentence, len(rows))
	}
	for _, row := range rows {
		reason := Reason(row[1])
		// Only streams of workers meet it, and they are opened again whatever ends them.
		isThrown := strings.Contains(sentence, "`"+row[1]+"`") || reason == ErrStreamReplaced
		wanted := (row[3] == "yes" || row[3] == "wait") && !isThrown
		if is := (&Error{Code: reasonCodes[reason], Reason: reason}).retryable(); is != wanted {
			t.Errorf("%s is repeated: %t, the page says %t", reason, is, wanted)
		}
	}
}

func TestErrorDetails(t *testing.T) {
	refused, err := status.New(codes.InvalidArgument, "task.queue: bad").WithDetails(
		&errdetails.ErrorInfo{Reason: "INVALID_FIELD", Domain: "sitq", Metadata: map[string]string{"a": "b"}},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "requests[3].task.queue", Reason: "INVALID_FIELD", Description: "bad"},
			{Field: "requests[3].task.type", Reason: "INVALID_FIELD", Description: "bad too"},
		}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(2 * time.Second)},
	)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := fmt.Errorf("order 7: %w", errorFrom(refused.Err()))
	var failure *Error
	if !errors.As(wrapped, &failure) || !errors.Is(wrapped, ErrInvalidField) || errors.Is(wrapped, ErrQueueFull) {
		t.Fatal(wrapped)
	}
	if failure.RetryDelay != 2*time.Second || failure.Metadata["a"] != "b" || len(failure.Violations) != 2 {
		t.Errorf("%+v", failure)
	}
	if status.Code(wrapped) != codes.InvalidArgument {
		t.Error(status.Code(wrapped))
	}
	item := itemError(refused.Proto())
	if item.Field != "task.queue" || item.Violations[1].Field != "task.type" {
		t.Errorf("%+v", item)
	}
}

type noStock struct{ article string }

func (e *noStock) Error() string { return "no " + e.article }

func TestOutcomeOf(t *testing.T) {
	for _, test := range []struct {
		err      error
		kind     string
		terminal bool
	}{
		{errors.New("no"), "Error", false},
		{fmt.Errorf("while packing: %w", &noStock{"lamp"}), "noStock", false},
		{Terminal(&noStock{"lamp"}), "noStock", true},
		{errors.Join(errors.New("unpacked"), Terminal(&noStock{"lamp"})), "noStock", true},
		{fmt.Errorf("%w, %w", &noStock{"lamp"}, errors.New("unpacked")), "noStock", false},
		{RetryAfter(time.Minute, errors.New("later")), "Error", false},
		{&Error{Code: codes.ResourceExhausted, Reason: ErrQueueFull, Message: "full"}, "QUEUE_FULL", false},
		{&PayloadError{Field: "name", Message: "is required"}, "PAYLOAD_MISMATCH", true},
		{recovered("oh no"), "panic", false},
		{context.DeadlineExceeded, "DeadlineExceeded", false},
	} {
		outcome := outcomeOf(test.err).GetFailed()
		if outcome.GetError().GetType() != test.kind || outcome.GetTerminal() != test.terminal {
			t.Errorf("%v: %v", test.err, outcome)
		}
	}
	if delay := outcomeOf(RetryAfter(time.Minute, errors.New("later"))).GetFailed().RetryDelay.AsDuration(); delay != time.Minute {
		t.Error(delay)
	}
	if outcomeOf(Release(time.Second)).GetReleased() == nil {
		t.Error("it is not released")
	}
	joined := outcomeOf(errors.Join(errors.New("unpacked"), RetryAfter(time.Minute, &noStock{"lamp"}))).GetFailed()
	if joined.Error.Message != "unpacked\nno lamp" || !strings.Contains(joined.Error.StackTrace, "*sitq.noStock: no lamp") || joined.RetryDelay == nil {
		t.Error(joined)
	}
	long := outcomeOf(errors.New(strings.Repeat("ö", 20_000))).GetFailed().Error
	if len(long.Message) > errorMessageBytes || len(long.StackTrace) > errorStackBytes {
		t.Error(len(long.Message), len(long.StackTrace))
	}
	if stack := outcomeOf(recovered("oh no")).GetFailed().Error.StackTrace; !strings.Contains(stack, "errors_test.go") {
		t.Error(stack)
	}
}
