package sitq

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// outbox keeps the outcomes that the server has not confirmed as settled. They are sent once, and again over every new stream, until it
// does. A task has one entry at most: when it is handed out again, what was said of it before has been applied. The ledger's lock guards
// it.
type outbox struct {
	log      *slog.Logger
	entries  map[string]*entry // by task id
	unsent   []*entry          // in order; those that are not kept any more are passed over
	maxBytes int               // what a message may hold

	// What the largest message over this stream held: if one was too large, this one was.
	largest      []*entry
	largestBytes int
}

type entry struct {
	outcome       *sitqv1.Outcome
	bytes         int
	isSent        bool // over this stream
	isKept        bool // neither settled, nor replaced, nor forgotten
	isRelease     bool
	isReplacement bool                 // of an outcome that the server rejected
	settle        func(failure string) // ends the span of its sending; nil: it is not traced
}

// drop keeps it no longer. failure: why the outcome does not stand; empty: it does.
func (e *entry) drop(failure string) {
	e.isKept = false
	if e.settle != nil {
		e.settle(failure)
		e.settle = nil
	}
}

// fit makes an entry. What is too large for any message becomes a failure for good: the same result would come of every other attempt.
func fit(taskID string, attempt int32, outcome *sitqv1.Outcome) *entry {
	outcome.TaskId, outcome.Attempt = taskID, attempt
	bytes := outcomeSize(outcome)
	if bytes > messageBytes {
		outcome = failedForGood(fmt.Sprintf("the result has %d bytes encoded; at most %d can be sent", bytes, messageBytes), "PAYLOAD_TOO_LARGE")
		outcome.TaskId, outcome.Attempt = taskID, attempt
		bytes = outcomeSize(outcome)
	}
	_, isRelease := outcome.Outcome.(*sitqv1.Outcome_Released_)
	return &entry{outcome: outcome, bytes: bytes, isKept: true, isRelease: isRelease}
}

func (o *outbox) put(e *entry) {
	if former := o.entries[e.outcome.TaskId]; former != nil {
		former.drop("REPLACED")
	}
	o.entries[e.outcome.TaskId] = e
	o.unsent = append(o.unsent, e)
}

func (o *outbox) remove(taskID, failure string) {
	e := o.entries[taskID]
	if e == nil {
		return
	}
	e.drop(failure)
	delete(o.entries, taskID)
}

// settled removes what is settled; an outcome that is not valid is replaced by a failure for good with the reason.
func (o *outbox) settled(answers []*sitqv1.SettledOutcome) {
	for _, answer := range answers {
		e := o.entries[answer.TaskId]
		// A released attempt gives its number back: an answer can be of what was said before it was handed out again.
		if e == nil || e.outcome.Attempt != answer.Attempt || !e.isSent {
			continue
		}
		if answer.Status != sitqv1.SettleStatus_SETTLE_STATUS_REJECTED {
			o.remove(answer.TaskId, unsettled(answer.Status))
			continue
		}
		failure := errorFromStatus(answer.Error)
		text := failure.Message
		if text == "" {
			text = "no reason given"
		}
		o.log.Error(fmt.Sprintf("the server rejected the outcome of the task %s: %s", answer.TaskId, text), "task_id", answer.TaskId, "attempt", answer.Attempt)
		kind := string(failure.Reason)
		if kind == "" {
			kind = "OUTCOME_REJECTED"
		}
		if e.isReplacement {
			// Nothing is left that it would take; the attempt ends with its lease.
			o.remove(answer.TaskId, kind)
			continue
		}
		e.drop(kind)
		o.replace(e, failedForGood("the server rejected the outcome: "+text, kind))
	}
}

// unsettled says why an outcome does not stand, by its status; empty: it does.
func unsettled(status sitqv1.SettleStatus) string {
	if status == sitqv1.SettleStatus_SETTLE_STATUS_SETTLED {
		return ""
	}
	return strings.TrimPrefix(status.String(), "SETTLE_STATUS_")
}

func (o *outbox) replace(former *entry, outcome *sitqv1.Outcome) {
	made := fit(former.outcome.TaskId, former.outcome.Attempt, outcome)
	made.isReplacement = true
	o.put(made)
}

// take returns the next message of outcomes that were not sent over this stream, at most 1000 and 3 MiB; nil: none is left.
func (o *outbox) take() *sitqv1.WorkRequest_Outcomes {
	var outcomes []*sitqv1.Outcome
	bytes, seen := 0, 0
	for _, e := range o.unsent {
		if len(outcomes) > 0 && (bytes+e.bytes > o.maxBytes || len(outcomes) == outcomesPerMessage) {
			break
		}
		seen++
		if !e.isKept {
			continue
		}
		if outcomes == nil {
			outcomes = make([]*sitqv1.Outcome, 0, min(len(o.unsent), outcomesPerMessage))
		}
		bytes += e.bytes
		e.isSent = true
		outcomes = append(outcomes, e.outcome)
	}
	if bytes > o.largestBytes {
		o.largest, o.largestBytes = append(o.largest[:0], o.unsent[:seen]...), bytes
		o.largest = slices.DeleteFunc(o.largest, func(e *entry) bool { return !e.isKept })
	}
	o.unsent = behind(o.unsent, seen)
	if outcomes == nil {
		return nil
	}
	return &sitqv1.WorkRequest_Outcomes{Outcomes: outcomes}
}

// sendAgain sends everything again over the next stream. isTooLarge: the last one ended because a message was larger than the server
// takes, which is said bytes, if it said it.
func (o *outbox) sendAgain(said int, isTooLarge bool) {
	if isTooLarge {
		o.fitInto(said)
	}
	o.largest, o.largestBytes = nil, 0
	o.unsent = o.unsent[:0]
	for _, e := range o.entries {
		e.isSent = false
		o.unsent = append(o.unsent, e)
	}
}

// fitInto makes messages smaller, and replaces what fits into none: sent again it would end every stream.
func (o *outbox) fitInto(said int) {
	sentBytes := o.largestBytes + frameBytes
	if said > 0 && said < sentBytes {
		o.maxBytes = max(leastMessageBytes, min(o.maxBytes, said-frameBytes))
		for _, e := range o.entries {
			if e.bytes+frameBytes > said {
				o.replaceTooLarge(e)
			}
		}
		return
	}
	// What it says is of no use if less was too large.
	o.maxBytes = max(leastMessageBytes, o.maxBytes/2)
	if len(o.largest) == 1 && o.largest[0].bytes > leastMessageBytes && o.largest[0].isKept {
		o.replaceTooLarge(o.largest[0])
	}
}

func (o *outbox) replaceTooLarge(e *entry) {
	o.log.Error("an outcome is larger than the server accepts", "task_id", e.outcome.TaskId, "attempt", e.outcome.Attempt, "bytes", e.bytes)
	text := fmt.Sprintf("the result has %d bytes encoded, more than the server takes in one message", e.bytes)
	o.replace(e, failedForGood(text, "MESSAGE_TOO_LARGE"))
}

// behind returns what stands behind the first n, and keeps the memory for further ones if nothing does.
func behind[T any](list []*T, n int) []*T {
	if n < len(list) {
		return list[n:]
	}
	clear(list)
	return list[:0]
}

func (o *outbox) abandon() {
	o.unsent = nil
	for id := range o.entries {
		o.remove(id, "UNCONFIRMED")
	}
}
