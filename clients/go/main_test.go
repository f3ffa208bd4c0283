package sitq_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
)

// TestMain starts a server for the tests that need no other, and for the examples: they find it by SITQ_ADDRESS.
func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "sitq-go-")
	if err != nil {
		panic(err)
	}
	server, err := sitqtest.Launch(directory)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("SITQ_ADDRESS", server.Address)
	code := m.Run()
	server.Kill()
	os.RemoveAll(directory)
	os.Exit(code)
}

// connect returns a client of the server of all tests.
func connect(t *testing.T) *sitq.Client {
	t.Helper()
	client, err := sitq.Connect(sitq.Config{Service: "test", Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// run runs a worker until the test ends, and fails it if Run does not return nil.
func run(t *testing.T, client *sitq.Client, config sitq.WorkerConfig, set func(w *sitq.Worker)) (stop func()) {
	t.Helper()
	connected := make(chan struct{}, 100)
	former := config.OnConnect
	config.OnConnect = func() {
		if former != nil {
			former()
		}
		connected <- struct{}{}
	}
	worker, err := sitq.NewWorker(client, config)
	if err != nil {
		t.Fatal(err)
	}
	set(worker)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	}
	t.Cleanup(stop)
	select {
	case <-connected:
	case err := <-done:
		done <- err
		t.Fatalf("Run returned %v", err)
	}
	return stop
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}
