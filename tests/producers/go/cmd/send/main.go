// Command send logs three records into Kafka: send <bootstrap servers> <service>.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"acme.example/payments/logging"
	"acme.example/payments/orders"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: send <bootstrap servers> <service>")
		os.Exit(64)
	}
	if err := send(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "send:", err)
		os.Exit(1)
	}
}

func send(brokers, service string) error {
	// snippet: go-log
	out, err := logging.NewKafkaWriter("application-logs", strings.Split(brokers, ",")...)
	if err != nil {
		return err
	}
	log := logging.NewLogger(out, service)
	log.Info("order 1001 accepted", "order_id", 1001)

	log = log.With("trace_id", "5b8efff798038103d269b633813fc60c", "span_id", "eee19b7ec3c1b174")
	if err := orders.Charge(1001); err != nil {
		log.Error("payment failed", slog.Any("error", err))
	}
	log.Log(context.Background(), logging.LevelCritical, "database is gone")
	return out.Close()
	// end snippet
}
