package com.acme.logging;

// snippet: java-appender
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends what the encoder makes of an event to a Kafka topic. */
public class KafkaAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final Properties config = new Properties();
    // One key per process: its lines stay in order, in one partition.
    private final byte[] key = UUID.randomUUID().toString().getBytes();
    private String topic;
    private Encoder<ILoggingEvent> encoder;
    private KafkaProducer<byte[], byte[]> producer;

    public void setBootstrapServers(String servers) { config.put("bootstrap.servers", servers); }
    public void setTopic(String topic) { this.topic = topic; }
    public void setEncoder(Encoder<ILoggingEvent> encoder) { this.encoder = encoder; }
    public Encoder<ILoggingEvent> getEncoder() { return encoder; }

    @Override protected void append(ILoggingEvent event) {
        // The client's own lines would come back to it without end.
        if (event.getLoggerName().startsWith("org.apache.kafka.")) return;
        producer().send(new ProducerRecord<>(topic, null, event.getTimeStamp(), key, encoder.encode(event)));
    }

    // Not before the first line: the client logs while it starts, and logback must be ready for that.
    private synchronized KafkaProducer<byte[], byte[]> producer() {
        if (producer == null) {
            config.put("max.block.ms", "1000"); // without Kafka a log call waits no longer than this
            config.put("linger.ms", "50");
            producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        }
        return producer;
    }

    @Override public void stop() {
        super.stop();
        if (producer != null) producer.close(Duration.ofSeconds(10));
    }
}
// end snippet
