package main

import (
	"time"

	"go.elastic.co/ecszap"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"acme.example/payments/orders"
)

// atRest stands still.
type atRest struct{}

func (atRest) Now() time.Time                         { return now }
func (atRest) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }

// survive lets a Panic or Fatal line be written without ending the program.
func survive(log func()) {
	defer func() { _ = recover() }()
	log()
}

func zapCases(out, ecs *golden) {
	config := zap.NewProductionEncoderConfig()
	log := zapLogger(zapcore.NewJSONEncoder(config), out).Named("checkout")
	log.Info("order 1001 accepted", zap.Int("order_id", 1001), zap.Duration("elapsed", 12500*time.Microsecond))
	out.write("info")
	log.With(zap.String("trace_id", traceID), zap.String("span_id", spanID)).
		Error("payment failed", zap.Error(orders.Charge(1001)))
	out.write("error")
	log.Error("payment failed", zap.Error(orders.ChargeWithStack(1001)))
	out.write("error-verbose")
	log.DPanic("stock is negative", zap.Int("stock", -1))
	out.write("critical-dpanic")
	survive(func() { log.Panic("database is gone") })
	out.write("critical-panic")
	survive(func() { log.WithOptions(zap.WithFatalHook(zapcore.WriteThenPanic)).Fatal("disk is full") })
	out.write("critical-fatal")
	log.Sugar().Warnw("slow", "customer", map[string]any{"id": 4242}, "took", 1.5)
	out.write("warn-sugared")
	log.With(zap.Namespace("request")).Info("accepted", zap.String("method", "POST"), zap.String("level", "gold"))
	out.write("namespace")
	// A Kafka sink that collects lines sends several records in one message.
	log.Info("first of two")
	log.Error("second of two")
	out.write("batch")

	config.EncodeTime = zapcore.ISO8601TimeEncoder
	config.EncodeLevel = zapcore.CapitalLevelEncoder
	log = zapLogger(zapcore.NewJSONEncoder(config), out)
	log.Error("payment failed")
	out.write("iso8601-capital")
	config.EncodeTime = zapcore.EpochNanosTimeEncoder
	config.EncodeDuration = zapcore.StringDurationEncoder
	log = zapLogger(zapcore.NewJSONEncoder(config), out)
	log.Info("order 1001 accepted", zap.Duration("elapsed", 12500*time.Microsecond))
	out.write("epoch-nanos")

	core := ecszap.NewCore(ecszap.NewDefaultEncoderConfig(), zapcore.AddSync(ecs), zap.InfoLevel)
	log = zap.New(core, zap.AddCaller(), zap.WithClock(atRest{})).Named("checkout").With(zap.String("service.name", "payments"))
	log.Info("order 1001 accepted", zap.Int("order_id", 1001))
	ecs.write("go-info")
	log.With(zap.String("trace.id", traceID)).Error("payment failed", zap.Error(orders.ChargeWithStack(1001)))
	ecs.write("go-error")
	survive(func() { log.Panic("database is gone") })
	ecs.write("go-critical")
}

// zapLogger is what zap.NewProduction builds, with another encoder, place to write to, and clock.
func zapLogger(encoder zapcore.Encoder, out *golden) *zap.Logger {
	core := zapcore.NewCore(encoder, zapcore.AddSync(out), zap.InfoLevel)
	return zap.New(core, zap.AddCaller(), zap.AddStacktrace(zap.ErrorLevel), zap.WithClock(atRest{})).
		With(zap.String("service", "payments"))
}
