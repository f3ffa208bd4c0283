package sitq

import (
	"context"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// How long the server may be out of reach while a workflow is waited for or watched.
const workflowOutage = time.Minute

// Workflow is a workflow to be started. Name and Steps are required.
type Workflow struct {
	// Name is its name: "place-order".
	Name string
	// Steps are what is done: 1 to 100.
	Steps []Step
	// Input is the input of the steps' expressions: any value of [EncodePayload]; nil: nothing.
	Input any
	// Headers are those of the tasks of its steps and compensations.
	Headers map[string]string
	// CorrelationID ties together what belongs together. Default: the workflow's id.
	CorrelationID string
	// RequestID makes the start safe to repeat, also by another process. Default: one of the client's own.
	RequestID string
	// Pending stores it without starting it, until ExecuteWorkflow of the raw service.
	Pending bool
}

// Step is one step of a workflow. ID, Service and Action are required.
type Step struct {
	// ID is its name within the workflow.
	ID string
	// Service is the service that runs it: the queue of its task.
	Service string
	// Action is what to do: the type of its task.
	Action string
	// Parameters are the payload of its task: any value of [EncodePayload]; nil: nothing. In JSON "${input.sku}" is an expression.
	Parameters any
	// DependsOn are the steps that must be completed first.
	DependsOn []string
	// MaxRetries is how often a failed attempt is retried. Default 3; negative: never.
	MaxRetries int
	// Retry is the delay between attempts.
	Retry *RetryPolicy
	// Timeout is how long one attempt may run.
	Timeout time.Duration
	// CompensateWith is the type of the task that undoes it.
	CompensateWith string
}

func (s Step) proto(place int) (*sitqv1.WorkflowStep, error) {
	parameters, err := fieldPayload(fmt.Sprintf("steps[%d].parameters", place), s.Parameters)
	if err != nil {
		return nil, err
	}
	step := &sitqv1.WorkflowStep{
		StepId: s.ID, ServiceName: s.Service, Action: s.Action, Parameters: parameters, DependsOn: s.DependsOn,
		RetryPolicy: s.Retry.proto(), Timeout: span(s.Timeout), CompensateWith: s.CompensateWith,
	}
	if s.MaxRetries != 0 {
		retries := int32(max(0, s.MaxRetries))
		step.MaxRetries = &retries
	}
	return step, nil
}

// Started is a workflow that is on the server's disk.
type Started struct {
	// ID is the workflow's id.
	ID string
	// Created: this call stored it. False: it was there, with the same request id.
	Created bool
}

// StartWorkflow stores a workflow and starts it. A call whose answer is lost is repeated with the same request id: no second one is
// started.
func (c *Client) StartWorkflow(ctx context.Context, workflow Workflow) (started Started, err error) {
	request := &sitqv1.StartWorkflowRequest{
		Name: workflow.Name, CorrelationId: workflow.CorrelationID, RequestId: workflow.RequestID, SourceService: c.service,
		Pending: workflow.Pending, Headers: workflow.Headers,
	}
	if request.RequestId == "" {
		request.RequestId = newRequestID()
	}
	input, err := fieldPayload("input", workflow.Input)
	if err != nil {
		return Started{}, err
	}
	request.Input = input
	for i, each := range workflow.Steps {
		step, err := each.proto(i)
		if err != nil {
			return Started{}, err
		}
		request.Steps = append(request.Steps, step)
	}
	if c.tracing != nil {
		span := c.startSend(ctx, workflow.message)
		request.Headers = addTrace(workflow.Headers, span.Headers(0))
		defer func() { endSend(span, started.ID, err) }()
	}
	answer, err := retry(ctx, c, "the start of a workflow", 0, func(ctx context.Context) (*sitqv1.StartWorkflowResponse, error) {
		return c.WorkflowService().StartWorkflow(ctx, request)
	})
	if err != nil {
		return Started{}, err
	}
	// A generated request id is unique: what a repeat finds was stored by the first try.
	return Started{ID: answer.GetWorkflow().GetId(), Created: answer.GetCreated() || workflow.RequestID == ""}, nil
}

// WorkflowUpdate is what a watch tells: the workflow as it stands, at first and after each reconnect; or what changed since.
type WorkflowUpdate struct {
	// Workflow is the workflow, without payloads and results; nil: Changes has what changed.
	Workflow *sitqv1.Workflow
	Changes  []*sitqv1.WorkflowChange
}

// WatchWorkflow returns every change of a workflow until it is at rest, through restarts of the server. The last error is that of the
// context, or what no reconnect can mend.
func (c *Client) WatchWorkflow(ctx context.Context, workflowID string) iter.Seq2[WorkflowUpdate, error] {
	return func(yield func(WorkflowUpdate, error) bool) {
		with := reconnection{
			name: "the watch of the workflow " + workflowID, limit: workflowOutage, endsWell: true, cap: retryCap,
			isFinal: func(failure *Error) bool { return !failure.retryable() },
		}
		open := func(ctx context.Context) (sitqv1.WorkflowService_WatchWorkflowClient, error) {
			return c.WorkflowService().WatchWorkflow(ctx, &sitqv1.WatchWorkflowRequest{WorkflowId: workflowID})
		}
		err := reconnecting(ctx, c, with, open, func(message *sitqv1.WatchWorkflowResponse) bool {
			if message.Workflow != nil && !yield(WorkflowUpdate{Workflow: message.Workflow}, nil) {
				return false
			}
			return len(message.Changes) == 0 || yield(WorkflowUpdate{Changes: message.Changes}, nil)
		})
		if err != nil {
			yield(WorkflowUpdate{}, err)
		}
	}
}

// WorkflowFailedError is an awaited workflow that came to rest without being completed.
type WorkflowFailedError struct {
	// Workflow is the workflow with its steps.
	Workflow *sitqv1.Workflow
}

// Error names the workflow, the step that failed and why.
func (e *WorkflowFailedError) Error() string {
	end := "was cancelled"
	if e.Workflow.State == sitqv1.WorkflowState_WORKFLOW_STATE_FAILED {
		end = "failed at the step " + e.Workflow.GetFailure().GetStepId()
	}
	if e.Workflow.CompensationState == sitqv1.CompensationState_COMPENSATION_STATE_FAILED {
		end += ", and its compensation failed"
	}
	return fmt.Sprintf("sitq: the workflow %s (%s) %s%s", e.Workflow.Id, e.Workflow.Name, end, why(e.Workflow.GetFailure().GetError()))
}

// StepID is the step that failed for good. Empty: the workflow was cancelled.
func (e *WorkflowFailedError) StepID() string { return e.Workflow.GetFailure().GetStepId() }

// Type is the error's type for programs, as [TaskFailedError] has it.
func (e *WorkflowFailedError) Type() string { return e.Workflow.GetFailure().GetError().GetType() }

// AwaitWorkflow waits until a workflow is at rest, through restarts of the server, and returns it; [ResultOf] reads the results of its
// steps. The error is a [*WorkflowFailedError] if it is not completed, after its compensations.
func (c *Client) AwaitWorkflow(ctx context.Context, workflowID string) (*sitqv1.Workflow, error) {
	for {
		for _, err := range c.WatchWorkflow(ctx, workflowID) {
			if err != nil {
				return nil, err
			}
		}
		request := &sitqv1.GetWorkflowRequest{WorkflowId: workflowID}
		answer, err := retry(ctx, c, "the wait for the workflow "+workflowID, 0, func(ctx context.Context) (*sitqv1.GetWorkflowResponse, error) {
			return c.WorkflowService().GetWorkflow(ctx, request)
		})
		if err != nil {
			return nil, err
		}
		if answer.Workflow.GetFinishTime() == nil {
			continue // It was retried meanwhile.
		}
		if answer.Workflow.State != sitqv1.WorkflowState_WORKFLOW_STATE_COMPLETED {
			return answer.Workflow, &WorkflowFailedError{Workflow: answer.Workflow}
		}
		return answer.Workflow, nil
	}
}

// ResultOf reads the result of a step of a workflow.
func ResultOf[Out any](workflow *sitqv1.Workflow, stepID string) (Out, error) {
	var none Out
	for _, step := range workflow.GetSteps() {
		if step.StepId != stepID {
			continue
		}
		what := fmt.Sprintf("The result of the step %s of the workflow %s", stepID, workflow.Id)
		if err := undamaged(step.DamagedFields, "result", what); err != nil {
			return none, err
		}
		return DecodePayload[Out](step.Result)
	}
	return none, &Error{Code: codes.NotFound, Message: fmt.Sprintf("the workflow %s has no step %s", workflow.GetId(), stepID)}
}
