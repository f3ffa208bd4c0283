package sitq

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Resolver makes "sitq:///inventory" a target of gRPC: it follows the service's instances, those that are healthy, take calls and say
// where, and spreads calls over them. "sitq:///inventory?zone=b" takes only those with these metadata. While the server is away the last
// instances that were known go on.
//
//	conn, err := grpc.NewClient("sitq:///inventory", grpc.WithResolvers(client.Resolver()), grpc.WithTransportCredentials(…))
//
// The client is used as long as there are such connections: close them first. A service config of gRPC, with a retry policy, is given by
// [Client.ResolverWithConfig]: one that is given to grpc.NewClient counts for less than the resolver's.
func (c *Client) Resolver() resolver.Builder { return &resolverBuilder{c, `{}`} }

// ResolverWithConfig is Resolver with a service config of gRPC, as JSON: its retry policies and timeouts. Calls are spread by round robin
// where it names no loadBalancingConfig.
func (c *Client) ResolverWithConfig(serviceConfig string) resolver.Builder {
	return &resolverBuilder{c, serviceConfig}
}

type resolverBuilder struct {
	client *Client
	config string
}

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
	config := map[string]any{"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}}}
	if err := json.Unmarshal([]byte(b.config), &config); err != nil {
		return nil, fmt.Errorf("sitq: the service config is not valid: %w", err)
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	parsed := conn.ParseServiceConfig(string(text))
	if parsed.Err != nil {
		return nil, fmt.Errorf("sitq: the service config is not valid: %w", parsed.Err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &serviceResolver{client: b.client, conn: conn, config: parsed, cancel: cancel, done: make(chan struct{})}
	go r.run(ctx, service, metadata)
	return r, nil
}

type serviceResolver struct {
	client *Client
	conn   resolver.ClientConn
	config *serviceconfig.ParseResult
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

func (r *serviceResolver) run(ctx context.Context, service string, metadata map[string]string) {
	defer close(r.done)
	reported := ""
	for instances, err := range r.client.WatchInstances(ctx, service, metadata) {
		if err != nil {
			if ctx.Err() == nil {
				r.conn.ReportError(err)
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
		list := strings.Join(sorted, ",")
		if list == reported && list != "" {
			continue
		}
		reported = list
		state := resolver.State{ServiceConfig: r.config}
		for _, address := range sorted {
			state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
		}
		// Without addresses the balancer closes its connections and calls fail as UNAVAILABLE; the error is gRPC's reason to ask again.
		_ = r.conn.UpdateState(state)
	}
}
