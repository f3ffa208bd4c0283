package sitq

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// WorkerConfig says what a worker works on, and how.
type WorkerConfig struct {
	// Queues are the queues that it works on: 1 to 100. Those of its subscriptions are added.
	Queues []string
	// Capacity is how many handlers run at a time: 1 to 10,000. Default 10.
	Capacity int
	// WorkerID is its name, which no other process has. Default: made of the service or the host, the process and a random part.
	WorkerID string
	// Service is its service. Default: the client's.
	Service string
	// Address is where it can be called, as an instance of its service: "host:port". Default: nowhere.
	Address string
	// Weight is its share under WEIGHTED. Default: its capacity.
	Weight int
	// Metadata are other facts about it: version, zone.
	Metadata map[string]string
	// Grace is how long handlers may go on when it stops. Default 30 s.
	Grace time.Duration
	// OnConnect is called when the server has welcomed it: the first time, and after every reconnect. It must return soon. Default: nothing.
	OnConnect func()
	// OnDisconnect is called when a stream has ended, with why. It must return soon. Default: nothing.
	OnDisconnect func(error)
}

// Worker runs handlers for the tasks of its queues. It holds one stream open, keeps its leases over a reconnect, and resends each outcome
// until the server has it on its disk.
type Worker struct {
	client      *Client
	config      WorkerConfig
	incarnation string
	log         *slog.Logger
	handlers    map[string]handlerFunc // by type; "": of all others
	deliveries  []*subscribed
	ledger      *ledger
	pokes       chan struct{}

	isStarted   atomic.Bool
	ending      chan struct{} // closed when its stream may end: once every outcome is settled
	isConnected atomic.Bool
	wasWelcome  atomic.Bool
}

// NewWorker makes a worker. Set its handlers by [Handle] and [On], then call Run.
func NewWorker(client *Client, config WorkerConfig) (*Worker, error) {
	if config.Capacity == 0 {
		config.Capacity = 10
	}
	if config.Capacity < 1 || config.Capacity > 10_000 {
		return nil, invalid("capacity", fmt.Sprintf("%d; it must be 1 to 10,000", config.Capacity))
	}
	if config.Service == "" {
		config.Service = client.service
	}
	if config.WorkerID == "" {
		config.WorkerID = generatedName(config.Service)
	}
	if config.Grace == 0 {
		config.Grace = 30 * time.Second
	}
	config.Queues = slices.Clone(config.Queues)
	w := &Worker{
		client: client, config: config, incarnation: newID(), handlers: map[string]handlerFunc{},
		pokes: make(chan struct{}, 1), ending: make(chan struct{}),
	}
	w.log = client.log.With("worker_id", config.WorkerID)
	w.ledger = newLedger(w, config.Capacity)
	return w, nil
}

// ID returns the worker's id.
func (w *Worker) ID() string { return w.config.WorkerID }

// Running returns how many handlers have not returned.
func (w *Worker) Running() int {
	running, _ := w.ledger.counts()
	return running
}

// Capacity returns how many handlers run at a time at most.
func (w *Worker) Capacity() int { return w.config.Capacity }

// IsConnected reports whether its stream is open, for a health page.
func (w *Worker) IsConnected() bool { return w.isConnected.Load() }

func (w *Worker) handle(taskType string, handler handlerFunc) {
	if w.isStarted.Load() {
		panic("sitq: the worker runs; set its handlers before")
	}
	if _, ok := w.handlers[taskType]; ok {
		panic(fmt.Sprintf("sitq: the task type %q has two handlers", taskType))
	}
	w.handlers[taskType] = handler
}

// find returns the handler of a task; nil: it has none.
func (w *Worker) find(task *sitqv1.Task) handlerFunc {
	if name := task.GetOrigin().GetSubscription(); name != "" {
		for _, each := range w.deliveries {
			if each.subscription.Name == name {
				return each.handler
			}
		}
	}
	if handler := w.handlers[task.Type]; handler != nil {
		return handler
	}
	return w.handlers[""]
}

func (w *Worker) hello(capacity int32, held []*sitqv1.TaskLease) *sitqv1.WorkRequest_Hello {
	return &sitqv1.WorkRequest_Hello{
		WorkerId: w.config.WorkerID, Incarnation: w.incarnation, Service: w.config.Service, Queues: w.config.Queues,
		Types: w.types(), Address: w.config.Address, Weight: int32(w.config.Weight), Metadata: w.config.Metadata,
		Capacity: capacity, Held: held,
	}
}

// types are the task types that it is offered; nil: all.
func (w *Worker) types() []string {
	types := maps.Clone(w.handlers)
	for _, each := range w.deliveries {
		for _, pattern := range each.subscription.Types {
			if isPattern(pattern) {
				return nil
			}
			types[pattern] = nil
		}
	}
	if _, ok := types[""]; ok {
		return nil
	}
	return slices.Sorted(maps.Keys(types))
}

func (w *Worker) onWelcome(welcome *sitqv1.WorkResponse_Welcome) {
	text := "the worker is connected"
	if w.wasWelcome.Swap(true) {
		text += " again"
	}
	w.isConnected.Store(true)
	running, unsettled := w.ledger.counts()
	w.log.Info(text, "running", running, "unsettled", unsettled, "lost", len(welcome.Lost))
	if w.config.OnConnect != nil {
		w.config.OnConnect()
	}
}

func (w *Worker) onDrain(drain *sitqv1.WorkResponse_Drain) {
	w.log.Info("the server drains the worker: it sends no more tasks", "running", w.Running(), "why", drain.Reason)
}

// logDisconnect logs why a stream has ended. Tries that fail are those of an outage, which is logged once.
func (w *Worker) logDisconnect(wasWelcome bool, failure *Error, delay time.Duration) {
	level := slog.LevelDebug
	if wasWelcome {
		level = slog.LevelInfo
	}
	running, unsettled := w.ledger.counts()
	w.log.Log(context.Background(), level, "the worker is disconnected: "+failure.Message,
		"reason", failure.Reason, "running", running, "unsettled", unsettled, "delay", delay.Round(time.Millisecond))
}

// logOutcome logs an attempt that failed.
func (w *Worker) logOutcome(a *attempt, outcome *sitqv1.Outcome, err error) {
	failure := outcome.GetFailed()
	if failure == nil {
		return
	}
	text := fmt.Sprintf("task %s (%s) failed in attempt %d of %d", a.task.Id, a.task.Type, a.task.Attempt, a.task.MaxAttempts)
	if failure.Terminal {
		text += ", and no other follows"
	}
	w.log.Warn(text+": "+err.Error(), "task_id", a.task.Id, "queue", a.task.Queue, "type", a.task.Type, "error_type", failure.Error.Type)
}
