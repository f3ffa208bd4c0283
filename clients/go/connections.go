package sitq

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// heldPerConnection is how many calls that stay open share a connection: the server bounds them at 150.
const heldPerConnection = 75

// connections carries the calls of a client. Calls that stay open (streams, and what is answered late) have connections of their own,
// so that short ones never wait behind them.
type connections struct {
	servers *servers
	to      map[string]*serverConnections // by address
	token   *bearer
	closed  atomic.Bool
}

// serverConnections are those to one server. They stay when another one is called: what is open ends by itself.
type serverConnections struct {
	address string
	short   *grpc.ClientConn
	dial    func(address string) (*grpc.ClientConn, error)

	mu   sync.Mutex
	held []*heldConnection
}

type heldConnection struct {
	conn  *grpc.ClientConn
	calls int
}

func newConnections(servers *servers, dial func(string) (*grpc.ClientConn, error), token *bearer) (*connections, error) {
	c := &connections{servers: servers, to: map[string]*serverConnections{}, token: token}
	for _, address := range servers.addresses {
		short, err := dial(address)
		if err != nil {
			_ = c.close()
			return nil, err
		}
		c.to[address] = &serverConnections{address: address, short: short, dial: dial}
	}
	return c, nil
}

// lateAnswers are methods with one answer, which may come much later.
var lateAnswers = []string{"/AwaitTask", "/ClaimTasks", "/CheckHealth"}

func isHeld(method string) bool {
	for _, each := range lateAnswers {
		if strings.HasSuffix(method, each) {
			return true
		}
	}
	return false
}

var errClosed = &Error{Code: codes.FailedPrecondition, Reason: ErrClosed, Message: "The client is closed."}

// Invoke implements grpc.ClientConnInterface. A call whose token is refused is made once more, if there is another token; one that was sent
// to no server is made at the next one.
func (c *connections) Invoke(ctx context.Context, method string, args, reply any, options ...grpc.CallOption) error {
	version := c.token.currentVersion()
	err := c.invoke(ctx, method, args, reply, options)
	if status.Code(err) == codes.Unauthenticated && c.token.renews(version) {
		err = c.invoke(ctx, method, args, reply, options)
	}
	return err
}

func (c *connections) invoke(ctx context.Context, method string, args, reply any, options []grpc.CallOption) error {
	return c.somewhere(func(to *serverConnections, _ *stay) (isUnsent bool, err error) {
		if c.servers.isSingle() {
			return false, to.invoke(ctx, method, args, reply, options)
		}
		// It stays empty without a connection to send the call over.
		var reached peer.Peer
		err = to.invoke(ctx, method, args, reply, append(slices.Clone(options), grpc.Peer(&reached)))
		return reached.Addr == nil, err
	})
}

// somewhere makes a call at the server that is called now, and at the next one where it was sent to none, until all were tried.
func (c *connections) somewhere(call func(*serverConnections, *stay) (isUnsent bool, err error)) error {
	var tried []string
	for at := c.servers.current(); ; {
		if c.closed.Load() {
			return errClosed
		}
		isUnsent, err := call(c.to[at.address], at)
		if err == nil {
			return nil
		}
		tried = append(tried, at.address)
		unreached := at.address
		if isUnsent {
			unreached = strings.Join(tried, ",")
		}
		failure := errorOver(unreached, err)
		c.servers.leave(at, failure)
		next := c.servers.untried(tried)
		if !isUnsent || failure.Code != codes.Unavailable || !failure.isOfServer() || next == nil {
			return failure
		}
		at = next
	}
}

func (c *serverConnections) invoke(ctx context.Context, method string, args, reply any, options []grpc.CallOption) error {
	if !isHeld(method) {
		return c.short.Invoke(ctx, method, args, reply, options...)
	}
	conn, release, err := c.take()
	if err != nil {
		return err
	}
	defer release()
	return conn.Invoke(ctx, method, args, reply, options...)
}

