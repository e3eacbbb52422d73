package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"acme.example/payments/logging"
	"acme.example/payments/orders"
)

// atFixedTime gives records the golden time before the handler writes them.
type atFixedTime struct{ slog.Handler }

func (h atFixedTime) Handle(ctx context.Context, record slog.Record) error {
	record.Time = now
	return h.Handler.Handle(ctx, record)
}

func (h atFixedTime) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atFixedTime{h.Handler.WithAttrs(attrs)}
}

func (h atFixedTime) WithGroup(name string) slog.Handler {
	return atFixedTime{h.Handler.WithGroup(name)}
}

func slogCases(out *golden) {
	ctx := context.Background()
	// The logger that `send` uses.
	log := slog.New(atFixedTime{logging.NewLogger(out, "payments").Handler()})
	log.Info("order 1001 accepted", "order_id", 1001, "elapsed", 12500*time.Microsecond, slog.Group("customer", "id", 4242, "tier", "gold"))
	out.write("info")
	traced := log.With("trace_id", traceID, "span_id", spanID)
	traced.Error("payment failed", slog.Any("error", orders.Charge(1001)))
	out.write("error")
	traced.Error("payment failed", "err", errors.Join(orders.Charge(1001), errors.New("refund failed")))
	out.write("error-joined")
	log.Log(ctx, logging.LevelCritical, "database is gone")
	out.write("critical")
	log.WithGroup("request").Warn("slow", "method", "POST", "level", "gold", "took", 1.5)
	out.write("group")
	log.Info("customer upgraded", "level", "gold", "msg", "hello")
	out.write("collide")
	log.Log(ctx, slog.LevelWarn+1, "between warn and error")
	out.write("level-warn-1")
	log.Log(ctx, slog.LevelError+8, "beyond critical")
	out.write("level-error-8")

	all := &slog.HandlerOptions{Level: slog.LevelDebug - 8, AddSource: true}
	log = slog.New(atFixedTime{slog.NewJSONHandler(out, all)})
	log.Debug("cache lookup", "steps", 3)
	out.write("debug-source")
	log = slog.New(atFixedTime{slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug - 8})})
	log.Log(ctx, slog.LevelDebug-4, "cache entry", "key", "a\tb")
	out.write("trace")
	log.Info("stock is odd", "count", int64(-9007199254740993), "bytes", []byte{1, 254}, "big", uint64(18446744073709551615))
	out.write("no-service")

	// Some write the level as the number that it is.
	numbers := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
		if level, ok := attr.Value.Any().(slog.Level); ok {
			return slog.Int(attr.Key, int(level))
		}
		return attr
	}}
	log = slog.New(atFixedTime{slog.NewJSONHandler(out, numbers)})
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, logging.LevelCritical}
	for at, name := range []string{"debug", "info", "warn", "error", "critical"} {
		log.Log(ctx, levels[at], "the level is a number")
		out.write("number-" + name)
	}

	log = slog.New(atFixedTime{slog.NewTextHandler(out, nil)}).With("service", "payments")
	log.Info("order 1001 accepted", "order_id", 1001, slog.Group("customer", "id", 4242))
	out.write("text-info")
	log.With("trace_id", traceID).Error("payment failed", "error", orders.Charge(1001), "note", `say "please"`)
	out.write("text-error")
	log.Log(ctx, logging.LevelCritical, "database is gone")
	out.write("text-critical")
}
