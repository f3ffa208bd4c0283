// Produces or works by River: it does what it is asked, one thing after the other, a line of JSON each on standard input and output.
// The orders and answers are those of bench/peers/processes/load-process.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

type order struct {
	Kind        string `json:"kind"`
	Address     string `json:"address"`
	Text        string `json:"text"`
	InFlight    int    `json:"inFlight"`
	Batch       int    `json:"batch"`
	MostTasks   int64  `json:"mostTasks"`
	MostMs      int64  `json:"mostMs"`
	Tasks       int64  `json:"tasks"`
	Concurrency int    `json:"concurrency"`
}

type answer struct {
	Tasks *int64   `json:"tasks,omitempty"`
	Ms    *float64 `json:"ms,omitempty"`
	Error string   `json:"error,omitempty"`
}

// How often a worker looks for jobs. With the defaults, 100 ms and 1 s, its rate would be the number in flight ten times a second.
const (
	fetchCooldown     = 2 * time.Millisecond
	fetchPollInterval = 20 * time.Millisecond
)

// Connections of the pool, as many as those of pg-boss and graphile-worker.
const connections = 10

type work struct {
	Payload string `json:"payload"`
}

func (work) Kind() string { return "work" }

type load struct {
	pool     *pgxpool.Pool
	producer *river.Client[pgx.Tx]
	text     string
	delays   chan float64
}

func main() {
	ctx := context.Background()
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	var state load
	for lines.Scan() {
		var asked order
		given, err := answer{}, json.Unmarshal(lines.Bytes(), &asked)
		if err == nil {
			given, err = state.do(ctx, asked)
		}
		if err != nil {
			given = answer{Error: err.Error()}
		}
		if err := out.Encode(given); err != nil {
			return
		}
	}
}

func (l *load) do(ctx context.Context, asked order) (answer, error) {
	switch asked.Kind {
	case "connect":
		return answer{}, l.connect(ctx, asked)
	case "enqueue":
		return l.enqueue(ctx, asked)
	case "drain":
		return l.drain(ctx, asked)
	case "maintain":
		_, err := l.pool.Exec(ctx, "VACUUM ANALYZE")
		return answer{}, err
	case "favourDelay":
		return answer{}, nil
	case "listen":
		return answer{}, l.listen(ctx, asked.Concurrency)
	case "nextDelay":
		ms := <-l.delays
		return answer{Ms: &ms}, nil
	case "enqueueTimed":
		text := fmt.Sprintf("%d %s", time.Now().UnixNano(), l.text)[:len(l.text)]
		_, err := l.producer.Insert(ctx, work{Payload: text}, nil)
		return answer{}, err
	}
	return answer{}, fmt.Errorf("no order %q", asked.Kind)
}

func (l *load) connect(ctx context.Context, asked order) error {
	config, err := pgxpool.ParseConfig(asked.Address)
	if err != nil {
		return err
	}
	config.MaxConns = connections
	if l.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return err
	}
	l.text = asked.Text
	migrator, err := rivermigrate.New(riverpgxv5.New(l.pool), &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	l.producer, err = river.NewClient(riverpgxv5.New(l.pool), &river.Config{Logger: quiet()})
	return err
}

// Keeps calls in flight, and measures to the last confirm.
func (l *load) enqueue(ctx context.Context, asked order) (answer, error) {
	batch := make([]river.InsertManyParams, asked.Batch)
	for index := range batch {
		batch[index] = river.InsertManyParams{Args: work{Payload: l.text}}
	}
	call := func() error {
		if asked.Batch == 1 {
			_, err := l.producer.Insert(ctx, work{Payload: l.text}, nil)
			return err
		}
		_, err := l.producer.InsertManyFast(ctx, batch)
		return err
	}
	began := time.Now()
	most := time.Duration(asked.MostMs) * time.Millisecond
	var tasks atomic.Int64
	var lanes sync.WaitGroup
	errs := make(chan error, asked.InFlight)
	for range asked.InFlight {
		lanes.Go(func() {
			for tasks.Load() < asked.MostTasks && time.Since(began) < most {
				tasks.Add(int64(asked.Batch))
				if err := call(); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	lanes.Wait()
	select {
	case err := <-errs:
		return answer{}, err
	default:
		return rate(tasks.Load(), began), nil
	}
}

// Measures from the first task that is handed to a handler to the last acknowledgement.
func (l *load) drain(ctx context.Context, asked order) (answer, error) {
	var began time.Time
	var first sync.Once
	client, err := l.worker(asked.Concurrency, func(string) {
		first.Do(func() { began = time.Now() })
	})
	if err != nil {
		return answer{}, err
	}
	// As large as all of them: events beyond it would be lost.
	completed, cancel := client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: int(asked.Tasks),
		Kinds:    []river.EventKind{river.EventKindJobCompleted},
	})
	defer cancel()
	if err := client.Start(ctx); err != nil {
		return answer{}, err
	}
	for range asked.Tasks {
		<-completed
	}
	drained := rate(asked.Tasks, began)
	return drained, client.Stop(ctx)
}

func (l *load) listen(ctx context.Context, concurrency int) error {
	l.delays = make(chan float64, 1)
	var delay atomic.Value
	client, err := l.worker(concurrency, func(text string) {
		sent, _, _ := strings.Cut(text, " ")
		nanos, _ := strconv.ParseInt(sent, 10, 64)
		delay.Store(float64(time.Now().UnixNano()-nanos) / 1e6)
	})
	if err != nil {
		return err
	}
	completed, _ := client.Subscribe(river.EventKindJobCompleted)
	go func() {
		for range completed {
			l.delays <- delay.Load().(float64)
		}
	}()
	return client.Start(ctx)
}

// A client that works, not started yet.
func (l *load) worker(concurrency int, handle func(payload string)) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[work]) error {
		handle(job.Args.Payload)
		return nil
	}))
	return river.NewClient(riverpgxv5.New(l.pool), &river.Config{
		FetchCooldown:     fetchCooldown,
		FetchPollInterval: fetchPollInterval,
		Logger:            quiet(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: concurrency}},
		Workers:           workers,
	})
}

func rate(tasks int64, began time.Time) answer {
	ms := float64(time.Since(began).Microseconds()) / 1e3
	return answer{Tasks: &tasks, Ms: &ms}
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}
