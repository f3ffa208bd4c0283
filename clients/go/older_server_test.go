package sitq_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"google.golang.org/grpc"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

// older is a server that does not know the stream of enqueues.
type older struct {
	sitqv1.UnimplementedQueueServiceServer
}

func (*older) EnqueueBatch(_ context.Context, request *sitqv1.EnqueueBatchRequest) (*sitqv1.EnqueueBatchResponse, error) {
	answer := &sitqv1.EnqueueBatchResponse{}
	for _, each := range request.Requests {
		task := &sitqv1.Task{Id: "id-" + each.Task.Type, RequestId: each.RequestId}
		answer.Results = append(answer.Results, &sitqv1.EnqueueResult{Task: task, Created: true})
	}
	return answer, nil
}

func TestOlderServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	sitqv1.RegisterQueueServiceServer(server, &older{})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	client, err := sitq.Connect(sitq.Config{Address: listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, kind := range []string{"a", "b"} {
		if task, err := client.Enqueue(within(t), sitq.Task{Queue: "q", Type: kind}); err != nil || task.ID != "id-"+kind || !task.Created {
			t.Error(task, err)
		}
	}
	if _, err := client.StartWorkflow(within(t), sitq.Workflow{Name: "w"}); err == nil {
		t.Error("a workflow started")
	}
}

// Errors of raw services are typed too.
func TestRawService(t *testing.T) {
	client := connect(t)
	_, err := client.QueueService().GetTask(within(t), &sitqv1.GetTaskRequest{TaskId: "missing"})
	if !errors.Is(err, sitq.ErrTaskNotFound) {
		t.Error(err)
	}
	watch, err := client.WorkflowService().WatchWorkflow(within(t), &sitqv1.WatchWorkflowRequest{WorkflowId: "missing"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); !errors.Is(err, sitq.ErrWorkflowNotFound) {
		t.Error(err)
	}
}
