package sitq

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// One call waits at most so long before the task is looked at again.
const lookEvery = 30 * time.Second

// TaskFailedError is an awaited task that ended without a result.
type TaskFailedError struct {
	// Task is the task with its attempts.
	Task *sitqv1.Task
}

// Error names the task, its type and why.
func (e *TaskFailedError) Error() string {
	how := "was cancelled"
	if e.Task.State == sitqv1.TaskState_TASK_STATE_FAILED {
		how = fmt.Sprintf("failed after %d attempts", e.Task.Attempt)
		if e.Task.Attempt == 1 {
			how = "failed after 1 attempt"
		}
	}
	return fmt.Sprintf("sitq: the task %s (%s) %s%s", e.Task.Id, e.Task.Type, how, why(e.Task.LastError))
}

// Type is the error's type for programs: the type of the handler's error, or one of the server, such as "LEASE_LOST".
func (e *TaskFailedError) Type() string { return e.Task.GetLastError().GetType() }

func why(failure *sitqv1.TaskError) string {
	var parts []string
	for _, part := range []string{failure.GetType(), failure.GetMessage()} {
		if part != "" && part != "CANCELLED" && part != "Error" {
			parts = append(parts, part)
		}
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ": ")
}

// AwaitTask waits until a task is finished, whichever way, through restarts of the server, and returns it.
func (c *Client) AwaitTask(ctx context.Context, taskID string) (*sitqv1.Task, error) {
	isLogged := false
	for {
		request := &sitqv1.AwaitTaskRequest{TaskId: taskID, Timeout: durationpb.New(lookEvery)}
		answer, err := retry(ctx, c, "the wait for the task "+taskID, lookEvery, func(ctx context.Context) (*sitqv1.AwaitTaskResponse, error) {
			return c.QueueService().AwaitTask(ctx, request)
		})
		if err != nil {
			return nil, err
		}
		if isFinished(answer.Task.GetState()) {
			return answer.Task, nil
		}
		if !isLogged {
			isLogged = true
			if reason := c.whyItWaits(ctx, answer.Task); reason != "" {
				c.log.Warn(fmt.Sprintf("the task %s waits: %s", taskID, reason), "task_id", taskID, "queue", answer.Task.GetQueue())
			}
		}
	}
}

func isFinished(state sitqv1.TaskState) bool {
	switch state {
	case sitqv1.TaskState_TASK_STATE_COMPLETED, sitqv1.TaskState_TASK_STATE_FAILED, sitqv1.TaskState_TASK_STATE_CANCELLED:
		return true
	}
	return false
}

// Await waits until a task is completed, through restarts of the server, and returns its result. The error is a [*TaskFailedError] if
// it ends otherwise, and a [*PayloadError] if the result is no Out.
func Await[Out any](ctx context.Context, c *Client, taskID string) (Out, error) {
	var none Out
	task, err := c.AwaitTask(ctx, taskID)
	if err != nil {
		return none, err
	}
	if task.State != sitqv1.TaskState_TASK_STATE_COMPLETED {
		return none, &TaskFailedError{Task: task}
	}
	if err := undamaged(task.DamagedFields, "result", "The result of the task "+taskID); err != nil {
		return none, err
	}
	return DecodePayload[Out](task.Result)
}

// Call enqueues a task and waits for its result.
func Call[Out any](ctx context.Context, c *Client, task Task) (Out, error) {
	stored, err := c.Enqueue(ctx, task)
	if err != nil {
		var none Out
		return none, err
	}
	return Await[Out](ctx, c, stored.ID)
}

// whyItWaits says why no worker takes a task. Empty: one will, or that is not known.
func (c *Client) whyItWaits(ctx context.Context, task *sitqv1.Task) string {
	if task.GetState() != sitqv1.TaskState_TASK_STATE_PENDING {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	answer, err := c.QueueService().GetQueue(ctx, &sitqv1.GetQueueRequest{Name: task.Queue})
	if err != nil {
		return ""
	}
	if answer.Queue.GetPaused() {
		return "the queue " + task.Queue + " is paused"
	}
	if answer.Queue.GetStatistics().GetWorkers() == 0 {
		return "no worker is on the queue " + task.Queue
	}
	for _, each := range answer.Queue.GetStatistics().GetUnhandledTypes() {
		if each.Type == task.Type {
			return fmt.Sprintf("no worker on the queue %s handles %s", task.Queue, task.Type)
		}
	}
	return ""
}

func undamaged(damaged []string, field, what string) error {
	for _, each := range damaged {
		if each == field {
			return &Error{Code: codes.DataLoss, Reason: ErrDataLoss, Message: what + " is damaged on the server's disk."}
		}
	}
	return nil
}
