package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sitq/sitq/clients/go"
)

type failure struct {
	Message string `json:"message"`
}

type span struct {
	Seconds float64 `json:"seconds"`
}

type size struct {
	Bytes int `json:"bytes"`
}

type report struct {
	Fraction float64 `json:"fraction"`
	Message  string  `json:"message"`
	Seconds  float64 `json:"seconds"`
}

// typed requires both of its members.
type typed struct {
	Name  *string `json:"name"`
	Count *int    `json:"count"`
}

// Validate refuses what encoding/json lets pass.
func (t typed) Validate() error {
	if t.Name == nil {
		return &sitq.PayloadError{Field: "name", Message: "is required"}
	}
	if t.Count == nil {
		return &sitq.PayloadError{Field: "count", Message: "is required"}
	}
	return nil
}

func setHandlers(w *sitq.Worker) {
	sitq.Handle(w, "echo", told(func(_ context.Context, in any) (any, error) { return in, nil }))
	sitq.Handle(w, "fail", told(func(_ context.Context, in failure) (any, error) { return nil, errors.New(in.Message) }))
	sitq.Handle(w, "fail-terminal", told(func(_ context.Context, in failure) (any, error) {
		return nil, sitq.Terminal(errors.New(in.Message))
	}))
	sitq.Handle(w, "retry-after", told(func(_ context.Context, in span) (any, error) {
		return nil, sitq.RetryAfter(seconds(in.Seconds), errors.New("try again later"))
	}))
	sitq.Handle(w, "sleep", told(func(ctx context.Context, in span) (span, error) { return in, sleep(ctx, in.Seconds) }))
	sitq.Handle(w, "block", told(func(_ context.Context, in span) (span, error) {
		for until := time.Now().Add(seconds(in.Seconds)); time.Now().Before(until); {
			// A busy loop, deaf to its context.
		}
		return in, nil
	}))
	sitq.Handle(w, "large", told(func(_ context.Context, in size) (string, error) { return strings.Repeat("x", in.Bytes), nil }))
	sitq.Handle(w, "progress", told(func(ctx context.Context, in report) (report, error) {
		sitq.Progress(ctx, in.Fraction, 1, in.Message)
		return in, sleep(ctx, in.Seconds)
	}))
	sitq.Handle(w, "typed", told(func(_ context.Context, in typed) (typed, error) { return in, nil }))
}

// told prints when a handler begins and ends.
func told[In, Out any](handler func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		task := sitq.CurrentTask(ctx)
		event("started", map[string]any{"task": task.Id, "attempt": task.Attempt})
		out, err := handler(ctx, in)
		how := "returned"
		if err != nil {
			how = "failed"
			if ctx.Err() != nil {
				how = "cancelled"
			}
		}
		event("ended", map[string]any{"task": task.Id, "attempt": task.Attempt, "how": how})
		return out, err
	}
}

func sleep(ctx context.Context, length float64) error {
	select {
	case <-time.After(seconds(length)):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
