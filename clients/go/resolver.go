package sitq

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc/resolver"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Resolver makes "sitq:///inventory" a target of gRPC: it follows the service's instances, those that are healthy, take calls and say
// where, and spreads calls over them. "sitq:///inventory?zone=b" takes only those with these metadata. While the server is away the last
// instances that were known go on.
//
//	conn, err := grpc.NewClient("sitq:///inventory", grpc.WithResolvers(client.Resolver()), grpc.WithTransportCredentials(…))
//
// The client is used as long as there are such connections: close them first.
func (c *Client) Resolver() resolver.Builder { return &resolverBuilder{c} }

type resolverBuilder struct{ client *Client }

// Scheme implements resolver.Builder.
func (b *resolverBuilder) Scheme() string { return "sitq" }

// Build implements resolver.Builder.
func (b *resolverBuilder) Build(target resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	service := strings.TrimPrefix(target.URL.Path, "/")
	query, err := url.ParseQuery(target.URL.RawQuery)
	if err != nil || service == "" || strings.Contains(service, "/") || target.URL.Host != "" {
		return nil, fmt.Errorf("sitq: a target is sitq:///SERVICE or sitq:///SERVICE?KEY=VALUE, not %s", target.URL.String())
	}
	metadata := map[string]string{}
	for key := range query {
		metadata[key] = query.Get(key)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &serviceResolver{cancel: cancel, done: make(chan struct{})}
	go r.run(ctx, b.client, service, metadata, conn)
	return r, nil
}

type serviceResolver struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// ResolveNow implements resolver.Resolver: the watch tells by itself.
func (r *serviceResolver) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (r *serviceResolver) Close() {
	r.cancel()
	<-r.done
}

func (r *serviceResolver) run(ctx context.Context, client *Client, service string, metadata map[string]string, conn resolver.ClientConn) {
	defer close(r.done)
	config := conn.ParseServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`)
	reported := ""
	for instances, err := range client.WatchInstances(ctx, service, metadata) {
		if err != nil {
			if ctx.Err() == nil {
				conn.ReportError(err)
			}
			return
		}
		addresses := map[string]bool{}
		for _, each := range instances {
			if each.State == sitqv1.InstanceState_INSTANCE_STATE_HEALTHY && each.Address != "" && each.Capacity > 0 {
				addresses[each.Address] = true
			}
		}
		sorted := slices.Sorted(maps.Keys(addresses))
		// Every new list restarts the balancing.
		if list := strings.Join(sorted, ","); list == reported && list != "" {
			continue
		} else {
			reported = list
		}
		state := resolver.State{ServiceConfig: config}
		for _, address := range sorted {
			state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
		}
		// Without addresses the balancer closes its connections and calls fail as UNAVAILABLE; the error is gRPC's reason to ask again.
		_ = conn.UpdateState(state)
	}
}
