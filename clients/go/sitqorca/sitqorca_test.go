package sitqorca_test

import (
	"context"
	"math"
	"net"
	"testing"
	"time"

	orcadata "github.com/cncf/xds/go/xds/data/orca/v3"
	orcaservice "github.com/cncf/xds/go/xds/service/orca/v3"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/balancer/weightedroundrobin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqorca"
	"github.com/sitq/sitq/clients/go/sitqtest"
)

// reportsOf returns reports of a configuration that is valid.
func reportsOf(t *testing.T, config sitqorca.Config) *sitqorca.Reports {
	t.Helper()
	reports, err := sitqorca.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return reports
}

// serve starts a gRPC server with reports and one method, "/test.Shop/Name", and returns its address.
func serve(t *testing.T, reports *sitqorca.Reports, handle func(context.Context) (string, error)) string {
	t.Helper()
	server := grpc.NewServer(reports.ServerOptions()...)
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "test.Shop", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Name",
		Handler: func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			if err := decode(new(emptypb.Empty)); err != nil {
				return nil, err
			}
			return interceptor(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/test.Shop/Name"}, func(ctx context.Context, _ any) (any, error) {
				name, err := handle(ctx)
				return wrapperspb.String(name), err
			})
		},
	}}}, struct{}{})
	healthpb.RegisterHealthServer(server, health.NewServer())
	if err := reports.Register(server); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func open(t *testing.T, target string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(target, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// call calls Name, and returns the answer with the report of the call; nil: there was none.
func call(t *testing.T, conn *grpc.ClientConn) (string, *orcadata.OrcaLoadReport, error) {
	t.Helper()
	var trailer metadata.MD
	name := new(wrapperspb.StringValue)
	err := conn.Invoke(t.Context(), "/test.Shop/Name", new(emptypb.Empty), name, grpc.Trailer(&trailer))
	return name.GetValue(), reportIn(t, trailer), err
}

func reportIn(t *testing.T, trailer metadata.MD) *orcadata.OrcaLoadReport {
	t.Helper()
	found := trailer.Get("endpoint-load-metrics-bin")
	if len(found) == 0 {
		return nil
	}
	report := new(orcadata.OrcaLoadReport)
	if err := proto.Unmarshal([]byte(found[0]), report); err != nil {
		t.Fatal(err)
	}
	return report
}

// outOfBand returns the first report out of band.
func outOfBand(t *testing.T, conn *grpc.ClientConn) *orcadata.OrcaLoadReport {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := orcaservice.NewOpenRcaServiceClient(conn).StreamCoreMetrics(ctx, new(orcaservice.OrcaLoadReportRequest))
	if err != nil {
		t.Fatal(err)
	}
	report, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func answer(name string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return name, nil }
}

func TestTheTasksOfAWorkerAreTheLoadOfItsProcess(t *testing.T) {
	client := sitqtest.Connect(t)
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"mail"}, Capacity: 10})
	if err != nil {
		t.Fatal(err)
	}
	begun, over := make(chan struct{}), make(chan struct{})
	sitq.Handle(worker, "send", func(context.Context, struct{}) (struct{}, error) {
		begun <- struct{}{}
		<-over
		return struct{}{}, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() {
		close(over)
		cancel()
		<-ended
	})
	reports := reportsOf(t, sitqorca.Config{Worker: worker})
	conn := open(t, serve(t, reports, answer("a")))
	if report := outOfBand(t, conn); report.GetApplicationUtilization() != 0 {
		t.Errorf("an idle worker reported %v", report)
	}
	for range 3 {
		if _, err := client.Enqueue(t.Context(), sitq.Task{Queue: "mail", Type: "send", Payload: struct{}{}}); err != nil {
			t.Fatal(err)
		}
		<-begun
	}
	if report := outOfBand(t, conn); math.Abs(report.GetApplicationUtilization()-0.3) > 1e-6 {
		t.Errorf("reported out of band: %v; want 0.3", report)
	}
	_, report, err := call(t, conn)
	if err != nil || math.Abs(report.GetApplicationUtilization()-0.3) > 0.05 || report.GetRpsFractional() <= 0 {
		t.Errorf("reported with a call: %v, %v; want 0.3 and calls", report, err)
	}
}

