package sitq

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Enqueued is a task that is on the server's disk.
type Enqueued struct {
	// ID is the task's id.
	ID string
	// RequestID is the id of the request that made it.
	RequestID string
	// Created: this call made it. False: there was one already, with the same request id or deduplication key.
	Created bool
}

// Enqueue stores a task, and returns once it is on the server's disk. Calls of several goroutines share a batch on the wire; each gets
// its own answer. A call whose answer is lost is repeated with the same request id: no second task is made.
//
// When the context is done before, the task may be stored all the same.
func (c *Client) Enqueue(ctx context.Context, task Task) (answer Enqueued, err error) {
	request, err := task.request(c.service)
	if err != nil {
		return Enqueued{}, err
	}
	if c.tracing != nil {
		span := c.startSend(ctx, task.message)
		request.Task.Headers = addTrace(task.Headers, span.Headers(0))
		defer func() { endSend(span, answer.ID, err) }()
	}
	result, err := c.enqueues.add(ctx, request)
	if err != nil {
		return Enqueued{}, err
	}
	return enqueued(result, task, request)
}

// EnqueueResult is the answer to one task of a batch: the task, or why it was refused.
type EnqueueResult struct {
	Enqueued
	// Err is nil if the task is stored.
	Err error
}

// EnqueueAll stores tasks in one batch: at most 1000, and 3 MiB in all. It returns a result for each, in order; a refused one does not
// refuse the others. A batch that is too large for the server is stored in parts.
func (c *Client) EnqueueAll(ctx context.Context, tasks []Task) ([]EnqueueResult, error) {
	return c.enqueueBatch(ctx, tasks, false)
}

// EnqueueAtomic stores all of the tasks or none: at most 1000, and 3 MiB in all. If one is refused, each has an error, those that were
// refused only because of another with [ErrBatchRefused].
func (c *Client) EnqueueAtomic(ctx context.Context, tasks []Task) ([]EnqueueResult, error) {
	return c.enqueueBatch(ctx, tasks, true)
}

func (c *Client) enqueueBatch(ctx context.Context, tasks []Task, atomic bool) (results []EnqueueResult, err error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	spans := startSendAll(ctx, c, tasks)
	defer func() { spans.End(err) }()
	requests := make([]*sitqv1.EnqueueRequest, len(tasks))
	bytes := 0
	for i, task := range tasks {
		request, err := task.request(c.service)
		if err != nil {
			failure := *errorFrom(err)
			failure.Field = fmt.Sprintf("requests[%d].%s", i, failure.Field)
			return nil, &failure
		}
		request.Task.Headers = addTrace(request.Task.Headers, spans.Headers(i))
		requests[i] = request
		bytes += proto.Size(request)
	}
	if len(tasks) > batchSize || bytes > messageBytes {
		return nil, invalid("requests", fmt.Sprintf("%d tasks of %d bytes; at most %d of %d bytes fit", len(tasks), bytes, batchSize, messageBytes))
	}
	answers, err := c.enqueues.sendAll(ctx, requests, atomic, time.Time{})
	if err != nil {
		return nil, err
	}
	results = make([]EnqueueResult, len(tasks))
	for i := range tasks {
		if i < len(answers) {
			results[i].Enqueued, results[i].Err = enqueued(answers[i], tasks[i], requests[i])
		} else {
			results[i].Err = &Error{Code: codes.Internal, Message: "the server did not answer for this task"}
		}
		spans.Answered(i, results[i].ID, results[i].Err)
	}
	return results, nil
}

// enqueued reads a result. A generated request id is unique: a repeat that finds the task reports the first try.
func enqueued(result *sitqv1.EnqueueStreamResult, task Task, request *sitqv1.EnqueueRequest) (Enqueued, error) {
	if result.GetError() != nil {
		return Enqueued{}, itemError(result.Error)
	}
	// By the task's own: a deduplication key can match another producer's task.
	isOwn := task.RequestID == "" && result.GetRequestId() == request.RequestId
	return Enqueued{ID: result.GetTaskId(), RequestID: request.RequestId, Created: result.GetCreated() || isOwn}, nil
}

func (c *Client) sendTasks(ctx context.Context, items []*sitqv1.EnqueueRequest, atomic bool) ([]*sitqv1.EnqueueStreamResult, error) {
	return c.stream.send(ctx, items, atomic)
}
