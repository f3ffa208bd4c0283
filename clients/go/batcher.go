package sitq

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// batchesUnderWay is how many batches are out at a time: while one commits, the next is on the wire.
const batchesUnderWay = 4

// An item waits no longer than this for others that probably come.
const gatherItemsFor = 200 * time.Microsecond

// A batch that took no longer than this got through quickly.
const quickBatch = time.Second

// batcher gathers what comes one by one into batches.
//
// At most batchesUnderWay are out at a time; while they are, the next one fills. It leaves when it holds as many items as the batch that
// was answered last, since their callers often have the next one; or, for once, when gatherItemsFor is over. So one item that is awaited
// costs no delay, and many at a time share calls, commits and fsyncs.
//
// A batch that is larger than the server takes, or did not get through in time, is sent again in halves. What is repeated makes nothing
// twice: items carry ids.
type batcher[Item proto.Message, Result any] struct {
	client *Client
	name   string
	send   func(ctx context.Context, items []Item, atomic bool) ([]Result, error)

	mu        sync.Mutex
	waiting   []*waitingItem[Item, Result]
	underWay  int
	inFlight  int         // items under way
	crowd     int         // how many items were under way or waiting together of late
	timer     *time.Timer // nil: it does not run
	maxBytes  int         // what gets through in time
	mostBytes int         // what the server takes
}

type waitingItem[Item proto.Message, Result any] struct {
	item   Item
	bytes  int
	done   chan struct{}
	result Result
	err    error
	until  time.Time // until when it is repeated; zero: it has not failed yet
}

func newBatcher[Item proto.Message, Result any](
	client *Client, name string, maxBytes int, send func(context.Context, []Item, bool) ([]Result, error),
) *batcher[Item, Result] {
	return &batcher[Item, Result]{client: client, name: name, send: send, maxBytes: maxBytes, mostBytes: maxBytes}
}

// add sends one item in a shared batch and waits for its result. When the context is done it is taken back if it was not sent yet.
func (b *batcher[Item, Result]) add(ctx context.Context, item Item) (Result, error) {
	entry := &waitingItem[Item, Result]{item: item, bytes: proto.Size(item) + 4, done: make(chan struct{})}
	var none Result
	if ctx.Err() != nil {
		return none, ended(ctx)
	}
	b.mu.Lock()
	b.waiting = append(b.waiting, entry)
	b.sendReady(false)
	b.mu.Unlock()
	select {
	case <-entry.done:
		return entry.result, entry.err
	case <-ctx.Done():
		b.withdraw(entry)
		return none, ended(ctx)
	}
}

func (b *batcher[Item, Result]) withdraw(entry *waitingItem[Item, Result]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, each := range b.waiting {
		if each == entry {
			b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
			return
		}
	}
}

// sendReady sends what waits, if it is half of what is there of late: while one half commits, the other is on the wire. Otherwise more is
// waited for. The lock is held.
func (b *batcher[Item, Result]) sendReady(isLate bool) {
	b.crowd = max(b.crowd, b.inFlight+len(b.waiting))
	for len(b.waiting) > 0 && b.underWay < batchesUnderWay {
		if !isLate && len(b.waiting) < min(b.crowd/2, batchSize/2) {
			if b.timer == nil {
				b.timer = time.AfterFunc(gatherItemsFor, b.onLate)
			}
			return
		}
		if b.timer != nil {
			b.timer.Stop()
			b.timer = nil
		}
		batch := b.takeBatch()
		b.underWay++
		b.inFlight += len(batch)
		go b.sendBatch(batch)
		isLate = false
	}
}

// onLate sends what waits: fewer items are there than of late.
func (b *batcher[Item, Result]) onLate() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = nil
	b.crowd = b.inFlight + len(b.waiting)
	b.sendReady(true)
}

// takeBatch takes the first items that fit into one message; the first always does. The lock is held.
func (b *batcher[Item, Result]) takeBatch() []*waitingItem[Item, Result] {
	bytes, count := 0, 0
	for _, each := range b.waiting {
		bytes += each.bytes
		if count > 0 && (bytes > b.maxBytes || count == batchSize) {
			break
		}
		count++
	}
	batch := b.waiting[:count:count]
	b.waiting = b.waiting[count:]
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
	return batch
}

