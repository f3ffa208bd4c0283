package sitq

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Task is a task to be enqueued. Queue and Type are required; what is zero is the queue's default.
type Task struct {
	// Queue is the queue that it goes to.
	Queue string
	// Type is what workers route on: "mail.send".
	Type string
	// Payload is any value of [EncodePayload]; nil: nothing.
	Payload any
	// Delay is how long until the first attempt, by the server's clock. Not together with ScheduleTime.
	Delay time.Duration
	// ScheduleTime is when the first attempt may begin.
	ScheduleTime time.Time
	// Priority: the higher goes first, -1000 to 1000.
	Priority int
	// Headers ride along unread.
	Headers map[string]string
	// CorrelationID ties together what belongs together.
	CorrelationID string
	// DeduplicationKey: at most one unfinished task of the queue has it.
	DeduplicationKey string
	// DuplicatePolicy is what a second task with the key gets. Default: the first is returned.
	DuplicatePolicy sitqv1.DuplicatePolicy
	// MaxAttempts is how many attempts it has in all.
	MaxAttempts int
	// Retry is the delay between attempts.
	Retry *RetryPolicy
	// AttemptTimeout is how long one attempt may run.
	AttemptTimeout time.Duration
	// TimeToLive is how long the task may wait to be begun, by the server's clock. Not together with ExpireTime.
	TimeToLive time.Duration
	// ExpireTime: after it the task is not begun any more.
	ExpireTime time.Time
	// Strategy chooses among the queue's workers for this task, over the queue's own strategy.
	Strategy sitqv1.BalancingStrategy
	// WorkerID is the worker that gets its first attempt, if it is there within WorkerWait (30 s).
	WorkerID   string
	WorkerWait time.Duration
	// RequestID makes the enqueue safe to repeat, also by another process. Default: one of the client's own for each enqueue.
	RequestID string
}

// RetryPolicy is the delay between attempts. What is zero is the queue's default.
type RetryPolicy struct {
	// InitialBackoff is the delay after the first failure.
	InitialBackoff time.Duration
	// MaxBackoff is the longest delay.
	MaxBackoff time.Duration
	// Multiplier is the factor from one delay to the next, 1 to 10.
	Multiplier float64
	// Jitter is the share of the delay that is random, 0 to 1.
	Jitter *float64
}

func (p *RetryPolicy) proto() *sitqv1.RetryPolicy {
	if p == nil {
		return nil
	}
	return &sitqv1.RetryPolicy{
		InitialBackoff: span(p.InitialBackoff), MaxBackoff: span(p.MaxBackoff), Multiplier: p.Multiplier, Jitter: p.Jitter,
	}
}

// request makes the request for a task.
func (t Task) request(sourceService string) (*sitqv1.EnqueueRequest, error) {
	payload, err := fieldPayload("task.payload", t.Payload)
	if err != nil {
		return nil, err
	}
	request := &sitqv1.EnqueueRequest{
		Task: &sitqv1.Task{
			Queue: t.Queue, Type: t.Type, Payload: payload, Headers: t.Headers, Priority: int32(t.Priority),
			ScheduleTime: timestamp(t.ScheduleTime), MaxAttempts: int32(t.MaxAttempts), RetryPolicy: t.Retry.proto(),
			AttemptTimeout: span(t.AttemptTimeout), ExpireTime: timestamp(t.ExpireTime), CorrelationId: t.CorrelationID,
			SourceService: sourceService, DeduplicationKey: t.DeduplicationKey, Delay: span(t.Delay), TimeToLive: span(t.TimeToLive),
		},
		RequestId: t.RequestID, DuplicatePolicy: t.DuplicatePolicy,
	}
	if request.DuplicatePolicy == sitqv1.DuplicatePolicy_DUPLICATE_POLICY_UNSPECIFIED {
		request.DuplicatePolicy = sitqv1.DuplicatePolicy_DUPLICATE_POLICY_RETURN_EXISTING
	}
	if request.RequestId == "" {
		request.RequestId = newRequestID()
	}
	if t.Strategy != 0 || t.WorkerID != "" {
		request.Dispatch = &sitqv1.Dispatch{Strategy: t.Strategy, WorkerId: t.WorkerID, WorkerWait: span(t.WorkerWait)}
	}
	return request, nil
}

// span is a duration of the contract; zero: unset.
func span(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

// timestamp is a time of the contract; zero: unset.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// newID makes a random id.
func newID() string {
	var random [16]byte
	rand.Read(random[:]) // It never fails.
	return hex.EncodeToString(random[:])
}

// generatedName makes a name that no other process has: of a service or the host, the process and a random part.
func generatedName(service string) string {
	name := service
	if name == "" {
		host, _ := os.Hostname()
		name = host
	}
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)) {
			return r
		}
		return '-'
	}, name)
	return name[:min(len(name), 60)] + "-" + strconv.Itoa(os.Getpid()) + "-" + newID()[:8]
}

// newRequestID makes an id of a request: when the process began, a random part, and a counter. They sort by the time they were made, so that
// the server's index of them grows at its end: random ones cost it twice as much processor time an enqueue.
var newRequestID = requestIDs(time.Now())

func requestIDs(now time.Time) func() string {
	var random [6]byte
	rand.Read(random[:]) // It never fails.
	prefix := padded(uint64(now.UnixMilli()), 9) + "-" + base64.RawURLEncoding.EncodeToString(random[:])
	var count atomic.Uint64
	return func() string { return prefix + padded(count.Add(1)-1, 6) }
}

// padded writes a number in base 36 with a width.
func padded(number uint64, width int) string {
	digits := strconv.FormatUint(number, 36)
	return strings.Repeat("0", max(0, width-len(digits))) + digits
}
