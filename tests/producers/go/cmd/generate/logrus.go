package main

import (
	"github.com/sirupsen/logrus"

	"acme.example/payments/orders"
)

func logrusCases(out *golden) {
	logger := logrus.New()
	logger.SetOutput(out)
	logger.SetLevel(logrus.TraceLevel)
	logger.SetFormatter(&logrus.JSONFormatter{})
	log := logger.WithTime(now).WithField("service", "payments")
	log.WithField("order_id", 1001).Info("order 1001 accepted")
	out.write("info")
	log.WithError(orders.Charge(1001)).WithFields(logrus.Fields{"trace_id": traceID, "span_id": spanID}).Error("payment failed")
	out.write("error")
	survive(func() { log.Panic("database is gone") })
	out.write("critical-panic")
	log.Log(logrus.FatalLevel, "disk is full")
	out.write("critical-fatal")
	log.Trace("cache lookup")
	out.write("trace")
	// logrus moves a field that would hide one of its own.
	log.WithField("level", "gold").WithField("msg", "hello").Info("customer upgraded")
	out.write("collide")

	logger.SetFormatter(&logrus.JSONFormatter{
		TimestampFormat: "2006-01-02 15:04:05",
		FieldMap:        logrus.FieldMap{logrus.FieldKeyTime: "@timestamp", logrus.FieldKeyLevel: "severity", logrus.FieldKeyMsg: "message"},
	})
	log.Error("renamed, and a time without a zone")
	out.write("renamed")

	logger.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true})
	log.WithField("order_id", 1001).Info("order 1001 accepted")
	out.write("text-info")
	log.WithError(orders.Charge(1001)).Error("payment failed")
	out.write("text-error")
	log.Log(logrus.FatalLevel, "disk is full")
	out.write("text-critical")
}
