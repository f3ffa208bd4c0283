package sitq

import (
	"time"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// The first report of an attempt is sent at once, and then the newest at most so often.
const progressEvery = time.Second

// report notes how far an attempt is.
func (l *ledger) report(a *attempt, fraction float64, message string) {
	l.mu.Lock()
	if !a.isHeld {
		l.mu.Unlock()
		return
	}
	note := l.notes[a]
	if note == nil {
		note = &progressNote{}
		l.notes[a] = note
	}
	note.fraction, note.message = fraction, message
	isNews := !note.isDue
	note.isDue = true
	wait := time.Until(note.sent.Add(progressEvery))
	l.mu.Unlock()
	switch {
	case !isNews:
	case wait <= 0:
		l.worker.poke()
	default:
		time.AfterFunc(wait, l.worker.poke)
	}
}

// takeProgress returns the reports that are to be sent now, a message's worth. The lock is held.
func (l *ledger) takeProgress() []*sitqv1.WorkRequest_Progress {
	var list []*sitqv1.WorkRequest_Progress
	now := time.Now()
	for a, note := range l.notes {
		if len(list) == progressPerMessage {
			break
		}
		if !note.isDue || now.Before(note.sent.Add(progressEvery)) {
			continue
		}
		note.isDue, note.sent = false, now
		list = append(list, &sitqv1.WorkRequest_Progress{
			TaskId: a.task.Id, Attempt: a.task.Attempt,
			Progress: &sitqv1.TaskProgress{Fraction: note.fraction, Message: note.message},
		})
	}
	return list
}

// sendProgressAgain sends the newest reports over the next stream. The lock is held.
func (l *ledger) sendProgressAgain() {
	for _, note := range l.notes {
		note.isDue, note.sent = true, time.Time{}
	}
}
