package sitq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Token is what proves who the caller is, and until when.
type Token struct {
	Text string
	// Expires is its end; ten seconds before, the source is asked again. Zero: it is asked when the server refuses the token.
	Expires time.Time
}

// TokenSource returns the token that calls carry. It is asked for the first call, when the token is at its end, and when the server
// refuses it.
type TokenSource func(ctx context.Context) (Token, error)

const (
	tokenRenewBefore   = 10 * time.Second
	tokenSourceTimeout = 10 * time.Second
	// A failure of the source is the answer to other calls too: it is not asked by each of thousands.
	tokenFailureLasts = time.Second
	// A token that was asked for because of a refusal, and is refused itself within this time, is the source's last word.
	tokenRefusedAgain = 10 * time.Second
	tokenFileReread   = time.Minute
)

// bearer is the token of a client, in the metadata of each call.
type bearer struct {
	source TokenSource // nil: the token is fixed

	mu      sync.Mutex
	text    string
	failure error
	known   bool
	renewAt time.Time     // zero: never
	asking  chan struct{} // closed when the source has answered; nil: it is not asked
	version int
	refused time.Time
}

func fixedToken(text string) *bearer { return &bearer{text: text, known: true} }

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b *bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	for {
		b.mu.Lock()
		if b.known && (b.renewAt.IsZero() || time.Now().Before(b.renewAt)) {
			text, failure := b.text, b.failure
			b.mu.Unlock()
			if failure != nil {
				return nil, failure
			}
			return map[string]string{"authorization": "Bearer " + text}, nil
		}
		if b.asking == nil {
			b.asking = make(chan struct{})
			go b.ask(context.WithoutCancel(ctx), b.version)
		}
		asking := b.asking
		b.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. Connect has refused to send a token to another machine in
// clear text, unless it may.
func (b *bearer) RequireTransportSecurity() bool { return false }

// ask asks the source, for all calls that wait.
func (b *bearer) ask(ctx context.Context, version int) {
	ctx, cancel := context.WithTimeout(ctx, tokenSourceTimeout)
	defer cancel()
	token, err := b.source(ctx)
	if err == nil && !usableToken(token.Text) {
		err = errors.New("expected one word of printable ASCII")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.asking)
	b.asking = nil
	b.known, b.renewAt, b.failure = true, time.Time{}, nil
	switch {
	case err != nil:
		b.failure = status.Error(codes.Unavailable, fmt.Sprintf("%s%v", tokenFailure, err))
		b.renewAt = time.Now().Add(tokenFailureLasts)
	case !token.Expires.IsZero():
		// A token that is nearly at its end is replaced once a second at most, not once a call.
		b.renewAt = time.Now().Add(max(time.Second, time.Until(token.Expires)-tokenRenewBefore))
	}
	if err == nil {
		b.text = token.Text
	}
	// What was refused while the source was asked may be what it has answered.
	b.known = b.known && version == b.version
}

// tokenFailure begins the texts of failures of the source.
const tokenFailure = "no token: "

func (b *bearer) currentVersion() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version
}

// renews notes that the server refused the token of a version, and reports whether the next call carries another one.
func (b *bearer) renews(version int) bool {
	if b == nil || b.source == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if version != b.version {
		return true
	}
	if time.Since(b.refused) < tokenRefusedAgain {
		return false
	}
	b.refused = time.Now()
	b.known = false
	b.version++
	return true
}

func usableToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < 0x21 || r > 0x7e })
}

// tokenFile is the source of a token in a file, which may be replaced.
func tokenFile(path string, warn func(string)) TokenSource {
	var once sync.Once
	return func(context.Context) (Token, error) {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
			once.Do(func() { warn(fmt.Sprintf("everybody on this machine can read %s: chmod o-r it", path)) })
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return Token{}, err
		}
		text := strings.TrimSpace(string(content))
		if text == "" {
			return Token{}, fmt.Errorf("%s is empty", path)
		}
		return Token{Text: text, Expires: time.Now().Add(tokenFileReread + tokenRenewBefore)}, nil
	}
}