// NewStream implements grpc.ClientConnInterface.
func (c *connections) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	var opened *typedStream
	err := c.somewhere(func(to *serverConnections, at *stay) (isUnsent bool, err error) {
		stream, err := to.open(ctx, desc, method, options)
		if err == nil {
			opened = &typedStream{stream, c.servers, at}
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// open opens a stream. That of enqueues is one in all: it goes beside the short calls.
func (c *serverConnections) open(ctx context.Context, desc *grpc.StreamDesc, method string, options []grpc.CallOption) (grpc.ClientStream, error) {
	if strings.HasSuffix(method, "/EnqueueStream") {
		return c.short.NewStream(ctx, desc, method, options...)
	}
	conn, release, err := c.take()
	if err != nil {
		return nil, err
	}
	options = append(slices.Clone(options), grpc.OnFinish(func(error) { release() }))
	stream, err := conn.NewStream(ctx, desc, method, options...)
	if err != nil {
		release()
	}
	return stream, err
}

// typedStream is a stream whose errors are of this package.
type typedStream struct {
	grpc.ClientStream
	servers *servers
	at      *stay
}

// Context implements grpc.ClientStream: it holds the server too.
func (s *typedStream) Context() context.Context {
	return context.WithValue(s.ClientStream.Context(), stayKey{}, s.at)
}

// RecvMsg implements grpc.ClientStream.
func (s *typedStream) RecvMsg(message any) error {
	err := s.ClientStream.RecvMsg(message)
	if err == nil || err == io.EOF {
		return err
	}
	failure := errorOver(s.at.address, err)
	s.servers.leave(s.at, failure)
	return failure
}

// What gRPC says of a call that the server has refused, and of one that it refuses itself.
const (
	noRoom          = "error code: ENHANCE_YOUR_CALM"
	headersTooLarge = "header list size to send violates the maximum size"
)

// errorOver makes an Error of what a connection to an address returned.
func errorOver(address string, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	made := errorFrom(err)
	switch {
	case made.Reason == "" && made.Code == codes.ResourceExhausted && strings.Contains(made.Message, noRoom):
		// HTTP/2 of Node refuses a call with ENHANCE_YOUR_CALM where it means REFUSED_STREAM: the call was not begun.
		return &Error{
			Code: codes.Unavailable, hadNoRoom: true,
			Message: "cannot reach " + address + ": the connection had no room for another call, or the call's headers are too large",
		}
	case made.Reason == "" && made.Code == codes.Internal && strings.HasPrefix(made.Message, headersTooLarge):
		// This side refuses what is beyond the bound that the server has announced.
		return &Error{
			Code: codes.ResourceExhausted, Reason: ErrHeadersTooLarge,
			Message: "the headers of the call are larger than the server takes; send less metadata: " + made.Message,
		}
	case made.Reason != "" || made.Code != codes.Unavailable:
	case strings.HasPrefix(made.Message, tokenFailure):
		made.Reason = ErrTokenUnavailable
	default:
		made.Message = "cannot reach " + address + ": " + made.Message
	}
	return made
}

// take returns a connection for one call that stays open, and what gives its place back.
func (c *serverConnections) take() (*grpc.ClientConn, func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var chosen *heldConnection
	for _, each := range c.held {
		if each.calls < heldPerConnection {
			chosen = each
			break
		}
	}
	if chosen == nil {
		conn, err := c.dial(c.address)
		if err != nil {
			return nil, nil, err
		}
		chosen = &heldConnection{conn: conn}
		c.held = append(c.held, chosen)
	}
	chosen.calls++
	return chosen.conn, sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		chosen.calls--
	}), nil
}

func (c *connections) close() error {
	c.closed.Store(true)
	c.servers.close()
	var failures []error
	for _, each := range c.to {
		failures = append(failures, each.close())
	}
	return errors.Join(failures...)
}

func (c *serverConnections) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, each := range c.held {
		each.conn.Close()
	}
	c.held = nil
	return c.short.Close()
}
