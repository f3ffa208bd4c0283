package sitqorca_test

import (
	"log"

	"google.golang.org/grpc"

	"github.com/sitq/sitq/clients/go/sitqorca"
)

func ExampleReports() {
	reports, err := sitqorca.New(sitqorca.Config{Capacity: 50}) // of a worker's process: {Worker: worker}
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(reports.ServerOptions()...)
	if err := reports.Register(server); err != nil {
		log.Fatal(err)
	}
	// Output:
}
