// Package sitqorca reports the load of a gRPC server to its clients: at the end of each call, and out of band to those that ask for it.
// Clients with client-side weighted round robin then call the instances that have most room.
//
// The reports are those of ORCA (https://github.com/grpc/proposal/blob/master/A51-custom-backend-metrics.md); docs/discovery.md says
// how clients by xDS come to heed them.
package sitqorca

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/orca"
	"google.golang.org/grpc/status"
)

// A Worker is the *sitq.Worker of the same process.
type Worker interface {
	// Running returns how many tasks it runs now.
	Running() int
	// Capacity returns how many it runs at a time at most.
	Capacity() int
}

// Config says what the load is made of. The zero value is a service without a worker.
type Config struct {
	// Worker is the worker of the same process: its running tasks count. Default: none.
	Worker Worker
	// Capacity is how many calls and tasks the process takes at a time, as it is registered. Default: the worker's; without one 100.
	Capacity int
	// Load returns what else it is busy with, in calls; below 0 counts as 0. Default: nothing.
	Load func() int
}

// Reports are the reports of one gRPC server. Use [Reports.ServerOptions] and [Reports.Register] for it.
type Reports struct {
	config Config
	calls  *meter
}

// New returns reports. It fails if the capacity is below 0, or the worker's is 0.
func New(config Config) (*Reports, error) {
	if config.Capacity == 0 {
		config.Capacity = 100
		if config.Worker != nil {
			config.Capacity = config.Worker.Capacity()
		}
	}
	if config.Capacity <= 0 {
		return nil, fmt.Errorf("sitqorca: Capacity is %d; it must be above 0", config.Capacity)
	}
	return &Reports{config: config, calls: newMeter(time.Now)}, nil
}

// ServerOptions are for grpc.NewServer: they count its calls, and report at the end of each. Calls of gRPC's own services, such as
// health checks, do not count.
func (r *Reports) ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		orca.CallMetricsServerOption(r),
		grpc.ChainUnaryInterceptor(r.unary),
		grpc.ChainStreamInterceptor(r.stream),
	}
}

// Register adds the service that reports out of band. It reports every 30 s at most, which is the least that gRPC for Go allows.
func (r *Reports) Register(server grpc.ServiceRegistrar) error {
	return orca.Register(server, orca.ServiceOptions{ServerMetricsProvider: r})
}

// Load returns what the process has in hand now: calls, tasks, and what else Config.Load says. It can be the Load of its sitq.Instance.
func (r *Reports) Load() int { return r.busyWith() + r.calls.now() }

// ServerMetrics returns the report of now, as gRPC asks for it: how much of the capacity is taken, with calls as a mean over about five
// seconds, and how many calls began and failed in a second.
func (r *Reports) ServerMetrics() *orca.ServerMetrics {
	underWay, perSecond, failedPerSecond := r.calls.read()
	return &orca.ServerMetrics{
		CPUUtilization: -1,
		MemUtilization: -1,
		AppUtilization: (float64(r.busyWith()) + underWay) / float64(r.config.Capacity),
		QPS:            perSecond,
		EPS:            failedPerSecond,
		Utilization:    map[string]float64{},
		RequestCost:    map[string]float64{},
		NamedMetrics:   map[string]float64{},
	}
}

// busyWith returns what the process has in hand beside calls.
func (r *Reports) busyWith() int {
	busy := 0
	if r.config.Worker != nil {
		busy += r.config.Worker.Running()
	}
	if r.config.Load != nil {
		busy += max(0, r.config.Load())
	}
	return busy
}

func (r *Reports) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	defer r.count(ctx, info.FullMethod)(&err)
	return handler(ctx, req)
}

func (r *Reports) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer r.count(stream.Context(), info.FullMethod)(&err)
	return handler(srv, stream)
}

// count begins a call, and returns what ends it.
func (r *Reports) count(ctx context.Context, method string) func(*error) {
	if strings.HasPrefix(method, "/grpc.") || strings.HasPrefix(method, "/xds.") {
		return func(*error) {}
	}
	// Without a recorder that was asked for, gRPC reports nothing of a call.
	orca.CallMetricsRecorderFromContext(ctx)
	r.calls.begin()
	return func(err *error) { r.calls.end(isFailure(*err)) }
}

// isFailure reports whether the server is to blame, or another instance might have done better: clients call one that reports errors
// the less.
func isFailure(err error) bool {
	answer, ok := status.FromError(err)
	if !ok {
		answer = status.FromContextError(err)
	}
	switch answer.Code() {
	case codes.Unknown, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		return true
	default:
		return false
	}
}
