package sitq

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Event is an event to be published. Type is required.
type Event struct {
	// Type is what happened: "order.created".
	Type string
	// Data is any value of [EncodePayload]; nil: nothing.
	Data any
	// ID makes the publication safe to repeat, also by another process. Default: one of the client's own.
	ID string
	// Source is the service that publishes it. Default: the client's.
	Source string
	// Subject is what the event is about: an order's number.
	Subject string
	// Time is when it happened. Default: when it is stored.
	Time time.Time
	// CorrelationID ties together what belongs together.
	CorrelationID string
	// CausationID is the id of the event, task or workflow that caused it.
	CausationID string
	// Attributes are strings, booleans and whole numbers of 32 bits: the extension attributes of CloudEvents.
	Attributes map[string]any
}

// CausedBy returns the event with the correlation id of a task, and the task as its cause.
func (e Event) CausedBy(task *sitqv1.Task) Event {
	e.CorrelationID = task.GetCorrelationId()
	e.CausationID = task.GetId()
	return e
}

func (e Event) request(service string) (*sitqv1.PublishRequest, error) {
	data, err := fieldPayload("event.data", e.Data)
	if err != nil {
		return nil, err
	}
	event := &sitqv1.Event{
		Id: e.ID, Type: e.Type, SourceService: e.Source, Subject: e.Subject, Time: timestamp(e.Time), Data: data,
		CorrelationId: e.CorrelationID, CausationId: e.CausationID,
	}
	if event.Id == "" {
		event.Id = newRequestID()
	}
	if event.SourceService == "" {
		event.SourceService = service
	}
	for key, value := range e.Attributes {
		attribute, err := structpb.NewValue(value)
		if err != nil {
			return nil, invalid("event.attributes."+key, err.Error())
		}
		if event.Attributes == nil {
			event.Attributes = map[string]*structpb.Value{}
		}
		event.Attributes[key] = attribute
	}
	return &sitqv1.PublishRequest{Event: event}, nil
}

// Published is an event that is on the server's disk, with a delivery for each subscription that matches.
type Published struct {
	// ID is the event's id.
	ID string
	// Source is the service that published it.
	Source string
	// Position is its place among all events.
	Position string
	// Created: this call stored it. False: the source had published it before.
	Created bool
	// DeliveredTo is how many subscriptions matched when it was stored.
	DeliveredTo int
}

// Publish stores an event, and returns once it is on the server's disk. Calls of several goroutines share a batch on the wire; each
// gets its own answer. A call whose answer is lost is repeated with the same id: no second event is made.
func (c *Client) Publish(ctx context.Context, event Event) (answer Published, err error) {
	request, err := event.request(c.service)
	if err != nil {
		return Published{}, err
	}
	if c.tracing != nil {
		span := c.startSend(ctx, event.message)
		addEventTrace(request.Event, span.Headers(0))
		defer func() { endSend(span, answer.ID, err) }()
	}
	result, err := c.publications.add(ctx, request)
	if err != nil {
		return Published{}, err
	}
	return published(result, event)
}

// PublishResult is the answer to one event of a batch: the event, or why it was refused.
type PublishResult struct {
	Published
	// Err is nil if the event is stored.
	Err error
}

// PublishAll stores events in one batch: at most 1000, and 3 MiB in all. It returns a result for each, in order; a refused one does not
// refuse the others.
func (c *Client) PublishAll(ctx context.Context, events []Event) (results []PublishResult, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	spans := startSendAll(ctx, c, events)
	defer func() { spans.End(err) }()
	requests := make([]*sitqv1.PublishRequest, len(events))
	bytes := 0
	for i, event := range events {
		request, err := event.request(c.service)
		if err != nil {
			failure := *errorFrom(err)
			failure.Field = fmt.Sprintf("requests[%d].%s", i, failure.Field)
			return nil, &failure
		}
		addEventTrace(request.Event, spans.Headers(i))
		requests[i] = request
		bytes += proto.Size(request)
	}
	if len(events) > batchSize || bytes > messageBytes {
		return nil, invalid("requests", fmt.Sprintf("%d events of %d bytes; at most %d of %d bytes fit", len(events), bytes, batchSize, messageBytes))
	}
	answers, err := c.publications.sendAll(ctx, requests, false, time.Time{})
	if err != nil {
		return nil, err
	}
	results = make([]PublishResult, len(events))
	for i := range results {
		if i < len(answers) {
			results[i].Published, results[i].Err = published(answers[i], events[i])
		} else {
			results[i].Err = &Error{Code: codes.Internal, Message: "the server did not answer for this event"}
		}
		spans.Answered(i, results[i].ID, results[i].Err)
	}
	return results, nil
}

// published reads a result. A generated id is unique: a repeat that finds the event reports the first try.
func published(result *sitqv1.PublishResult, event Event) (Published, error) {
	if result.GetError() != nil {
		return Published{}, itemError(result.Error)
	}
	stored := result.GetEvent()
	return Published{
		ID: stored.GetId(), Source: stored.GetSourceService(), Position: stored.GetPosition(),
		Created: result.GetCreated() || event.ID == "", DeliveredTo: int(result.GetDeliveredTo()),
	}, nil
}

func (c *Client) sendEvents(ctx context.Context, items []*sitqv1.PublishRequest, _ bool) ([]*sitqv1.PublishResult, error) {
	ctx, cancel := context.WithTimeout(ctx, c.callTimeout)
	defer cancel()
	answer, err := c.EventService().PublishBatch(ctx, &sitqv1.PublishBatchRequest{Requests: items})
	return answer.GetResults(), err
}

// AwaitDelivery waits until every delivery of an event is finished, successful or not, through restarts of the server, and returns the
// report. source may be empty if only one service has published the id.
func (c *Client) AwaitDelivery(ctx context.Context, eventID, source string) (*sitqv1.GetEventResponse, error) {
	for {
		request := &sitqv1.GetEventRequest{EventId: eventID, SourceService: source}
		report, err := retry(ctx, c, "the wait for the event "+eventID, 0, func(ctx context.Context) (*sitqv1.GetEventResponse, error) {
			return c.EventService().GetEvent(ctx, request)
		})
		if err != nil {
			return nil, err
		}
		open := ""
		for _, each := range report.Deliveries {
			if !isFinished(each.State) {
				open = each.TaskId
				break
			}
		}
		if open == "" {
			return report, nil
		}
		if _, err := c.AwaitTask(ctx, open); err != nil && errorFrom(err).Reason != ErrTaskNotFound {
			return nil, err
		}
	}
}
