// Package logging is what a service needs to log into Kafka: a logger, and a writer for it.
package logging

// snippet: go-slog
import (
	"io"
	"log/slog"
)

// LevelCritical is above slog.LevelError; it is written as "ERROR+4".
const LevelCritical = slog.LevelError + 4

// NewLogger writes one JSON object a line, each naming the service.
func NewLogger(out io.Writer, service string) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, nil)).With("service", service)
}

// end snippet
