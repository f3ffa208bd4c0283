package sitq

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Start is a place among the events to begin at. Use [FromNow], [FromEarliest], [FromTime] or [FromPosition].
type Start struct{ start *sitqv1.EventStart }

// FromNow begins behind the newest event.
func FromNow() Start { return Start{&sitqv1.EventStart{Start: &sitqv1.EventStart_Now{Now: true}}} }

// FromEarliest begins at the oldest event that is kept.
func FromEarliest() Start {
	return Start{&sitqv1.EventStart{Start: &sitqv1.EventStart_Earliest{Earliest: true}}}
}

// FromTime begins at the first event that was stored at the time or later.
func FromTime(t time.Time) Start {
	return Start{&sitqv1.EventStart{Start: &sitqv1.EventStart_Time{Time: timestamp(t)}}}
}

// FromPosition begins behind the event with the position.
func FromPosition(position string) Start {
	return Start{&sitqv1.EventStart{Start: &sitqv1.EventStart_Position{Position: position}}}
}

// Filter selects events, beside their types. Every field that is set must match.
type Filter struct {
	// Source is the exact source.
	Source string
	// Subject is the exact subject.
	Subject string
	// CorrelationID is the exact correlation id.
	CorrelationID string
	// Attributes are what the event has, numbers and booleans as text.
	Attributes map[string]string
}

func (f Filter) proto(types []string) *sitqv1.EventFilter {
	return &sitqv1.EventFilter{
		Types: types, SourceService: f.Source, Subject: f.Subject, CorrelationId: f.CorrelationID, Attributes: f.Attributes,
	}
}

// Subscription is a durable subscription: its events wait while no worker is there. Name, Types and From are required.
type Subscription struct {
	// Name is its name; also its queue's name, unless Queue is set.
	Name string
	// Types are the types of events, or patterns of them: "order.created", "order.*", "**".
	Types []string
	// From is where a subscription that is not there yet begins.
	From Start
	// Filter narrows it.
	Filter Filter
	// Queue is the queue of its deliveries. Default: Name.
	Queue string
	// OrderingKey keeps the events of one key in their order: "subject", "attributes.customer".
	OrderingKey string
	// MaxAttempts is how many attempts a delivery has.
	MaxAttempts int
	// Retry is the delay between attempts.
	Retry *RetryPolicy
	// AttemptTimeout is how long one attempt may run.
	AttemptTimeout time.Duration
}

func (s Subscription) proto() *sitqv1.Subscription {
	return &sitqv1.Subscription{
		Name: s.Name, Filter: s.Filter.proto(s.Types), Queue: s.queue(), OrderingKey: s.OrderingKey, MaxAttempts: int32(s.MaxAttempts),
		RetryPolicy: s.Retry.proto(), AttemptTimeout: span(s.AttemptTimeout),
	}
}

func (s Subscription) queue() string {
	if s.Queue != "" {
		return s.Queue
	}
	return s.Name
}

// Subscribe creates a durable subscription, unless it is there, and reports whether it did. [On] does so for a worker.
func (c *Client) Subscribe(ctx context.Context, subscription Subscription) (created bool, err error) {
	if subscription.From.start == nil {
		return false, invalid("start", "is required: FromNow, FromEarliest, FromTime or FromPosition")
	}
	request := &sitqv1.CreateSubscriptionRequest{Subscription: subscription.proto(), Start: subscription.From.start}
	answer, err := retry(ctx, c, "the subscription "+subscription.Name, 0,
		func(ctx context.Context) (*sitqv1.CreateSubscriptionResponse, error) {
			return c.EventService().CreateSubscription(ctx, request)
		})
	return answer.GetCreated(), err
}

// subscribed is a subscription whose deliveries a worker handles.
type subscribed struct {
	subscription Subscription
	handler      handlerFunc
}

// On sets the handler of a subscription's deliveries: Run creates the subscription, unless it is there, and works on its queue too. The
// event is CurrentTask(ctx).Event, In the type of its data. What the handler returns is in the delivery report.
//
// With a pattern among its types the worker is offered all types of its queues: give it a worker of its own, where a queue has others.
func On[In, Out any](w *Worker, subscription Subscription, handler func(ctx context.Context, in In) (Out, error)) {
	if w.isStarted.Load() {
		panic("sitq: the worker runs; set its handlers before")
	}
	w.deliveries = append(w.deliveries, &subscribed{subscription, typed(handler)})
}

// subscribe creates the worker's subscriptions, and adds their queues.
func (w *Worker) subscribe(ctx context.Context) error {
	for _, each := range w.deliveries {
		if _, err := w.client.Subscribe(ctx, each.subscription); err != nil {
			return err
		}
		queue := each.subscription.queue()
		if !slices.Contains(w.config.Queues, queue) {
			w.config.Queues = append(w.config.Queues, queue)
		}
	}
	return nil
}

func isPattern(eventType string) bool { return strings.Contains(eventType, "*") }
