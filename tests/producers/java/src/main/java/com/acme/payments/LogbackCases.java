package com.acme.payments;

import static net.logstash.logback.argument.StructuredArguments.kv;
import static net.logstash.logback.argument.StructuredArguments.value;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import co.elastic.logging.logback.EcsEncoder;
import com.acme.logging.KafkaAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.marker.Markers;
import net.logstash.logback.stacktrace.ShortenedThrowableConverter;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;

/** logback with the encoder of logback.xml, with variants of it that users configure, and with Elastic's encoder. */
final class LogbackCases {
    private static final String TRACE_ID = "5b8efff798038103d269b633813fc60c";
    private static final String SPAN_ID = "eee19b7ec3c1b174";

    private final Logger log;
    private final Capture capture;

    private LogbackCases(Logger log, Capture capture) {
        this.log = log;
        this.capture = capture;
    }

    static void write(Family logback, Family ecs) {
        // Nobody listens there; the appender is only asked for its encoder.
        System.setProperty("KAFKA_BOOTSTRAP", "127.0.0.1:9");
        Logger log = (Logger) LoggerFactory.getLogger("com.acme.payments.Checkout");
        Logger root = log.getLoggerContext().getLogger(Logger.ROOT_LOGGER_NAME);
        KafkaAppender appender = (KafkaAppender) root.getAppender("KAFKA");
        root.detachAppender(appender);
        appender.stop();

        Capture capture = new Capture();
        capture.setContext(log.getLoggerContext());
        capture.start();
        log.addAppender(capture);
        log.setLevel(Level.TRACE);
        LogbackCases cases = new LogbackCases(log, capture);
        cases.defaults(logback, appender.getEncoder());
        cases.variants(logback);
        cases.elastic(ecs);
        log.getLoggerContext().stop();
    }

    private void defaults(Family family, Encoder<ILoggingEvent> encoder) {
        capture.encoder = encoder;
        log.info("order {} accepted in {} ms", value("order_id", 1001), kv("elapsed_ms", 12.5));
        family.writeAtFixedTime("info", capture.line);

        log.trace("cache lookup took {} steps", 3);
        family.writeAtFixedTime("trace", capture.line);

        log.atDebug().addKeyValue("order_id", 1001).addKeyValue("customer", Map.of("id", 4242)).log("order read");
        family.writeAtFixedTime("debug-key-values", capture.line);

        log.warn(Markers.append("customer_id", 4242).and(MarkerFactory.getMarker("AUDIT")),
                "card declined:\n\ttry \"another\" one – or pay later €");
        family.writeAtFixedTime("warn-markers", capture.line);

        MDC.put("trace_id", TRACE_ID);
        MDC.put("span_id", SPAN_ID);
        MDC.put("trace_flags", "01");
        failure(family, "error");
        MDC.clear();

        log.error("refund failed", new IllegalArgumentException());
        family.writeAtFixedTime("error-without-message", capture.line);

        log.error("stock is wrong", suppressed());
        family.writeAtFixedTime("error-suppressed", capture.line);

        log.info("customer upgraded", kv("level", "gold"), kv("message_id", 7));
        family.writeAtFixedTime("collide", capture.line);
    }

    private void variants(Family family) {
        capture.encoder = started(new LogstashEncoder());
        log.info("nobody said who I am");
        family.writeAtFixedTime("no-service", capture.line);

        LogstashEncoder berlin = new LogstashEncoder();
        berlin.setTimeZone("Europe/Berlin");
        berlin.setIncludeCallerData(true);
        berlin.setCustomFields("{\"application\":\"payments\",\"env\":\"prod\",\"hostname\":\"shop-01\"}");
        capture.encoder = started(berlin);
        log.warn("stock is low");
        family.writeAtFixedTime("offset-caller", capture.line);

        LogstashEncoder numeric = new LogstashEncoder();
        numeric.setTimestampPattern("[UNIX_TIMESTAMP_AS_NUMBER]");
        numeric.getFieldNames().setLevel("[ignore]");
        capture.encoder = started(numeric);
        log.error("only level_value tells the level");
        String line = new String(capture.line, StandardCharsets.UTF_8);
        line = line.replaceFirst("\"@timestamp\":\\d{13}", "\"@timestamp\":" + FixedClock.NOW.toEpochMilli());
        family.write("numeric", line.getBytes(StandardCharsets.UTF_8));

        LogstashEncoder renamed = new LogstashEncoder();
        renamed.getFieldNames().setTimestamp("time");
        renamed.getFieldNames().setLevel("severity");
        renamed.getFieldNames().setLevelValue("[ignore]");
        renamed.getFieldNames().setVersion("[ignore]");
        renamed.getFieldNames().setLogger("logger");
        renamed.getFieldNames().setThread("thread");
        renamed.getFieldNames().setStackTrace("exception");
        renamed.setCustomFields("{\"service\":{\"name\":\"payments\",\"version\":\"1.4.2\"}}");
        ShortenedThrowableConverter converter = new ShortenedThrowableConverter();
        converter.setRootCauseFirst(true);
        converter.start();
        renamed.setThrowableConverter(converter);
        capture.encoder = started(renamed);
        MDC.put("traceId", TRACE_ID.toUpperCase());
        MDC.put("spanId", SPAN_ID);
        failure(family, "error-root-cause-first");
        MDC.clear();
    }

    private void elastic(Family family) {
        EcsEncoder encoder = new EcsEncoder();
        encoder.setServiceName("payments");
        encoder.setServiceVersion("1.4.2");
        encoder.setServiceEnvironment("prod");
        encoder.setServiceNodeName("payments-1");
        encoder.setEventDataset("payments.log");
        encoder.setIncludeOrigin(true);
        capture.encoder = started(encoder);
        log.info("order {} accepted", 1001);
        family.writeAtFixedTime("java-info", capture.line);

        MDC.put("trace.id", TRACE_ID);
        MDC.put("transaction.id", SPAN_ID);
        failure(family, "java-error");
        MDC.clear();

        EcsEncoder lines = new EcsEncoder();
        lines.setStackTraceAsArray(true);
        capture.encoder = started(lines);
        failure(family, "java-error-stack-array");
    }

    private void failure(Family family, String name) {
        try {
            PaymentService.charge(1001);
        } catch (IllegalStateException error) {
            log.error("payment failed", error);
        }
        family.writeAtFixedTime(name, capture.line);
    }

    private static Exception suppressed() {
        Exception error = new IllegalStateException("stock of 7 is -1");
        error.addSuppressed(new IOException("lock not released"));
        return error;
    }

    private <E extends Encoder<ILoggingEvent>> E started(E encoder) {
        LoggerContext context = log.getLoggerContext();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    /** Keeps what the encoder made of the last event of ours. */
    private static final class Capture extends AppenderBase<ILoggingEvent> {
        private Encoder<ILoggingEvent> encoder;
        private byte[] line;

        @Override protected void append(ILoggingEvent event) {
            line = encoder.encode(event);
        }
    }
}
