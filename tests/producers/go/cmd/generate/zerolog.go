package main

import (
	"time"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/pkgerrors"

	"acme.example/payments/orders"
)

func zerologCases(out *golden) {
	zerolog.TimestampFunc = func() time.Time { return now }
	log := zerolog.New(out).With().Timestamp().Str("service", "payments").Logger()
	log.Info().Int("order_id", 1001).Dur("elapsed", 12500*time.Microsecond).Msg("order 1001 accepted")
	out.write("info")
	log.Error().Err(orders.Charge(1001)).Str("trace_id", traceID).Str("span_id", spanID).Msg("payment failed")
	out.write("error")
	zerolog.ErrorStackMarshaler = pkgerrors.MarshalStack
	log.Error().Stack().Err(orders.ChargeWithStack(1001)).Msg("payment failed")
	out.write("error-stack")
	survive(func() { log.Panic().Msg("database is gone") })
	out.write("critical-panic")
	log.WithLevel(zerolog.FatalLevel).Msg("disk is full")
	out.write("critical-fatal")
	log.Trace().Dict("customer", zerolog.Dict().Int("id", 4242)).Msg("cache lookup")
	out.write("trace-dict")
	log.Log().Msg("a line without a level")
	out.write("no-level")
	log.Error().Err(orders.Charge(1001)).Send()
	out.write("error-without-message")
	withCaller := log.With().Caller().Logger()
	withCaller.Warn().Msg("stock is low")
	out.write("warn-caller")

	zerolog.TimeFieldFormat = zerolog.TimeFormatUnixMs
	bare := zerolog.New(out).With().Timestamp().Logger()
	bare.Info().Str("app", "payments").Msg("order 1001 accepted")
	out.write("unix-ms")
	zerolog.TimeFieldFormat = zerolog.TimeFormatUnixMicro
	bare.Info().Msg("order 1001 accepted")
	out.write("unix-us-no-service")
	zerolog.TimeFieldFormat = zerolog.TimeFormatUnix
	zerolog.LevelFieldName, zerolog.MessageFieldName = "severity", "msg"
	bare.Error().Msg("renamed")
	out.write("unix-s-renamed")
	zerolog.LevelFieldName, zerolog.MessageFieldName = "level", "message"
	zerolog.TimeFieldFormat = time.RFC3339
}
