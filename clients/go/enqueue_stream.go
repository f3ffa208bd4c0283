package sitq

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// A stream of enqueues that was not used for so long is closed.
const idleStream = 5 * time.Second

// enqueueStream sends batches of tasks over one stream that is open while it is used, at a fraction of what a call for each costs.
//
// A batch that some server may refuse as too large has a call of its own: on the stream it would end all others with it. So has every
// batch if the server does not know the stream.
type enqueueStream struct {
	client *Client

	mu        sync.Mutex
	open      *openStream
	isUnknown bool
}

// send sends a batch once and returns its results, in order.
func (s *enqueueStream) send(ctx context.Context, items []*sitqv1.EnqueueRequest, atomic bool) ([]*sitqv1.EnqueueStreamResult, error) {
	request := &sitqv1.EnqueueStreamRequest{Requests: items, Atomic: atomic}
	s.mu.Lock()
	isApart := s.isUnknown
	s.mu.Unlock()
	if isApart || proto.Size(request) > leastMessageBytes+batchSize*4 {
		return s.sendApart(ctx, items, atomic)
	}
	results, err := s.sendOver(ctx, request)
	if err == nil || errorFrom(err).Code != codes.Unimplemented {
		return results, err
	}
	s.mu.Lock()
	s.isUnknown = true
	s.mu.Unlock()
	return s.sendApart(ctx, items, atomic)
}

func (s *enqueueStream) sendApart(ctx context.Context, items []*sitqv1.EnqueueRequest, atomic bool) ([]*sitqv1.EnqueueStreamResult, error) {
	ctx, cancel := context.WithTimeout(ctx, s.client.callTimeout)
	defer cancel()
	answer, err := s.client.QueueService().EnqueueBatch(ctx, &sitqv1.EnqueueBatchRequest{Requests: items, Atomic: atomic})
	if err != nil {
		return nil, err
	}
	results := make([]*sitqv1.EnqueueStreamResult, len(answer.Results))
	for i, each := range answer.Results {
		results[i] = &sitqv1.EnqueueStreamResult{
			TaskId: each.GetTask().GetId(), RequestId: each.GetTask().GetRequestId(), Created: each.Created, Error: each.Error,
		}
	}
	return results, nil
}

func (s *enqueueStream) sendOver(ctx context.Context, request *sitqv1.EnqueueStreamRequest) ([]*sitqv1.EnqueueStreamResult, error) {
	entry := &unanswered{done: make(chan struct{})}
	for {
		open, err := s.opened()
		if err != nil {
			return nil, err
		}
		if open.send(request, entry) {
			break
		}
		s.forget(open) // It ended meanwhile.
		if failure := open.failure(); failure != nil && failure.hadNoRoom {
			return nil, failure // The next one may end in the same way, and so on.
		}
	}
	select {
	case <-entry.done:
		return entry.results, entry.err
	case <-ctx.Done():
		return nil, ended(ctx)
	}
}

func (s *enqueueStream) opened() (*openStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil && s.open.stay == s.client.servers.current() {
		return s.open, nil
	}
	if left := s.open; left != nil {
		go left.end() // Its server answers what it was sent.
		s.open = nil
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	stream, err := s.client.QueueService().EnqueueStream(ctx)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	open := &openStream{owner: s, stream: stream, stay: stayOf(stream.Context()), cancel: cancel, silence: s.client.callTimeout}
	open.timer = time.AfterFunc(idleStream, open.look)
	s.open = open
	go open.read()
	return open, nil
}

func (s *enqueueStream) forget(open *openStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == open {
		s.open = nil
	}
}

// close ends the stream once its batches are answered.
func (s *enqueueStream) close() {
	s.mu.Lock()
	open := s.open
	s.open = nil
	s.mu.Unlock()
	if open != nil {
		open.end()
	}
}

// unanswered is a batch that was sent.
type unanswered struct {
	done    chan struct{}
	results []*sitqv1.EnqueueStreamResult
	err     error
}

// openStream is one stream, from its opening to its end.
type openStream struct {
	owner   *enqueueStream
	stream  grpc.BidiStreamingClient[sitqv1.EnqueueStreamRequest, sitqv1.EnqueueStreamResponse]
	stay    *stay // the server that it is open to
	cancel  context.CancelCauseFunc
	silence time.Duration

	// sending is held while a message is sent, so that the batches wait in the order in which they were sent.
	sending sync.Mutex
	mu      sync.Mutex
	waiting []*unanswered
	heard   time.Time // when the last answer came, or something was sent while nothing was unanswered
	timer   *time.Timer
	over    bool
	why     *Error // nil: it has not ended, or as it is not used any more
}

// send sends a batch; false: the stream is over.
func (o *openStream) send(request *sitqv1.EnqueueStreamRequest, entry *unanswered) bool {
	o.sending.Lock()
	defer o.sending.Unlock()
	o.mu.Lock()
	if o.over {
		o.mu.Unlock()
		return false
	}
	if len(o.waiting) == 0 {
		o.heard = time.Now()
		o.timer.Reset(o.silence)
	}
	o.waiting = append(o.waiting, entry)
	o.mu.Unlock()
	// An error ends the reading too, which answers the entry.
	_ = o.stream.Send(request)
	return true
}

func (o *openStream) end() {
	o.sending.Lock()
	defer o.sending.Unlock()
	_ = o.stream.CloseSend()
}

func (o *openStream) read() {
	for {
		response, err := o.stream.Recv()
		if err != nil {
			o.ended(err)
			return
		}
		o.mu.Lock()
		var first *unanswered
		if len(o.waiting) > 0 {
			first = o.waiting[0]
			o.waiting = o.waiting[1:]
		}
		o.heard = time.Now()
		o.mu.Unlock()
		if first == nil {
			continue
		}
		if response.Error != nil {
			failure := errorFromStatus(response.Error)
			o.owner.client.servers.leave(o.stay, failure)
			first.err = failure
		} else {
			first.results = response.Results
		}
		close(first.done)
	}
}

// look ends a stream that is not used any more, or that the server does not answer on.
func (o *openStream) look() {
	o.mu.Lock()
	limit := idleStream
	if len(o.waiting) > 0 {
		limit = o.silence
	}
	left := time.Until(o.heard.Add(limit))
	isUnused := left <= 0 && len(o.waiting) == 0
	switch {
	case o.over:
	case left > 0:
		o.timer.Reset(left)
	case isUnused:
		o.over = true
	default:
		o.cancel(&Error{Code: codes.DeadlineExceeded, Message: "the server does not answer"})
	}
	o.mu.Unlock()
	if isUnused {
		o.owner.forget(o)
		o.end()
	}
}

// ended answers what was not answered.
func (o *openStream) ended(err error) {
	o.owner.forget(o)
	failure := errorFrom(err)
	var own *Error
	if cause := context.Cause(o.stream.Context()); cause != nil && errors.As(cause, &own) {
		failure = own
	} else if failure.Code == codes.Canceled || failure.Code == codes.Unknown && failure.Reason == "" {
		// The server ended it in order, or a proxy did.
		failure = &Error{Code: codes.Unavailable, Message: "the stream has ended", cause: err}
	}
	o.mu.Lock()
	o.over, o.why = true, failure
	o.timer.Stop()
	waiting := o.waiting
	o.waiting = nil
	o.mu.Unlock()
	for _, each := range waiting {
		each.err = failure
		close(each.done)
	}
	o.cancel(nil)
}

func (o *openStream) failure() *Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.why
}
