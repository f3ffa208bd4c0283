package sitq_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

// logged keeps the lines of a log, and says when one comes.
type logged struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, strings.TrimSpace(string(line)))
	select {
	case l.news <- struct{}{}:
	default:
	}
	return len(line), nil
}

// wait waits for lines that match, in this order, others between them.
func (l *logged) wait(t *testing.T, patterns ...string) {
	t.Helper()
	ctx := within(t)
	for {
		l.mu.Lock()
		left := patterns
		for _, line := range l.lines {
			if len(left) > 0 && regexp.MustCompile("^level="+left[0]+"$").MatchString(line) {
				left = left[1:]
			}
		}
		lines := strings.Join(l.lines, "\n")
		l.mu.Unlock()
		if len(left) == 0 {
			return
		}
		select {
		case <-l.news:
		case <-ctx.Done():
			t.Fatalf("no line %s in\n%s", left[0], lines)
		}
	}
}

// logging returns a client that logs to lines.
func logging(t *testing.T, address string) (*sitq.Client, *logged) {
	t.Helper()
	lines := &logged{news: make(chan struct{}, 1)}
	withoutTime := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	client, err := sitq.Connect(sitq.Config{
		Address: address, Logger: slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{ReplaceAttr: withoutTime})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client, lines
}

// The log tells a drain: how many handlers run, which go on beyond the grace, and what is released.
func TestDrainLog(t *testing.T) {
	client, lines := logging(t, "")
	started, goOn := make(chan struct{}, 10), make(chan struct{})
	defer close(goOn)
	stop := run(t, client, sitq.WorkerConfig{Queues: []string{"drained"}, WorkerID: "drained", Capacity: 3, Grace: time.Millisecond}, func(w *sitq.Worker) {
		sitq.Handle(w, "obeys", func(ctx context.Context, _ struct{}) (struct{}, error) {
			started <- struct{}{}
			<-ctx.Done()
			return struct{}{}, ctx.Err()
		})
		sitq.Handle(w, "stays", func(context.Context, struct{}) (struct{}, error) {
			started <- struct{}{}
			<-goOn
			return struct{}{}, nil
		})
	})
	for _, kind := range []string{"obeys", "obeys", "stays"} {
		if _, err := client.Enqueue(within(t), sitq.Task{Queue: "drained", Type: kind}); err != nil {
			t.Fatal(err)
		}
		<-started
	}
	if _, err := client.WorkerService().DrainWorker(within(t), &sitqv1.DrainWorkerRequest{WorkerId: "drained"}); err != nil {
		t.Fatal(err)
	}
	lines.wait(t, `INFO msg="the server drains the worker: it sends no more tasks" worker_id=drained running=3 why=.*`)
	stop()
	lines.wait(t,
		`INFO msg="the worker is connected" worker_id=drained running=0 unsettled=0 lost=0`,
		`INFO msg="the worker drains: it takes no more tasks" worker_id=drained running=3 released=0`,
		`WARN msg="the grace is over: handlers are cancelled" worker_id=drained running=3 grace=1ms`,
		`WARN msg="handlers have not returned: their tasks are released" worker_id=drained released=1`,
		`INFO msg="the worker has drained" worker_id=drained running=1 took=.*`,
	)
}

// The log tells that a worker is disconnected, with what it holds, and that it is connected again.
func TestReconnectLog(t *testing.T) {
	server := sitqtest.Start(t)
	client, lines := logging(t, server.Address)
	started, goOn := make(chan struct{}), make(chan struct{})
	stop := run(t, client, sitq.WorkerConfig{Queues: []string{"q"}, WorkerID: "returns"}, func(w *sitq.Worker) {
		sitq.Handle(w, "slow", func(context.Context, struct{}) (struct{}, error) {
			close(started)
			<-goOn
			return struct{}{}, nil
		})
	})
	if _, err := client.Enqueue(within(t), sitq.Task{Queue: "q", Type: "slow"}); err != nil {
		t.Fatal(err)
	}
	<-started
	server.Kill()
	lines.wait(t, `INFO msg="the worker is disconnected: .*" worker_id=returns reason="" running=1 unsettled=0 delay=.*`)
	server.Restart(t)
	lines.wait(t, `INFO msg="the worker is connected again" worker_id=returns running=1 unsettled=0 lost=0`)
	close(goOn)
	stop()
	lines.wait(t, `INFO msg="the worker has drained" worker_id=returns running=0 took=.*`)
}
