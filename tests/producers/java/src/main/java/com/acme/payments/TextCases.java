package com.acme.payments;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.Level;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** What services without a structured logger write: the JVM's own traces, pattern layouts, java.util.logging. */
final class TextCases {
    private TextCases() {}

    static void write(Family family) throws InterruptedException {
        family.write("uncaught", uncaught());
        StringWriter trace = new StringWriter();
        failure().printStackTrace(new PrintWriter(trace));
        family.write("trace-only", trace.toString().getBytes(StandardCharsets.UTF_8));
        family.write("level-first", pattern("%-5level %logger{20} - %msg%n", Level.ERROR, failure()));
        family.write("level-in-brackets", pattern("[%level] %logger{0}: %msg%n", Level.WARN, null));
        family.write("time-then-level", pattern("%d{ISO8601,UTC} %-5level [%thread] %logger - %msg%n", Level.ERROR, failure()));
        family.write("java-util-logging", javaUtilLogging());
    }

    /** What the JVM prints when an exception ends a thread. */
    private static byte[] uncaught() throws InterruptedException {
        PrintStream before = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        Thread thread = new Thread(() -> PaymentService.charge(1001), "checkout-1");
        thread.start();
        thread.join();
        System.setErr(before);
        return printed.toByteArray();
    }

    private static byte[] pattern(String pattern, Level level, Throwable error) {
        LoggerContext context = new LoggerContext();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.start();
        String message = error == null ? "stock is low" : "payment failed";
        LoggingEvent event = new LoggingEvent(
                TextCases.class.getName(), context.getLogger("com.acme.payments.Checkout"), level, message, error, null);
        event.setThreadName("main");
        event.setInstant(FixedClock.NOW);
        return encoder.encode(event);
    }

    private static byte[] javaUtilLogging() {
        LogRecord record = new LogRecord(java.util.logging.Level.SEVERE, "payment failed");
        record.setLoggerName("com.acme.payments.Checkout");
        record.setSourceClassName("com.acme.payments.Checkout");
        record.setSourceMethodName("pay");
        record.setInstant(FixedClock.NOW);
        record.setThrown(failure());
        return new SimpleFormatter().format(record).getBytes(StandardCharsets.UTF_8);
    }

    private static IllegalStateException failure() {
        try {
            PaymentService.charge(1001);
            throw new AssertionError("not reached");
        } catch (IllegalStateException error) {
            return error;
        }
    }
}
