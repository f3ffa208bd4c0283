package sitq

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

const (
	// How long one call of a registration may take.
	registryTimeout = 5 * time.Second
	// The longest wait between two tries: the server is back before a ttl of the usual length is over.
	registryRetry = 2 * time.Second
)

// Instance is an instance of a service to be registered. Address is required.
type Instance struct {
	// Address is where it can be called: "host:port".
	Address string
	// Service is its service. Default: the client's.
	Service string
	// ID is its name within the service. Default: made of the service, the process and a random part.
	ID string
	// Capacity is how many calls it takes at a time. Default 100.
	Capacity int
	// Weight is its share under WEIGHTED. Default: its capacity.
	Weight int
	// Metadata are other facts about it: version, zone, health_check.
	Metadata map[string]string
	// TTL is how long it counts as healthy after its last heartbeat. Default 30 s.
	TTL time.Duration
	// Load returns its current number of calls, for each heartbeat. Default: not reported, so only reserved places count.
	Load func() int
	// OnReplaced is called once if another process registers under its name; the registration has then ended. Default: a warning.
	OnReplaced func()
}

// Registration is an instance of a service, as long as it is kept registered. A worker with a service needs none: its stream is its
// heartbeat.
type Registration struct {
	client   *Client
	instance Instance
	id       string // of the registration
	cancel   context.CancelFunc
	done     chan struct{}
	replaced atomic.Bool
	draining atomic.Bool
	// Ends the wait for the next heartbeat.
	hurry chan struct{}
	// Closed when the server knows that it drains.
	drained   chan struct{}
	onDrained func()
}

// Register registers an instance, and returns once it is registered. Heartbeats follow by themselves, and it registers again whenever
// the server no longer knows it, until Stop.
func (c *Client) Register(ctx context.Context, instance Instance) (*Registration, error) {
	if instance.Service == "" {
		instance.Service = c.service
	}
	if instance.ID == "" {
		instance.ID = generatedName(instance.Service)
	}
	// Made here and not by the server: a call whose answer was lost is repeated with the same one.
	r := &Registration{client: c, instance: instance, id: newID(), done: make(chan struct{}),
		hurry: make(chan struct{}, 1), drained: make(chan struct{})}
	r.onDrained = sync.OnceFunc(func() { close(r.drained) })
	interval, err := retry(ctx, c, r.name(), 0, r.register)
	if err != nil {
		return nil, err
	}
	var background context.Context
	background, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go r.run(background, interval)
	return r, nil
}

// ID returns the instance's id.
func (r *Registration) ID() string { return r.instance.ID }

// IsReplaced reports whether another process has registered under its name.
func (r *Registration) IsReplaced() bool { return r.replaced.Load() }

// Drain says that the instance finishes what it has and takes no new calls, so that callers leave it: with a heartbeat at once, and with
// each one until Stop. Calls that were on their way still come: drain, let them end, then stop. It returns when the server has stored it,
// or the context's error if that comes first; the heartbeats say it all the same.
func (r *Registration) Drain(ctx context.Context) error {
	r.draining.Store(true)
	select {
	case r.hurry <- struct{}{}:
	default:
	}
	select {
	case <-r.drained:
		return nil
	case <-r.done: // It is over: nothing is sent to it.
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// Stop ends the heartbeats and deregisters, so that it is not called any more. A registration that has replaced it stays.
func (r *Registration) Stop(ctx context.Context) error {
	r.cancel()
	<-r.done
	if r.replaced.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	_, err := r.client.RegistryService().DeregisterInstance(ctx, &sitqv1.DeregisterInstanceRequest{
		ServiceName: r.instance.Service, InstanceId: r.instance.ID, RegistrationId: r.id,
	})
	if err != nil && errorFrom(err).Reason != ErrInstanceReplaced {
		return errorFrom(err) // Its ttl ends it.
	}
	return nil
}

func (r *Registration) name() string {
	return fmt.Sprintf("the instance %s of %s", r.instance.ID, r.instance.Service)
}

// register registers it, and returns when the first heartbeat is due.
func (r *Registration) register(ctx context.Context) (time.Duration, error) {
	request := &sitqv1.RegisterInstanceRequest{
		ServiceName: r.instance.Service, InstanceId: r.instance.ID, RegistrationId: r.id, Address: r.instance.Address,
		Capacity: int32(r.instance.Capacity), Weight: int32(r.instance.Weight), Metadata: r.instance.Metadata, Ttl: span(r.instance.TTL),
		Draining: r.draining.Load(),
	}
	if r.instance.Load != nil {
		request.CurrentLoad = int32(r.instance.Load())
	}
	answer, err := r.client.RegistryService().RegisterInstance(ctx, request)
	return heartbeatInterval(answer.GetHeartbeatInterval()), err
}

func (r *Registration) heartbeat(ctx context.Context) (time.Duration, error) {
	request := &sitqv1.HeartbeatRequest{ServiceName: r.instance.Service, InstanceId: r.instance.ID, RegistrationId: r.id}
	if r.instance.Load != nil {
		load := int32(r.instance.Load())
		request.CurrentLoad = &load
	}
	if r.draining.Load() {
		request.Draining = proto.Bool(true)
	}
	answer, err := r.client.RegistryService().Heartbeat(ctx, request)
	return heartbeatInterval(answer.GetHeartbeatInterval()), err
}

// run sends heartbeats until the context is done, or another process has the name.
func (r *Registration) run(ctx context.Context, interval time.Duration) {
	defer close(r.done)
	delays := newPauses(registryRetry)
	attempt := r.client.outages.follow(r.name())
	call := r.heartbeat
	for r.pause(ctx, interval) {
		// What is sent says it too, unless it begins to drain only now: the next one then follows at once.
		draining := r.draining.Load()
		version := r.client.token.currentVersion()
		attempt.begin()
		try, cancel := context.WithTimeout(ctx, registryTimeout)
		next, err := call(try)
		cancel()
		if err == nil {
			attempt.reached()
			delays.reset()
			if draining {
				r.onDrained()
			}
			call, interval = r.heartbeat, next
			continue
		}
		if ctx.Err() != nil {
			return
		}
		failure := r.client.errorOf(err, version)
		switch {
		case failure.Reason == ErrInstanceReplaced:
			r.replaced.Store(true)
			r.client.log.Warn("another process registered "+r.name()+": this registration has ended", "service", r.instance.Service)
			if r.instance.OnReplaced != nil {
				r.instance.OnReplaced()
			}
			return
		case failure.Reason == ErrInstanceNotFound:
			r.client.log.Warn("the server no longer knows "+r.name()+"; registering again", "service", r.instance.Service)
			call, interval = r.register, 0
		case delays.headers.refuses(failure) || failure.denied():
			attempt.failed(failure)
			interval = delays.lasting.next(failure.RetryDelay)
		default:
			attempt.failed(failure)
			interval = attempt.delay(failure, func() time.Duration { return min(registryRetry, delays.usual.next(failure.RetryDelay)) })
		}
	}
}

// pause waits for the next heartbeat, or until it is wanted at once; it returns false if the context is done.
func (r *Registration) pause(ctx context.Context, interval time.Duration) bool {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.hurry:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func heartbeatInterval(interval *durationpb.Duration) time.Duration {
	if interval == nil {
		return 10 * time.Second
	}
	return max(100*time.Millisecond, interval.AsDuration())
}
