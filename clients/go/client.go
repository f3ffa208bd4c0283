package sitq

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Client calls one server, or one of several that share their data. The errors of its calls, those of the raw services too, are [*Error]. It connects with the first call, and again whenever it must. It may be used by many goroutines.
type Client struct {
	address      string
	servers      *servers
	service      string
	log          *slog.Logger
	tracing      Tracing // nil: nothing is traced
	token        *bearer
	connections  *connections
	dialOptions  []grpc.DialOption
	retryTimeout time.Duration
	callTimeout  time.Duration
	outages      *outages
	enqueues     *batcher[*sitqv1.EnqueueRequest, *sitqv1.EnqueueStreamResult]
	stream       *enqueueStream
	publications *batcher[*sitqv1.PublishRequest, *sitqv1.PublishResult]
}

func newClient(config Config, address string, servers *servers, log *slog.Logger, token *bearer, options []grpc.DialOption) (*Client, error) {
	client := &Client{
		address: address, servers: servers, service: config.Service, log: log, tracing: config.Tracing, token: token, dialOptions: options,
		retryTimeout: config.RetryTimeout, callTimeout: config.CallTimeout,
		outages: &outages{address: address, servers: servers, log: log},
	}
	if client.retryTimeout == 0 {
		client.retryTimeout = 30 * time.Second
	}
	if client.callTimeout <= 0 {
		client.callTimeout = 10 * time.Second
	}
	connections, err := newConnections(servers, client.dial, token)
	if err != nil {
		return nil, err
	}
	client.connections = connections
	client.stream = &enqueueStream{client: client}
	// Small enough for the stream, which costs less than a call.
	client.enqueues = newBatcher(client, "an enqueue", leastMessageBytes, client.sendTasks)
	client.publications = newBatcher(client, "a publication", messageBytes, client.sendEvents)
	return client, nil
}

// Close closes the connections: streams and waits fail, and every further call with [ErrClosed]. Stop workers and registrations
// first.
func (c *Client) Close() error {
	c.stream.close()
	return c.connections.close()
}

// Address returns the server's address, or those of several, as they were given.
func (c *Client) Address() string { return c.address }

// QueueService returns the raw service of tasks and queues.
func (c *Client) QueueService() sitqv1.QueueServiceClient {
	return sitqv1.NewQueueServiceClient(c.connections)
}

// WorkerService returns the raw service of workers.
func (c *Client) WorkerService() sitqv1.WorkerServiceClient {
	return sitqv1.NewWorkerServiceClient(c.connections)
}

// EventService returns the raw service of events and subscriptions.
func (c *Client) EventService() sitqv1.EventServiceClient {
	return sitqv1.NewEventServiceClient(c.connections)
}

// WorkflowService returns the raw service of workflows.
func (c *Client) WorkflowService() sitqv1.WorkflowServiceClient {
	return sitqv1.NewWorkflowServiceClient(c.connections)
}

// RegistryService returns the raw service of the registry.
func (c *Client) RegistryService() sitqv1.RegistryServiceClient {
	return sitqv1.NewRegistryServiceClient(c.connections)
}

// AdminService returns the raw service of the operator.
func (c *Client) AdminService() sitqv1.AdminServiceClient {
	return sitqv1.NewAdminServiceClient(c.connections)
}

// AccessService returns the raw service of principals and tokens.
func (c *Client) AccessService() sitqv1.AccessServiceClient {
	return sitqv1.NewAccessServiceClient(c.connections)
}

// HealthService returns the standard health service of the server.
func (c *Client) HealthService() grpc_health_v1.HealthClient {
	return grpc_health_v1.NewHealthClient(c.connections)
}

// dial makes a connection, which is opened with its first call.
func (c *Client) dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, c.dialOptions...)
}

// errorOf makes an Error of a failed call, whose token had the version.
func (c *Client) errorOf(err error, tokenVersion int) *Error {
	made := errorOver(c.address, err)
	if made.Code == codes.Unauthenticated && c.token.renews(tokenVersion) {
		renewed := *made
		renewed.renewsToken = true
		return &renewed
	}
	return made
}

// retry makes a call that is safe to repeat, and repeats it while its failures are transient, within the retry timeout and the
// context. Each try has the call timeout, and extra on top.
func retry[T any](ctx context.Context, c *Client, name string, extra time.Duration, call func(context.Context) (T, error)) (T, error) {
	delays := backoff{base: backoffBase, cap: retryCap}
	var headers headersJudge
	attempt := c.outages.follow(name)
	var until time.Time
	for {
		version := c.token.currentVersion()
		attempt.begin()
		try, cancel := context.WithTimeout(ctx, c.callTimeout+extra)
		answer, err := call(try)
		cancel()
		if err == nil {
			attempt.reached()
			return answer, nil
		}
		if ctx.Err() != nil {
			return answer, ended(ctx)
		}
		failure := c.errorOf(err, version)
		if !failure.retryable() || headers.refuses(failure) || errors.Is(failure, ErrClosed) {
			return answer, failure
		}
		if until.IsZero() {
			until = time.Now().Add(c.retryTimeout)
		}
		delay := attempt.delay(failure, func() time.Duration { return delays.next(failure.RetryDelay) })
		if time.Now().Add(delay).After(until) {
			return answer, failure
		}
		attempt.failed(failure)
		if !sleep(ctx, delay) {
			return answer, ended(ctx)
		}
	}
}
