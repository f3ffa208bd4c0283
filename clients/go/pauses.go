package sitq

import "time"

// pauses are the delays before something is tried again: long ones while the server refuses the caller's credentials, rights or headers,
// which lasts until an operator changes it.
type pauses struct {
	usual, lasting backoff
	headers        headersJudge
}

func newPauses(longest time.Duration) *pauses {
	return &pauses{usual: backoff{base: backoffBase, cap: longest}, lasting: backoff{base: deniedBase, cap: deniedCap}}
}

// next returns the delay after a failure.
func (p *pauses) next(failure *Error) time.Duration {
	if p.headers.refuses(failure) || failure.denied() {
		return p.lasting.next(failure.RetryDelay)
	}
	return p.usual.next(failure.RetryDelay)
}

// reset starts again at the shortest.
func (p *pauses) reset() {
	p.usual.reset()
	p.lasting.reset()
}

// mostWithoutRoom is how often in a row a connection may have no room for a call before its headers are what has no room.
const mostWithoutRoom = 5

// headersJudge finds out whether calls are refused for their headers: a server refuses headers that are far too large, as those of a token can
// be, in the same words as a call beyond those that the connection may have, which has room after some milliseconds.
type headersJudge struct{ inRow int }

// refuses takes the error of each try, and reports whether the tries are in vain.
func (j *headersJudge) refuses(failure *Error) bool {
	if failure.hadNoRoom {
		j.inRow++
	} else {
		j.inRow = 0
	}
	return failure.Reason == ErrHeadersTooLarge || j.inRow >= mostWithoutRoom
}
