// Package sitqtest starts sitq servers for tests.
package sitqtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sitq/sitq/clients/go"
)

// Server is a real server in a process of its own.
type Server struct {
	// Address is where it listens: "127.0.0.1:40123".
	Address string

	args    []string
	db      string
	command *exec.Cmd
	exited  chan struct{}
	log     *tail
}

// Start starts a server on a free port of 127.0.0.1, with a database in the test's temporary directory, and kills it when the test
// ends. args are further arguments of "sitq serve". The program is that of SITQ_BIN, of the repository that holds this package, or the
// sitq on the PATH.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s, err := Launch(t.TempDir(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// Connect returns a client of a server that is started for it. It is closed when the test ends.
func Connect(t testing.TB, args ...string) *sitq.Client {
	t.Helper()
	return Start(t, args...).Client(t)
}

// Launch starts a server as Start does, with its database in a directory: for TestMain, where there is no test yet. Kill it at the end.
func Launch(directory string, args ...string) (*Server, error) {
	s := &Server{args: args, db: filepath.Join(directory, "sitq.db")}
	return s, s.start("127.0.0.1:0")
}

// Client returns a client of the server, which logs to the test and is closed when the test ends.
func (s *Server) Client(t testing.TB) *sitq.Client {
	t.Helper()
	client, err := sitq.Connect(sitq.Config{
		Address: s.Address, Service: "test", Plaintext: true, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in order, and waits for it.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Restart starts the server again after Kill or Stop, on the same address and the same file.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(s.Address); err != nil {
		t.Fatal(err)
	}
}

// Signal sends the server a signal, such as SIGSTOP.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		t.Error(err)
	}
}

func (s *Server) end(signal os.Signal) {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Signal(signal) // It may have ended.
	<-s.exited
}

var greeting = regexp.MustCompile(`listens on\s+(\S+)`)

func (s *Server) start(listen string) error {
	program, err := find()
	if err != nil {
		return err
	}
	s.command = exec.Command(program, append([]string{"serve", "--listen", listen, "--db", s.db}, s.args...)...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "SITQ_") {
			s.command.Env = append(s.command.Env, variable)
		}
	}
	s.log = &tail{}
	s.command.Stderr = s.log
	output, err := s.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.command.Start(); err != nil {
		return err
	}
	address := make(chan string, 1)
	exited := make(chan struct{})
	s.exited = exited
	command := s.command
	go func() {
		defer close(exited)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if match := greeting.FindStringSubmatch(lines.Text()); match != nil {
				address <- match[1]
			}
		}
		_, _ = io.Copy(io.Discard, output)
		_ = command.Wait()
	}()
	select {
	case s.Address = <-address:
		return nil
	case <-exited:
		return fmt.Errorf("sitqtest: the server ended before it listened:\n%s", s.log)
	case <-time.After(time.Minute):
		s.Kill()
		return fmt.Errorf("sitqtest: the server did not listen within a minute:\n%s", s.log)
	}
}

// find returns the program sitq.
func find() (string, error) {
	if program := os.Getenv("SITQ_BIN"); program != "" {
		return program, nil
	}
	if _, file, _, ok := runtime.Caller(0); ok {
		program := filepath.Join(filepath.Dir(file), "../../../bin/sitq")
		if _, err := os.Stat(program); err == nil {
			return program, nil
		}
	}
	program, err := exec.LookPath("sitq")
	if err != nil {
		return "", errors.New("sitqtest: there is no sitq: install it, or set SITQ_BIN to the program")
	}
	return program, nil
}

// tail keeps the end of what the server logged.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *tail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() > 20_000 {
		l.text.Next(l.text.Len() - 20_000)
	}
	return l.text.Write(b)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
