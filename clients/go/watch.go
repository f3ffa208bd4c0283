package sitq

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// reconnection says how a stream is opened again whenever it breaks.
type reconnection struct {
	name string
	// isFinal reports whether no reconnect can mend an error.
	isFinal func(*Error) bool
	// limit is how long the server may be out of reach; 0: without a limit.
	limit time.Duration
	// endsWell: the stream ends in order when there is nothing more. Otherwise such an end is a broken stream.
	endsWell bool
	cap      time.Duration
}

// messageStream is what of a stream is read.
type messageStream[M any] interface{ Recv() (M, error) }

// reconnecting calls back with the messages of a stream, which is opened again whenever it breaks, after a delay, or at once at another
// server, until the callback returns false, the stream ends in order, or the context is done. It returns what no reconnect can mend, and the error of the context.
func reconnecting[M any, S messageStream[M]](
	ctx context.Context, c *Client, with reconnection, open func(context.Context) (S, error), each func(M) bool,
) error {
	delays := newPauses(with.cap)
	attempt := c.outages.follow(with.name)
	var until time.Time
	for ctx.Err() == nil {
		begin := time.Now()
		version := c.token.currentVersion()
		attempt.begin()
		isUp := false
		isOver, err := readAll(ctx, open, func(message M) bool {
			if !isUp {
				isUp = true
				until = time.Time{}
				attempt.reached()
			}
			return each(message)
		})
		if isOver || errors.Is(err, io.EOF) && with.endsWell {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		failure := &Error{Code: codes.Unavailable, Message: "the server ended the stream"}
		if !errors.Is(err, io.EOF) {
			failure = c.errorOf(err, version)
		}
		if failure.Reason == ErrClosed || with.isFinal(failure) {
			return failure
		}
		if isUp && time.Since(begin) >= steadyStream {
			delays.reset()
		}
		if until.IsZero() {
			until = time.Now().Add(with.limit)
		}
		delay := attempt.delay(failure, func() time.Duration { return delays.next(failure) })
		if with.limit > 0 && time.Now().Add(delay).After(until) {
			return failure
		}
		if !isUp {
			attempt.failed(failure)
		}
		sleep(ctx, delay)
	}
	return ended(ctx)
}

// readAll reads one stream to its end. isOver: the callback wants no more.
func readAll[M any, S messageStream[M]](ctx context.Context, open func(context.Context) (S, error), each func(M) bool) (isOver bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := open(ctx)
	if err != nil {
		return false, err
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return false, err
		}
		if !each(message) {
			return true, nil
		}
	}
}

// WatchEvents returns the events of the types, or patterns of them, as they are stored, from a start on; no types: of all. It reconnects
// with its last position, so that none is missed and none comes twice. To continue after a restart, keep the position of the last event
// that was dealt with; to have events delivered durably, use [On].
//
//	for event, err := range client.WatchEvents(ctx, sitq.FromNow(), sitq.Filter{}, "order.*") {
//
// The last error is that of the context, or what no reconnect can mend, such as [ErrPositionExpired].
func (c *Client) WatchEvents(ctx context.Context, start Start, filter Filter, types ...string) iter.Seq2[*sitqv1.Event, error] {
	return func(yield func(*sitqv1.Event, error) bool) {
		place := start.start
		with := reconnection{name: "the watch of events", cap: 10 * time.Second, isFinal: isLasting}
		open := func(ctx context.Context) (sitqv1.EventService_SubscribeClient, error) {
			return c.EventService().Subscribe(ctx, &sitqv1.SubscribeRequest{Filter: filter.proto(types), Start: place})
		}
		err := reconnecting(ctx, c, with, open, func(message *sitqv1.SubscribeResponse) bool {
			for _, event := range message.Events {
				if !yield(event, nil) {
					return false
				}
			}
			place = FromPosition(message.Position).start
			return true
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// isLasting reports whether a watch meets the error again.
func isLasting(failure *Error) bool {
	switch failure.Code {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Unimplemented:
		return true
	}
	return failure.denied()
}
