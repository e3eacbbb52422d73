package com.acme.payments;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.net.SyslogAppender;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.Rfc5424Layout;
import org.apache.logging.log4j.core.net.Facility;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.message.SimpleMessage;
import org.apache.logging.log4j.message.StructuredDataMessage;

/** The syslog lines of log4j2 and logback. */
final class SyslogCases {
    private SyslogCases() {}

    static void write(Family rfc5424, Family rfc3164) throws IOException {
        Rfc5424Layout layout = new Rfc5424Layout.Rfc5424LayoutBuilder()
                .setConfiguration(new DefaultConfiguration()).setFacility(Facility.LOCAL0)
                .setAppName("payments").setMessageId("PAY7").setId("mdc").setEin("32473").setIncludeMDC(true)
                .build();
        StructuredDataMessage audit = new StructuredDataMessage("order@32473", "order 1001 accepted", "audit");
        audit.put("order_id", "1001");
        rfc5424.writeAtFixedTime("log4j2-info", log4j2(layout, Level.INFO, audit));
        rfc5424.writeAtFixedTime("log4j2-critical", log4j2(layout, Level.FATAL, new SimpleMessage("database is gone")));
        logback(rfc3164);
    }

    private static byte[] log4j2(Rfc5424Layout layout, Level level, Message message) {
        Log4jLogEvent event = Log4jLogEvent.newBuilder()
                .setLoggerName("com.acme.payments.Checkout").setThreadName("main").setMessage(message).setLevel(level)
                .setTimeMillis(FixedClock.NOW.toEpochMilli()).build();
        return layout.toSerializable(event)
                .replaceFirst("Z \\S+ payments \\d+ ", "Z shop-01 payments 4711 ")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Writes what logback's appender sends. Without a stack trace: each of its lines would be a message of its own. */
    private static void logback(Family family) throws IOException {
        try (DatagramSocket listener = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(10_000);
            LoggerContext context = new LoggerContext();
            SyslogAppender appender = new SyslogAppender();
            appender.setContext(context);
            appender.setSyslogHost("127.0.0.1");
            appender.setPort(listener.getLocalPort());
            appender.setFacility("LOCAL0");
            appender.setSuffixPattern("payments[4711]: [%thread] %logger{20} %msg");
            appender.setThrowableExcluded(true);
            appender.start();
            LoggingEvent event = new LoggingEvent(SyslogCases.class.getName(),
                    context.getLogger("com.acme.payments.Checkout"), ch.qos.logback.classic.Level.ERROR, "payment failed", null, null);
            event.setThreadName("main");
            event.setInstant(FixedClock.NOW);
            appender.doAppend(event);
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            listener.receive(packet);
            appender.stop();
            String line = new String(Arrays.copyOf(packet.getData(), packet.getLength()), StandardCharsets.UTF_8);
            line = line.replaceFirst("16 \\S+ payments", "16 shop-01 payments");
            family.write("logback-error", line.getBytes(StandardCharsets.UTF_8));
        }
    }
}
