package sitq_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
)

// A worker keeps the lease of a handler that runs while the server is killed, and sends its outcome when it is back.
func TestServerRestart(t *testing.T) {
	server := sitqtest.Start(t)
	client := server.Client(t)
	started, goOn := make(chan struct{}, 10), make(chan struct{})
	var attempts atomic.Int32
	run(t, client, sitq.WorkerConfig{Queues: []string{"q"}}, func(w *sitq.Worker) {
		sitq.Handle(w, "slow", func(ctx context.Context, in int) (int, error) {
			attempts.Add(1)
			started <- struct{}{}
			select {
			case <-goOn:
				return in + 1, nil
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		})
	})
	task, err := client.Enqueue(within(t), sitq.Task{Queue: "q", Type: "slow", Payload: 7})
	if err != nil {
		t.Fatal(err)
	}
	<-started
	server.Kill()
	enqueued := make(chan error, 1)
	go func() {
		_, err := client.Enqueue(within(t), sitq.Task{Queue: "other", Type: "later"})
		enqueued <- err
	}()
	close(goOn)
	server.Restart(t)
	if out, err := sitq.Await[int](within(t), client, task.ID); err != nil || out != 8 {
		t.Fatal(out, err)
	}
	if err := <-enqueued; err != nil {
		t.Error(err)
	}
	if n := attempts.Load(); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// A stopping worker waits for its handlers, takes no more tasks, and releases what is not finished by then.
func TestDrain(t *testing.T) {
	client := connect(t)
	started := make(chan string, 10)
	finish := make(chan struct{})
	causes := make(chan error, 1)
	set := func(w *sitq.Worker) {
		sitq.Handle(w, "finishes", func(ctx context.Context, _ struct{}) (string, error) {
			started <- "finishes"
			<-finish
			return "done", ctx.Err()
		})
		sitq.Handle(w, "hangs", func(ctx context.Context, _ struct{}) (string, error) {
			started <- "hangs"
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return "", ctx.Err()
		})
	}
	stop := run(t, client, sitq.WorkerConfig{Queues: []string{"drain"}, Capacity: 2, Grace: 500 * time.Millisecond}, set)
	tasks := map[string]string{}
	for _, kind := range []string{"finishes", "hangs", "waits"} {
		task, err := client.Enqueue(within(t), sitq.Task{Queue: "drain", Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		tasks[kind] = task.ID
	}
	<-started
	<-started
	go close(finish)
	stop()
	if cause := <-causes; cause != sitq.ErrWorkerStopping {
		t.Error(cause)
	}
	if out, err := sitq.Await[string](within(t), client, tasks["finishes"]); err != nil || out != "done" {
		t.Error(out, err)
	}
	// The released attempt does not count: its number is used again.
	attempts := make(chan int32, 1)
	run(t, client, sitq.WorkerConfig{Queues: []string{"drain"}}, func(w *sitq.Worker) {
		sitq.Handle(w, "hangs", func(ctx context.Context, _ struct{}) (struct{}, error) {
			attempts <- sitq.CurrentTask(ctx).Attempt
			return struct{}{}, nil
		})
	})
	if _, err := sitq.Await[struct{}](within(t), client, tasks["hangs"]); err != nil {
		t.Error(err)
	}
	if attempt := <-attempts; attempt != 1 {
		t.Errorf("attempt %d", attempt)
	}
}

func TestWorkerReplaced(t *testing.T) {
	client := connect(t)
	set := func(w *sitq.Worker) {
		sitq.Handle(w, "any", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil })
	}
	connected := make(chan struct{}, 10)
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{
		Queues: []string{"twins"}, WorkerID: "twin", OnConnect: func() { connected <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	set(worker)
	done := make(chan error, 1)
	go func() { done <- worker.Run(context.Background()) }()
	<-connected
	run(t, client, sitq.WorkerConfig{Queues: []string{"twins"}, WorkerID: "twin"}, set)
	if err := <-done; !errors.Is(err, sitq.ErrWorkerReplaced) {
		t.Error(err)
	}
}

// Many single calls share batches, and each gets its own answer.
func TestCoalescing(t *testing.T) {
	client := connect(t)
	var all sync.WaitGroup
	ids := sync.Map{}
	for n := range 500 {
		all.Go(func() {
			queue := "many"
			if n%100 == 7 {
				queue = "bad queue"
			}
			task, err := client.Enqueue(within(t), sitq.Task{Queue: queue, Type: "t", Payload: n})
			switch {
			case n%100 == 7:
				if !errors.Is(err, sitq.ErrInvalidField) {
					t.Error(n, err)
				}
			case err != nil || !task.Created:
				t.Error(n, task, err)
			default:
				if _, twice := ids.LoadOrStore(task.ID, n); twice {
					t.Error("one id for two tasks")
				}
			}
		})
	}
	all.Wait()
	again := sitq.Task{Queue: "many", Type: "t", RequestID: fmt.Sprintf("again-%d", time.Now().UnixNano())}
	first, err := client.Enqueue(within(t), again)
	if err != nil || !first.Created {
		t.Fatal(first, err)
	}
	second, err := client.Enqueue(within(t), again)
	if err != nil || second.Created || second.ID != first.ID {
		t.Error(second, err)
	}
	results, err := client.EnqueueAtomic(within(t), []sitq.Task{{Queue: "many", Type: "t"}, {Queue: "bad queue", Type: "t"}})
	if err != nil || !errors.Is(results[0].Err, sitq.ErrBatchRefused) || !errors.Is(results[1].Err, sitq.ErrInvalidField) {
		t.Error(results, err)
	}
}
