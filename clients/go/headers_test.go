package sitq

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
)

// Headers beyond what the server takes are refused once, whoever refuses them, and are no reason to send smaller messages.
func TestHeadersTooLarge(t *testing.T) {
	for _, bytes := range []int{17_000, 100_000} {
		client, err := Connect(Config{Token: strings.Repeat("x", bytes), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		_, err = client.Enqueue(t.Context(), Task{Queue: "q", Type: "t"})
		var failure *Error
		if !errors.As(err, &failure) || failure.Reason != ErrHeadersTooLarge || failure.Code != codes.ResourceExhausted {
			t.Fatalf("%d bytes: %v", bytes, err)
		}
		if _, isTooLarge := failure.tooLarge(); isTooLarge || failure.retryable() {
			t.Errorf("%d bytes: %v", bytes, err)
		}
		if delays := newPauses(reconnectCap); delays.next(failure) > deniedBase || delays.lasting.tries != 1 {
			t.Error("a worker tries again soon")
		}
	}
}

// A server that resets calls for their headers, in the same words as those beyond the calls that it takes, is tried five times.
func TestHeadersReset(t *testing.T) {
	calls := atomic.Int32{}
	client, err := Connect(Config{Address: resetting(t, &calls), Plaintext: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for name, call := range map[string]func(context.Context) error{
		"an enqueue": func(ctx context.Context) error {
			_, err := client.Enqueue(ctx, Task{Queue: "q", Type: "t"})
			return err
		},
		"a discovery": func(ctx context.Context) error {
			_, err := client.Discover(ctx, "s", nil)
			return err
		},
	} {
		calls.Store(0)
		var failure *Error
		if err := call(t.Context()); !errors.As(err, &failure) || failure.Code != codes.Unavailable || !failure.hadNoRoom {
			t.Errorf("%s: %v", name, err)
		}
		if n := calls.Load(); n != mostWithoutRoom {
			t.Errorf("%s: %d calls", name, n)
		}
		if _, isTooLarge := failure.tooLarge(); isTooLarge {
			t.Errorf("%s: its message is called too large", name)
		}
	}
	noRoom, other := &Error{Code: codes.Unavailable, hadNoRoom: true}, &Error{Code: codes.Unavailable}
	delays := newPauses(reconnectCap)
	for range mostWithoutRoom - 1 {
		delays.next(noRoom)
	}
	delays.next(other)
	for range mostWithoutRoom {
		delays.next(noRoom)
	}
	if delays.usual.tries != 2*mostWithoutRoom-1 || delays.lasting.tries != 1 {
		t.Errorf("%d usual delays, %d long ones", delays.usual.tries, delays.lasting.tries)
	}
}

// resetting serves HTTP/2 and resets every call with ENHANCE_YOUR_CALM. It counts them, and returns its address.
func resetting(t *testing.T, calls *atomic.Int32) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go reset(conn, calls)
		}
	}()
	return listener.Addr().String()
}

const (
	frameHeaders, frameReset, frameSettings, framePing = 1, 3, 4, 6
	flagAck                                            = 1
	enhanceYourCalm                                    = 11
)

func reset(conn net.Conn, calls *atomic.Int32) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	// What cannot be written, the client's end of the connection tells when it is read.
	write := func(kind, flags byte, stream uint32, payload []byte) {
		header := []byte{0, 0, byte(len(payload)), kind, flags}
		_, _ = conn.Write(append(binary.BigEndian.AppendUint32(header, stream), payload...))
	}
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	write(frameSettings, 0, 0, nil)
	for {
		header := make([]byte, 9)
		if _, err := io.ReadFull(conn, header); err != nil {
			return
		}
		payload := make([]byte, int(header[0])<<16|int(header[1])<<8|int(header[2]))
		if _, err := io.ReadFull(conn, payload); err != nil {
			return
		}
		switch kind, isAck := header[3], header[4]&flagAck != 0; {
		case kind == frameSettings && !isAck:
			write(frameSettings, flagAck, 0, nil)
		case kind == framePing && !isAck:
			write(framePing, flagAck, 0, payload)
		case kind == frameHeaders:
			calls.Add(1)
			write(frameReset, 0, binary.BigEndian.Uint32(header[5:]), binary.BigEndian.AppendUint32(nil, enhanceYourCalm))
		}
	}
}
