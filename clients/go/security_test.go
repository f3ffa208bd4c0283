package sitq_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

// authority signs certificates, and writes them to files.
type authority struct {
	t           *testing.T
	directory   string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t, directory: t.TempDir()}
	a.certificate, a.key = a.sign(name, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign writes name.pem and name.key.
func (a *authority) sign(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		a.file(name + ".pem"): {Type: "CERTIFICATE", Bytes: encoded}, a.file(name + ".key"): {Type: "PRIVATE KEY", Bytes: encodedKey},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(encoded)
	if err != nil {
		a.t.Fatal(err)
	}
	return certificate, key
}

func (a *authority) file(name string) string { return filepath.Join(a.directory, name) }

func TestTLS(t *testing.T) {
	ours := newAuthority(t, "ca")
	ours.sign("server", &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		KeyUsage: x509.KeyUsageDigitalSignature,
	})
	ours.sign("client", &x509.Certificate{
		DNSNames: []string{"shop"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	})
	server := sitqtest.Start(t, "--tls-cert", ours.file("server.pem"), "--tls-key", ours.file("server.key"),
		"--tls-client-ca", ours.file("ca.pem"), "--tls-client-auth", "require")
	call := func(tls sitq.TLS) error {
		client, err := sitq.Connect(sitq.Config{Address: server.Address, TLS: &tls, RetryTimeout: -1})
		if err != nil {
			return err
		}
		defer client.Close()
		_, err = client.Enqueue(within(t), sitq.Task{Queue: "q", Type: "t"})
		return err
	}
	good := sitq.TLS{CAFile: ours.file("ca.pem"), CertFile: ours.file("client.pem"), KeyFile: ours.file("client.key")}
	if err := call(good); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]sitq.TLS{
		"another authority":     {CAFile: newAuthority(t, "ca").file("ca.pem"), CertFile: good.CertFile, KeyFile: good.KeyFile},
		"another name":          {CAFile: good.CAFile, CertFile: good.CertFile, KeyFile: good.KeyFile, ServerName: "elsewhere"},
		"no client certificate": {CAFile: good.CAFile},
	} {
		var failure *sitq.Error
		if err := call(bad); !errors.As(err, &failure) || failure.Code != codes.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, unusable := range map[string]sitq.TLS{
		"no file":     {CAFile: ours.file("nothing.pem")},
		"no PEM":      {CA: []byte("nothing")},
		"a lone key":  {KeyFile: good.KeyFile},
		"another key": {CertFile: good.CertFile, KeyFile: ours.file("server.key")},
		"given twice": {CA: []byte("x"), CAFile: good.CAFile},
	} {
		if _, err := sitq.Connect(sitq.Config{TLS: &unusable}); !errors.Is(err, sitq.ErrInvalidField) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// guard is a service that accepts one token.
type guard struct {
	sitqv1.UnimplementedQueueServiceServer
	mu       sync.Mutex
	accepted string
}

func (g *guard) GetTask(ctx context.Context, _ *sitqv1.GetTaskRequest) (*sitqv1.GetTaskResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if md, _ := metadata.FromIncomingContext(ctx); strings.Join(md.Get("authorization"), ",") != "Bearer "+g.accepted {
		return nil, status.Error(codes.Unauthenticated, "no")
	}
	return &sitqv1.GetTaskResponse{}, nil
}

func (g *guard) accept(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.accepted = token
}

func TestTokens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	guarded := &guard{accepted: "one"}
	server := grpc.NewServer()
	sitqv1.RegisterQueueServiceServer(server, guarded)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	get := func(client *sitq.Client) codes.Code {
		_, err := client.QueueService().GetTask(within(t), &sitqv1.GetTaskRequest{})
		return status.Code(err)
	}

	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	client, err := sitq.Connect(sitq.Config{Address: listener.Addr().String(), TokenFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if code := get(client); code != codes.OK {
		t.Error(code)
	}
	// The file is read again when the token is refused; and then not for each refusal.
	guarded.accept("two")
	write("two")
	if code := get(client); code != codes.OK {
		t.Error(code)
	}
	guarded.accept("three")
	if code := get(client); code != codes.Unauthenticated {
		t.Error(code)
	}

	asked := 0
	provided, err := sitq.Connect(sitq.Config{
		Address: listener.Addr().String(),
		TokenSource: func(context.Context) (sitq.Token, error) {
			asked++
			return sitq.Token{Text: "three", Expires: time.Now().Add(time.Hour)}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer provided.Close()
	for range 3 {
		if code := get(provided); code != codes.OK {
			t.Error(code)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}

	broken, err := sitq.Connect(sitq.Config{
		Address: listener.Addr().String(), RetryTimeout: -1,
		TokenSource: func(context.Context) (sitq.Token, error) { return sitq.Token{}, errors.New("no vault") },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	if _, err := broken.Discover(within(t), "any", nil); !errors.Is(err, sitq.ErrTokenUnavailable) {
		t.Error(err)
	}
}

func TestRefusedConfig(t *testing.T) {
	for name, config := range map[string]sitq.Config{
		"a token in clear text": {Address: "sitq.internal:50051", Token: "secret"},
		"a token with a blank":  {Token: "a b"},
		"two tokens":            {Token: "a", TokenFile: "b"},
		"a web address":         {Address: "https://sitq.internal:50051"},
		"no port":               {Address: "sitq.internal"},
		"TLS and not":           {TLS: &sitq.TLS{}, Plaintext: true},
	} {
		if client, err := sitq.Connect(config); !errors.Is(err, sitq.ErrInvalidField) {
			t.Errorf("%s: %v", name, err)
		} else if client != nil {
			t.Errorf("%s: a client", name)
		}
	}
	for _, config := range []sitq.Config{
		{Address: "sitq.internal:50051", Token: "secret", Insecure: true},
		{Address: "localhost:50051", Token: "secret"},
		{Address: "unix:/run/sitq.sock", Token: "secret"},
		{Address: "[::1]:50051", Token: "secret"},
	} {
		client, err := sitq.Connect(config)
		if err != nil {
			t.Error(config.Address, err)
			continue
		}
		client.Close()
	}
}

func TestClosedClient(t *testing.T) {
	client := connect(t)
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Enqueue(within(t), sitq.Task{Queue: "q", Type: "t"}); !errors.Is(err, sitq.ErrClosed) {
		t.Error(err)
	}
	if _, err := client.AwaitTask(within(t), "any"); !errors.Is(err, sitq.ErrClosed) {
		t.Error(err)
	}
}

func TestContext(t *testing.T) {
	client := connect(t)
	task, err := client.Enqueue(within(t), sitq.Task{Queue: "nobody", Type: "t"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.AwaitTask(ctx, task.ID); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := client.Enqueue(ctx, sitq.Task{Queue: "nobody", Type: "t"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
