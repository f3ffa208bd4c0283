package sitq

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Discover returns the healthy instances of a service that have the metadata, all of them; none if there are none.
func (c *Client) Discover(ctx context.Context, service string, metadata map[string]string) ([]*sitqv1.Instance, error) {
	var instances []*sitqv1.Instance
	request := &sitqv1.DiscoverInstancesRequest{ServiceName: service, Metadata: metadata}
	for {
		answer, err := retry(ctx, c, "the discovery of "+service, 0, func(ctx context.Context) (*sitqv1.DiscoverInstancesResponse, error) {
			return c.RegistryService().DiscoverInstances(ctx, request)
		})
		if err != nil {
			if errorFrom(err).Reason == ErrServiceNotFound {
				return nil, nil
			}
			return nil, err
		}
		instances = append(instances, answer.Instances...)
		if answer.NextPageToken == "" {
			return instances, nil
		}
		request.PageToken = answer.NextPageToken
	}
}

// Pick says from which instances one is chosen, and how. Service is required.
type Pick struct {
	// Service is the service.
	Service string
	// Strategy is how. Default: LEAST_LOADED.
	Strategy sitqv1.BalancingStrategy
	// Key is what STICKY keeps on one instance.
	Key string
	// Metadata are what the instances must have.
	Metadata map[string]string
	// Reservation is how long the place is kept at most. Default 30 s; negative: none is reserved.
	Reservation time.Duration
}

// Picked is an instance with a place on it.
type Picked struct {
	// Address is where it can be called.
	Address string
	// Instance is the instance.
	Instance *sitqv1.Instance

	client        *Client
	reservationID string
	once          sync.Once
}

// Pick has an instance chosen, and a place reserved on it, until Release. The error is [ErrServiceNotFound], [ErrNoHealthyInstance] or
// [ErrServiceFull] if there is none.
func (c *Client) Pick(ctx context.Context, pick Pick) (*Picked, error) {
	request := &sitqv1.PickInstanceRequest{
		ServiceName: pick.Service, Strategy: pick.Strategy, Key: pick.Key, Metadata: pick.Metadata,
	}
	if pick.Strategy == 0 {
		request.Strategy = sitqv1.BalancingStrategy_BALANCING_STRATEGY_LEAST_LOADED
	}
	if pick.Reservation != 0 {
		request.ReservationDuration = span(pick.Reservation)
		if pick.Reservation < 0 {
			request.ReservationDuration = noReservation
		}
	}
	// It is not repeated: each call reserves a place.
	version := c.token.currentVersion()
	ctx, cancel := context.WithTimeout(ctx, c.callTimeout)
	defer cancel()
	answer, err := c.RegistryService().PickInstance(ctx, request)
	if err != nil {
		return nil, c.errorOf(err, version)
	}
	return &Picked{
		Address: answer.GetInstance().GetAddress(), Instance: answer.GetInstance(), client: c, reservationID: answer.GetReservationId(),
	}, nil
}

// Release gives the place back. A place that could not be given back runs out. It may be called again.
func (p *Picked) Release() {
	p.once.Do(func() {
		if p.reservationID == "" {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), p.client.callTimeout)
		defer cancel()
		if _, err := p.client.RegistryService().ReleaseInstance(ctx, &sitqv1.ReleaseInstanceRequest{ReservationId: p.reservationID}); err != nil {
			p.client.log.Warn("could not give back a place, which runs out", "instance_id", p.Instance.GetInstanceId(), "error", err)
		}
	})
}

// Workers are instances while their streams are open, so that a server which has just started knows none of them: those that were there
// before count as there for this long.
const absentWorkers = 5 * time.Second

// WatchInstances returns all instances of a service that have the metadata, in every state, and again whenever one has changed. It
// reconnects until the context is done, and keeps what it knows meanwhile; the last error is that of the context.
func (c *Client) WatchInstances(ctx context.Context, service string, metadata map[string]string) iter.Seq2[[]*sitqv1.Instance, error] {
	return func(yield func([]*sitqv1.Instance, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		messages := make(chan *sitqv1.WatchInstancesResponse)
		failed := make(chan error, 1)
		go func() { failed <- c.readInstances(ctx, service, metadata, messages) }()
		known := &knownInstances{known: map[string]*sitqv1.Instance{}, absent: map[string]*sitqv1.Instance{}}
		absence := time.NewTimer(time.Hour)
		defer absence.Stop()
		for {
			select {
			case message := <-messages:
				isNews := known.apply(message)
				if message.Snapshot || isNews {
					absence.Reset(absentWorkers)
				}
				if isNews && !yield(known.list(), nil) {
					return
				}
			case <-absence.C:
				if len(known.absent) == 0 {
					continue
				}
				clear(known.absent)
				if !yield(known.list(), nil) {
					return
				}
			case err := <-failed:
				yield(nil, err)
				return
			}
		}
	}
}

func (c *Client) readInstances(ctx context.Context, service string, metadata map[string]string, into chan<- *sitqv1.WatchInstancesResponse) error {
	resumeToken := ""
	with := reconnection{name: "the watch of " + service, cap: registryRetry, isFinal: func(failure *Error) bool {
		return failure.Code == codes.InvalidArgument
	}}
	open := func(ctx context.Context) (sitqv1.RegistryService_WatchInstancesClient, error) {
		return c.RegistryService().WatchInstances(ctx, &sitqv1.WatchInstancesRequest{ServiceName: service, Metadata: metadata, ResumeToken: resumeToken})
	}
	return reconnecting(ctx, c, with, open, func(message *sitqv1.WatchInstancesResponse) bool {
		if message.ResumeToken != "" {
			resumeToken = message.ResumeToken
		}
		select {
		case into <- message:
			return true
		case <-ctx.Done():
			return false
		}
	})
}

// knownInstances is what a watch has learned.
type knownInstances struct {
	known map[string]*sitqv1.Instance
	// Workers that a snapshot did not show, and that may come back.
	absent map[string]*sitqv1.Instance
	// A snapshot that is not whole; nil: none is under way.
	collected map[string]*sitqv1.Instance
}

// apply takes a message, and reports whether there is something new to tell.
func (k *knownInstances) apply(message *sitqv1.WatchInstancesResponse) (isNews bool) {
	if message.Snapshot {
		k.collected = map[string]*sitqv1.Instance{}
	}
	target := k.known
	if k.collected != nil {
		target = k.collected
	}
	for _, change := range message.Changes {
		name := fmt.Sprintf("%s/%s", change.GetInstance().GetServiceName(), change.GetInstance().GetInstanceId())
		delete(k.absent, name)
		if change.Type == sitqv1.InstanceChangeType_INSTANCE_CHANGE_TYPE_REMOVED {
			delete(target, name)
		} else {
			target[name] = change.Instance
		}
	}
	if message.ResumeToken == "" {
		return false
	}
	if k.collected == nil {
		return len(message.Changes) > 0
	}
	for name, instance := range k.known {
		if _, ok := k.collected[name]; !ok && instance.Source == sitqv1.InstanceSource_INSTANCE_SOURCE_WORKER {
			k.absent[name] = instance
		}
	}
	k.known, k.collected = k.collected, nil
	return true
}

func (k *knownInstances) list() []*sitqv1.Instance {
	all := maps.Clone(k.known)
	maps.Copy(all, k.absent)
	instances := make([]*sitqv1.Instance, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		instances = append(instances, all[name])
	}
	return instances
}

// noReservation asks for an instance without a place on it.
var noReservation = durationpb.New(0)
