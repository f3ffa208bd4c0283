package sitqotel_test

import (
	"log"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqotel"
)

func ExampleTracing() {
	// nil: the provider that the program has set.
	client, err := sitq.Connect(sitq.Config{Service: "shop", Tracing: sitqotel.Tracing(nil)})
	if err != nil {
		log.Fatal(err)
	}
	client.Close()
	// Output:
}
