package sitq_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

// A call reaches the server that is there, wherever it stands among the addresses.
func TestDeadServersArePassedOver(t *testing.T) {
	server := sitqtest.Start(t)
	for range 4 {
		for _, addresses := range [][]string{
			{dead(t), dead(t), server.Address},
			{server.Address, dead(t)},
		} {
			client := open(t, addresses...)
			if _, err := client.QueueService().GetQueue(within(t), &sitqv1.GetQueueRequest{Name: "none"}); !errors.Is(err, sitq.ErrQueueNotFound) {
				t.Error(err)
			}
			stream, err := client.RegistryService().WatchInstances(within(t), &sitqv1.WatchInstancesRequest{ServiceName: "s"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A call that is sent to no server names them all.
func TestAllServersAway(t *testing.T) {
	addresses := []string{dead(t), dead(t)}
	_, err := open(t, addresses...).QueueService().GetQueue(within(t), &sitqv1.GetQueueRequest{Name: "q"})
	var failure *sitq.Error
	if !errors.As(err, &failure) || failure.Code != codes.Unavailable {
		t.Fatal(err)
	}
	for _, each := range addresses {
		if !strings.Contains(failure.Message, each) {
			t.Error(failure.Message)
		}
	}
}

// A producer goes on at another server when its own is gone, and each task is stored once.
func TestProducerMoves(t *testing.T) {
	server := sitqtest.Start(t)
	one, two := startProxy(t, server.Address), startProxy(t, server.Address)
	client := open(t, one.address, two.address)
	var all sync.WaitGroup
	ids := sync.Map{}
	enqueue := func() {
		task, err := client.Enqueue(within(t), sitq.Task{Queue: "many", Type: "t"})
		if err != nil || !task.Created {
			t.Error(task, err)
			return
		}
		ids.Store(task.ID, true)
	}
	enqueue()
	for range 200 {
		all.Go(enqueue)
	}
	used(one, two).stop()
	all.Wait()
	enqueue()
	count := 0
	ids.Range(func(any, any) bool { count++; return true })
	answer, err := server.Client(t).QueueService().GetQueue(within(t), &sitqv1.GetQueueRequest{Name: "many"})
	if err != nil || count != 202 || answer.Queue.Statistics.Pending != 202 {
		t.Error(count, answer, err)
	}
}

// A worker whose server is cut off goes on at another one, keeps its lease, and runs its task once.
func TestWorkerMoves(t *testing.T) {
	server := sitqtest.Start(t)
	one, two := startProxy(t, server.Address), startProxy(t, server.Address)
	client := open(t, one.address, two.address)
	started, goOn := make(chan struct{}, 10), make(chan struct{})
	connects := make(chan struct{}, 10)
	var attempts atomic.Int32
	run(t, client, sitq.WorkerConfig{Queues: []string{"q"}, OnConnect: func() { connects <- struct{}{} }}, func(w *sitq.Worker) {
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
	<-connects
	task, err := server.Client(t).Enqueue(within(t), sitq.Task{Queue: "q", Type: "slow", Payload: 7})
	if err != nil {
		t.Fatal(err)
	}
	<-started
	used(one, two).stop()
	<-connects
	close(goOn)
	if out, err := sitq.Await[int](within(t), client, task.ID); err != nil || out != 8 {
		t.Error(out, err)
	}
	if n := attempts.Load(); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// A worker whose server stops goes to another one at once.
func TestWorkerLeavesStoppingServer(t *testing.T) {
	one, two := sitqtest.Start(t), sitqtest.Start(t)
	client := open(t, one.Address, two.Address)
	connects := make(chan struct{}, 10)
	done := make(chan string, 10)
	run(t, client, sitq.WorkerConfig{Queues: []string{"q"}, OnConnect: func() { connects <- struct{}{} }}, func(w *sitq.Worker) {
		sitq.Handle(w, "greet", func(_ context.Context, name string) (string, error) {
			done <- name
			return "", nil
		})
	})
	<-connects
	here, there := one, two
	if workers, err := one.Client(t).WorkerService().ListWorkers(within(t), &sitqv1.ListWorkersRequest{}); err != nil || len(workers.Workers) == 0 {
		here, there = two, one
	}
	here.Stop()
	<-connects
	if _, err := there.Client(t).Enqueue(within(t), sitq.Task{Queue: "q", Type: "greet", Payload: "Ada"}); err != nil {
		t.Fatal(err)
	}
	if name := <-done; name != "Ada" {
		t.Error(name)
	}
}

// A watch of events goes on behind its last position.
func TestWatchMoves(t *testing.T) {
	server := sitqtest.Start(t)
	one, two := startProxy(t, server.Address), startProxy(t, server.Address)
	client := open(t, one.address, two.address)
	direct := server.Client(t)
	seen := make(chan string, 10)
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		for event, err := range client.WatchEvents(ctx, sitq.FromEarliest(), sitq.Filter{}) {
			if err != nil {
				return
			}
			seen <- event.Id
		}
	}()
	for _, id := range []string{"first", "second", "third"} {
		if _, err := direct.Publish(within(t), sitq.Event{ID: id, Type: "t"}); err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != id {
			t.Errorf("%s in place of %s", got, id)
		}
		if id == "first" {
			used(one, two).stop()
		}
	}
	cancel()
}

func open(t *testing.T, addresses ...string) *sitq.Client {
	t.Helper()
	client, err := sitq.Connect(sitq.Config{
		Address: strings.Join(addresses, ","), Service: "test", Plaintext: true, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// dead returns an address where nothing listens.
func dead(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// proxy passes on the connections to a server until it is stopped.
type proxy struct {
	address  string
	listener net.Listener

	mu    sync.Mutex
	conns []net.Conn
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String(), listener: listener}
	t.Cleanup(p.stop)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", target)
			if err != nil {
				from.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, from, to)
			p.mu.Unlock()
			go pass(from, to)
			go pass(to, from)
		}
	}()
	return p
}

func pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	from.Close()
	to.Close()
}

func (p *proxy) stop() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, each := range p.conns {
		each.Close()
	}
}

// used returns the proxy that has connections.
func used(proxies ...*proxy) *proxy {
	for _, each := range proxies {
		each.mu.Lock()
		n := len(each.conns)
		each.mu.Unlock()
		if n > 0 {
			return each
		}
	}
	panic("no proxy is used")
}