func TestCallsAndWhatTheApplicationSaysAreTheLoadOfAServiceWithoutAWorker(t *testing.T) {
	busy := 2
	reports := reportsOf(t, sitqorca.Config{Capacity: 4, Load: func() int { return busy }})
	begun, over := make(chan struct{}), make(chan struct{})
	conn := open(t, serve(t, reports, func(context.Context) (string, error) {
		begun <- struct{}{}
		<-over
		return "a", nil
	}))
	if report := outOfBand(t, conn); report.GetApplicationUtilization() != 0.5 || report.GetRpsFractional() != 0 {
		t.Errorf("reported %v; want 0.5 and no call", report)
	}
	ended := make(chan error)
	go func() {
		_, _, err := call(t, conn)
		ended <- err
	}()
	<-begun
	if load := reports.Load(); load != 3 {
		t.Errorf("the load is %d; want 3", load)
	}
	over <- struct{}{}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	busy = -1
	if load := reports.Load(); load != 0 {
		t.Errorf("the load is %d; want 0", load)
	}
}

func TestCallsThatFailByTheServersFaultAreReportedAsErrors(t *testing.T) {
	failures := []error{context.Canceled, status.Error(codes.NotFound, "no"), status.Error(codes.Internal, "no")}
	conn := open(t, serve(t, reportsOf(t, sitqorca.Config{}), func(context.Context) (string, error) {
		failure := failures[0]
		failures = failures[1:]
		return "", failure
	}))
	var reported []float64
	for range 3 {
		_, report, err := call(t, conn)
		if err == nil {
			t.Error("the call did not fail")
		}
		reported = append(reported, report.GetEps()/report.GetRpsFractional())
	}
	if reported[0] != 0 || reported[1] != 0 || reported[2] < 0.33 || reported[2] > 1 {
		t.Errorf("errors by calls are %v; want 0, 0 and a third, or more as the first ones are longer ago", reported)
	}
}

func TestHealthChecksAreNoCalls(t *testing.T) {
	reports := reportsOf(t, sitqorca.Config{})
	conn := open(t, serve(t, reports, answer("a")))
	var trailer metadata.MD
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), new(healthpb.HealthCheckRequest), grpc.Trailer(&trailer)); err != nil {
		t.Fatal(err)
	}
	if report := reportIn(t, trailer); report != nil {
		t.Errorf("a health check reported %v", report)
	}
	if report := outOfBand(t, conn); report.GetRpsFractional() != 0 {
		t.Errorf("counted %v", report)
	}
}

func TestAClientWithWeightedRoundRobinFollowsTheReports(t *testing.T) {
	addresses := []resolver.Address{}
	for name, load := range map[string]int{"busy": 90, "idle": 10} {
		reports := reportsOf(t, sitqorca.Config{Capacity: 100, Load: func() int { return load }})
		addresses = append(addresses, resolver.Address{Addr: serve(t, reports, answer(name))})
	}
	found := manual.NewBuilderWithScheme("test")
	found.InitialState(resolver.State{Addresses: addresses})
	conn := open(t, "test:///shop", grpc.WithResolvers(found), grpc.WithDefaultServiceConfig(
		`{"loadBalancingConfig": [{"weighted_round_robin": {"blackoutPeriod": "0s", "weightUpdatePeriod": "0.1s"}}]}`))
	for deadline := time.Now().Add(20 * time.Second); ; {
		idle := 0
		for range 100 {
			name, _, err := call(t, conn)
			if err != nil {
				t.Fatal(err)
			}
			if name == "idle" {
				idle++
			}
		}
		if idle > 85 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of 100 calls went to the idle server", idle)
		}
	}
}

func TestACapacityOfNothingIsRefused(t *testing.T) {
	if _, err := sitqorca.New(sitqorca.Config{Capacity: -1}); err == nil {
		t.Error("a capacity of -1 was accepted")
	}
}
