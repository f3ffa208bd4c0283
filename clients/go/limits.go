package sitq

import "time"

// The bounds of the contract that this package keeps.
const (
	// What one message may hold.
	messageBytes = 3 << 20
	// What a message may hold at the least, however the server is set.
	leastMessageBytes = 64 << 10
	// What a message holds beside its items: tags and lengths.
	frameBytes         = 64
	batchSize          = 1000
	outcomesPerMessage = 1000
	progressPerMessage = 500
	heldTasks          = 10_000
	errorMessageBytes  = 8 << 10
	errorTypeBytes     = 200
	errorStackBytes    = 16 << 10
	progressBytes      = 1 << 10
	longestRetryDelay  = 7 * 24 * time.Hour
)