func (b *batcher[Item, Result]) sendBatch(batch []*waitingItem[Item, Result]) {
	items := make([]Item, len(batch))
	var until time.Time
	for i, each := range batch {
		items[i] = each.item
		if each.until.After(until) {
			until = each.until
		}
	}
	begin := time.Now()
	results, err := b.sendRetrying(context.Background(), items, false, until)
	if err != nil {
		b.refused(batch, err.(*Error))
	}
	b.mu.Lock()
	b.underWay--
	if b.maxBytes < b.mostBytes && err == nil && time.Since(begin) < quickBatch {
		b.maxBytes = min(b.mostBytes, b.maxBytes*2)
	}
	b.inFlight -= len(batch)
	b.sendReady(false)
	b.mu.Unlock()
	if err != nil {
		return
	}
	for i, each := range batch {
		if i < len(results) {
			each.result = results[i]
		} else {
			each.err = &Error{Code: codes.Internal, Message: "the server did not answer for this item"}
		}
		close(each.done)
	}
}

// refused sends a batch again that can be sent in smaller parts, and answers the rest.
func (b *batcher[Item, Result]) refused(batch []*waitingItem[Item, Result], failure *Error) {
	bytes := 0
	for _, each := range batch {
		bytes += each.bytes
	}
	var again []*waitingItem[Item, Result]
	for _, each := range batch {
		if each.until.IsZero() {
			each.until = time.Now().Add(b.client.retryTimeout)
		}
		if failure.isUnsent() {
			// One of the items cannot be encoded, of this batch or of another that was on the stream.
			if _, err := proto.Marshal(each.item); err == nil {
				again = append(again, each)
			} else {
				each.err = invalid("", err.Error())
				close(each.done)
			}
			continue
		}
		if helpsToSplit(failure, len(batch), bytes, each.until) {
			again = append(again, each)
			continue
		}
		each.err = failure
		close(each.done)
	}
	if again == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !failure.isUnsent() {
		b.maxBytes = max(1, min(b.maxBytes, (bytes+1)/2))
	}
	if _, known := failure.tooLarge(); known {
		b.mostBytes = b.maxBytes
	}
	b.waiting = append(again, b.waiting...)
}

// sendAll sends items in one batch of their own, and in parts if that is too large for the server or does not get through in time;
// not so an atomic one.
func (b *batcher[Item, Result]) sendAll(ctx context.Context, items []Item, atomic bool, until time.Time) ([]Result, error) {
	results, err := b.sendRetrying(ctx, items, atomic, until)
	if err == nil || atomic {
		return results, err
	}
	if until.IsZero() {
		until = time.Now().Add(b.client.retryTimeout)
	}
	bytes := 0
	for _, each := range items {
		bytes += proto.Size(each)
	}
	if ctx.Err() != nil || !helpsToSplit(err.(*Error), len(items), bytes, until) {
		return nil, err
	}
	half := (len(items) + 1) / 2
	first, err := b.sendAll(ctx, items[:half], false, until)
	if err != nil {
		return nil, err
	}
	rest, err := b.sendAll(ctx, items[half:], false, until)
	return append(first, rest...), err
}

// sendRetrying sends a batch, and repeats it while failures are transient. One of several items that did not get through in time is
// not repeated as it is.
func (b *batcher[Item, Result]) sendRetrying(ctx context.Context, items []Item, atomic bool, until time.Time) ([]Result, error) {
	delays := backoff{base: backoffBase, cap: retryCap}
	var headers headersJudge
	attempt := b.client.outages.follow(b.name)
	for {
		version := b.client.token.currentVersion()
		attempt.begin()
		results, err := b.send(ctx, items, atomic)
		if err == nil {
			attempt.reached()
			return results, nil
		}
		if ctx.Err() != nil {
			return nil, ended(ctx).(*Error)
		}
		failure := b.client.errorOf(err, version)
		if !failure.retryable() || headers.refuses(failure) || (!atomic && len(items) > 1 && failure.Code == codes.DeadlineExceeded) {
			return nil, failure
		}
		if until.IsZero() {
			until = time.Now().Add(b.client.retryTimeout)
		}
		delay := attempt.delay(failure, func() time.Duration { return delays.next(failure.RetryDelay) })
		if time.Now().Add(delay).After(until) {
			return nil, failure
		}
		attempt.failed(failure)
		if !sleep(ctx, delay) {
			return nil, ended(ctx).(*Error)
		}
	}
}

// helpsToSplit reports whether it helps to send a batch that failed again in parts.
func helpsToSplit(failure *Error, count, bytes int, until time.Time) bool {
	if count < 2 {
		return false
	}
	if _, known := failure.tooLarge(); known {
		return bytes > leastMessageBytes
	}
	return failure.Code == codes.DeadlineExceeded && time.Now().Before(until)
}
