// Command go calls services by grpc-go's xDS, for interop/README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	_ "google.golang.org/grpc/xds" // for xds:///
)

// command is what a line of standard input asks for.
type command struct {
	Target      string            `json:"target"`
	Calls       int               `json:"calls"`
	Concurrency int               `json:"concurrency"`
	DeadlineMs  int               `json:"deadline_ms"`
	Headers     map[string]string `json:"headers"`
}

// outcome is what the calls of a command came to.
type outcome struct {
	Answers  map[string]int `json:"answers"`
	Failures map[string]int `json:"failures"`
	Messages []string       `json:"messages"`
}

func main() {
	channels := map[string]*grpc.ClientConn{}
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		channel, known := channels[asked.Target]
		if !known {
			made, err := open(asked.Target)
			if err != nil {
				log.Fatal(err)
			}
			channel, channels[asked.Target] = made, made
		}
		if err := out.Encode(callAll(channel, asked)); err != nil {
			log.Fatal(err)
		}
	}
	for _, channel := range channels {
		_ = channel.Close()
	}
}

// open makes the channel of a target: xds:///SERVICE. How instances are called is the channel's matter: here in plaintext.
func open(target string) (*grpc.ClientConn, error) {
	channel, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return channel, err
}

// callAll makes the calls of a command, as many at a time as it says.
func callAll(channel *grpc.ClientConn, asked command) outcome {
	found := outcome{Answers: map[string]int{}, Failures: map[string]int{}, Messages: []string{}}
	var mutex sync.Mutex
	var lanes sync.WaitGroup
	calls := make(chan struct{})
	client := grpc_health_v1.NewHealthClient(channel)
	for range asked.Concurrency {
		lanes.Go(func() {
			for range calls {
				instance, err := call(client, asked)
				mutex.Lock()
				if err == nil {
					found.Answers[instance]++
				} else {
					found.Failures[nameOf(status.Code(err))]++
					if len(found.Messages) < 3 {
						found.Messages = append(found.Messages, err.Error())
					}
				}
				mutex.Unlock()
			}
		})
	}
	for range asked.Calls {
		calls <- struct{}{}
	}
	close(calls)
	lanes.Wait()
	return found
}

var words = regexp.MustCompile("([a-z])([A-Z])")

// nameOf returns the name of a status as other languages have it: DEADLINE_EXCEEDED.
func nameOf(code codes.Code) string {
	return strings.ToUpper(words.ReplaceAllString(code.String(), "${1}_$2"))
}

// call makes one call and returns the instance that answered.
func call(client grpc_health_v1.HealthClient, asked command) (string, error) {
	deadline := time.Duration(asked.DeadlineMs) * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	var header metadata.MD
	ctx = metadata.NewOutgoingContext(ctx, metadata.New(asked.Headers))
	if _, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header)); err != nil {
		return "", err
	}
	return header.Get("instance-id")[0], nil
}
