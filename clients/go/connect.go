package sitq

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// Config says how a client reaches its server. The zero value is a server on this machine, or what the environment names.
type Config struct {
	// Address is "host:port", or a target that gRPC resolves, such as "unix:/run/sitq.sock"; those of several servers that share their
	// data are separated by commas. Default: SITQ_ADDRESS, or 127.0.0.1:50051.
	Address string
	// Service is the service that this process is part of: the source of its tasks and events, the service of its workers.
	Service string
	// TLS encrypts. Default: as SITQ_TLS_CA, SITQ_TLS_CLIENT_CERT, SITQ_TLS_CLIENT_KEY, SITQ_TLS_SERVER_NAME and SITQ_TLS=true say.
	TLS *TLS
	// Plaintext does not encrypt, whatever the environment says.
	Plaintext bool
	// Token is what each call carries. Default: SITQ_TOKEN, or the file SITQ_TOKEN_FILE.
	Token string
	// TokenFile is the file of the token, in place of Token. It may be replaced: it is read again each minute, and when the server
	// refuses the token.
	TokenFile string
	// TokenSource provides the token, in place of Token.
	TokenSource TokenSource
	// Insecure sends the token in clear text to another machine too. Default: Connect refuses that.
	Insecure bool
	// Logger logs. Default: slog.Default(). Payloads and results are never logged.
	Logger *slog.Logger
	// RetryTimeout is how long a call is repeated when the server is out of reach or its answer is lost. Default 30 s; negative:
	// not at all. A repeat makes nothing twice. The context of the call may end it earlier.
	RetryTimeout time.Duration
	// CallTimeout is how long the server may be silent before a call is repeated. Default 10 s.
	CallTimeout time.Duration
	// Tracing makes spans, and passes traces on. Default: nothing does. The module sitqotel has one for OpenTelemetry.
	Tracing Tracing
	// DialOptions are further options of the connections: interceptors, a stats handler.
	DialOptions []grpc.DialOption
}

const defaultAddress = "127.0.0.1:50051"

// Connect makes a client. It does not wait for the server: the first call does.
func Connect(config Config) (*Client, error) {
	address := config.Address
	if address == "" {
		address = os.Getenv("SITQ_ADDRESS")
	}
	if address == "" {
		address = defaultAddress
	}
	addresses := addressesIn(address)
	if err := checkAddresses(address, addresses); err != nil {
		return nil, err
	}
	log := config.Logger
	if log == nil {
		log = slog.Default()
	}
	warn := func(text string) { log.Warn(text) }
	encryption, err := tlsOf(config)
	if err != nil {
		return nil, err
	}
	token, err := tokenOf(config, warn)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if encryption != nil {
		settings, err := tlsConfig(*encryption, warn)
		if err != nil {
			return nil, err
		}
		transport = credentials.NewTLS(settings)
	} else if token != nil && !config.Insecure && !allStayHere(addresses) {
		return nil, invalid("token", fmt.Sprintf(
			"a token is not sent to %s in clear text; set TLS, or Insecure on a network that you trust", address))
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUserAgent("sitq-go"),
		// gRPC's own bound is two minutes, which outlives the leases.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           grpcbackoff.Config{BaseDelay: backoffBase, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectCap},
			MinConnectTimeout: 5 * time.Second,
		}),
		// A connection that is dead but not closed is found within 15 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
	}
	if token != nil {
		options = append(options, grpc.WithPerRPCCredentials(token))
	}
	if len(addresses) > 1 {
		// One that is not called any more: gRPC would go on trying to reach it for half an hour.
		options = append(options, grpc.WithIdleTimeout(time.Minute))
	}
	return newClient(config, address, newServers(addresses, log), log, token, append(options, config.DialOptions...))
}

func tlsOf(config Config) (*TLS, error) {
	if config.TLS != nil && config.Plaintext {
		return nil, invalid("tls", "TLS and Plaintext are both set")
	}
	if config.TLS != nil || config.Plaintext {
		return config.TLS, nil
	}
	on := os.Getenv("SITQ_TLS")
	if on != "" && on != "true" && on != "false" {
		return nil, invalid("tls", "SITQ_TLS is true or false, not "+on)
	}
	files := TLS{
		CAFile: os.Getenv("SITQ_TLS_CA"), CertFile: os.Getenv("SITQ_TLS_CLIENT_CERT"), KeyFile: os.Getenv("SITQ_TLS_CLIENT_KEY"),
		ServerName: os.Getenv("SITQ_TLS_SERVER_NAME"),
	}
	isGiven := files.CAFile != "" || files.CertFile != "" || files.KeyFile != "" || files.ServerName != ""
	if on == "false" || (on == "" && !isGiven) {
		return nil, nil
	}
	return &files, nil
}

func tokenOf(config Config, warn func(string)) (*bearer, error) {
	text, file := config.Token, config.TokenFile
	given := 0
	for _, is := range []bool{text != "", file != "", config.TokenSource != nil} {
		if is {
			given++
		}
	}
	if given == 0 {
		text, file = os.Getenv("SITQ_TOKEN"), os.Getenv("SITQ_TOKEN_FILE")
		if text != "" && file != "" {
			return nil, invalid("token", "both SITQ_TOKEN and SITQ_TOKEN_FILE are set")
		}
	}
	switch {
	case given > 1:
		return nil, invalid("token", "given twice: only one of Token, TokenFile and TokenSource")
	case config.TokenSource != nil:
		return &bearer{source: config.TokenSource}, nil
	case file != "":
		return &bearer{source: tokenFile(file, warn)}, nil
	case text == "":
		return nil, nil
	case !usableToken(text):
		return nil, invalid("token", "expected one word of printable ASCII")
	}
	return fixedToken(text), nil
}

func allStayHere(addresses []string) bool {
	for _, each := range addresses {
		if !staysHere(each) {
			return false
		}
	}
	return true
}

// staysHere reports whether what is sent to an address stays on this machine.
func staysHere(address string) bool {
	if strings.HasPrefix(address, "unix") {
		return true
	}
	host, _, err := net.SplitHostPort(resolvedName.ReplaceAllString(address, ""))
	if err != nil {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
