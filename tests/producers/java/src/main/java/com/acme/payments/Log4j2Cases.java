package com.acme.payments;

import co.elastic.logging.log4j2.EcsLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.layout.JsonLayout;
import org.apache.logging.log4j.core.util.KeyValuePair;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout.EventTemplateAdditionalField;
import org.apache.logging.log4j.message.StringMapMessage;

/** log4j2 with the templates it brings along, with its older JsonLayout, and with Elastic's layout. */
final class Log4j2Cases {
    private final Configuration configuration;
    private final Logger log;
    private final Capture capture;

    private Log4j2Cases(Configuration configuration, Logger log, Capture capture) {
        this.configuration = configuration;
        this.log = log;
        this.capture = capture;
    }

    static void write(Path testdata) {
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        Configuration configuration = context.getConfiguration();
        Capture capture = new Capture();
        capture.start();
        configuration.getRootLogger().getAppenders().keySet().forEach(configuration.getRootLogger()::removeAppender);
        configuration.getRootLogger().addAppender(capture, null, null);
        configuration.getRootLogger().setLevel(Level.ALL);
        context.updateLoggers();
        Log4j2Cases cases = new Log4j2Cases(configuration, LogManager.getLogger("com.acme.payments.Checkout"), capture);
        cases.ecs(Family.of(testdata, "log4j2-ecs"));
        cases.logstash(Family.of(testdata, "log4j2-default"));
        cases.jsonLayout(Family.of(testdata, "log4j2-default"));
        cases.elastic(Family.of(testdata, "ecs"));
        cases.otherTemplates(Family.of(testdata, "log4j2-default"));
    }

    private void ecs(Family family) {
        capture.layout = template("classpath:EcsLayout.json", "service.name", "payments");
        log.info("order {} accepted", 1001);
        family.write("info", capture.line);
        log.info(new StringMapMessage().with("message", "order accepted").with("order_id", "1001"));
        family.write("map-message", capture.line);

        ThreadContext.put("trace.id", "5b8efff798038103d269b633813fc60c");
        ThreadContext.put("order_id", "1001");
        ThreadContext.push("checkout");
        failure();
        family.write("error", capture.line);
        ThreadContext.clearAll();
        log.fatal("database is gone");
        family.write("critical", capture.line);

        log.log(Level.forName("NOTICE", 350), "night run begins");
        family.write("custom-level-known", capture.line);
        log.log(Level.forName("DIAG", 350), "pool is half full");
        family.write("custom-level-unknown", capture.line);

        capture.layout = template("classpath:EcsLayout.json", null, null);
        log.warn("stock is low");
        family.write("no-service", capture.line);
    }

    private void logstash(Family family) {
        capture.layout = template("classpath:LogstashJsonEventLayoutV1.json", "app", "payments");
        log.info("order {} accepted", 1001);
        family.write("logstash-info", withHost(capture.line));
        ThreadContext.put("trace_id", "5b8efff798038103d269b633813fc60c");
        failure();
        family.write("logstash-error", withHost(capture.line));
        ThreadContext.clearAll();
        log.fatal("database is gone");
        family.write("logstash-critical", withHost(capture.line));
    }

    private void jsonLayout(Family family) {
        capture.layout = json().build();
        log.info("order {} accepted", 1001);
        family.write("json-layout-pretty", capture.line);

        capture.layout = json().setCompact(true).setEventEol(true).build();
        log.trace("cache lookup took {} steps", 3);
        family.write("json-layout-trace", capture.line);
        ThreadContext.put("order_id", "1001");
        failure();
        family.write("json-layout-error", capture.line);
        ThreadContext.clearAll();

        JsonLayout.Builder<?> flat = json().setCompact(true);
        flat.setProperties(true);
        flat.setIncludeStacktrace(true);
        flat.setStacktraceAsString(true);
        flat.setIncludeTimeMillis(true);
        flat.setAdditionalFields(new KeyValuePair[] {new KeyValuePair("service", "payments")});
        capture.layout = flat.build();
        ThreadContext.put("trace_id", "5b8efff798038103d269b633813fc60c");
        failure();
        family.write("json-layout-stack-string", capture.line);
        ThreadContext.clearAll();
        log.fatal("database is gone");
        family.write("json-layout-critical", capture.line);
    }

    private void elastic(Family family) {
        capture.layout = EcsLayout.newBuilder().setConfiguration(configuration)
                .setServiceName("payments").setServiceEnvironment("prod").setEventDataset("payments.log").build();
        log.fatal("database is gone");
        family.writeAtFixedTime("java-log4j2-critical", capture.line);
        ThreadContext.put("order_id", "1001");
        failure();
        family.writeAtFixedTime("java-log4j2-error", capture.line);
        ThreadContext.clearAll();
    }

    private void otherTemplates(Family family) {
        capture.layout = template("classpath:GcpLayout.json", null, null);
        log.info("order {} accepted", 1001);
        family.write("gcp-info", capture.line);
        ThreadContext.put("order_id", "1001");
        failure();
        family.write("gcp-error", capture.line);
        ThreadContext.clearAll();
        log.fatal("database is gone");
        family.write("gcp-critical", capture.line);

        capture.layout = template("classpath:GelfLayout.json", "_app", "payments");
        log.info("order {} accepted", 1001);
        family.write("gelf-info", withHost(capture.line));
        ThreadContext.put("order_id", "1001");
        failure();
        family.write("gelf-error", withHost(capture.line));
        ThreadContext.clearAll();
        log.fatal("database is gone");
        family.write("gelf-critical", withHost(capture.line));
    }

    private void failure() {
        try {
            PaymentService.charge(1001);
        } catch (IllegalStateException error) {
            log.error("payment failed", error);
        }
    }

    private JsonTemplateLayout template(String uri, String key, String value) {
        JsonTemplateLayout.Builder builder =
                JsonTemplateLayout.newBuilder().setConfiguration(configuration).setEventTemplateUri(uri)
                        .setLocationInfoEnabled(uri.contains("Logstash"));
        if (key != null) {
            builder.setEventTemplateAdditionalFields(new EventTemplateAdditionalField[] {
                EventTemplateAdditionalField.newBuilder().setKey(key).setValue(value).build()
            });
        }
        return builder.build();
    }

    private JsonLayout.Builder<?> json() {
        JsonLayout.Builder<?> builder = JsonLayout.newBuilder();
        builder.setConfiguration(configuration);
        return builder;
    }

    private static byte[] withHost(byte[] line) {
        return new String(line, StandardCharsets.UTF_8)
                .replaceFirst("\"(source_host|host)\":\"[^\"]*\"", "\"$1\":\"shop-01\"")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Keeps what the layout made of the last event. */
    private static final class Capture extends AbstractAppender {
        private Layout<?> layout;
        private byte[] line;

        private Capture() {
            super("capture", null, null, false, Property.EMPTY_ARRAY);
        }

        @Override public void append(LogEvent event) {
            line = layout.toByteArray(event);
        }
    }
}
