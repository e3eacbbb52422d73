package com.acme.logging;

// snippet: java-appender
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends what the encoder makes of an event to a Kafka topic. No log call waits for Kafka; a lost line is an error in logback's status. */
public class KafkaAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final int MAX_WAITING = 8192;
    private final Properties config = new Properties();
    // One key per process: its lines stay in order, in one partition.
    private final byte[] key = UUID.randomUUID().toString().getBytes();
    private String topic;
    private Encoder<ILoggingEvent> encoder;
    private ThreadPoolExecutor sender;
    private volatile KafkaProducer<byte[], byte[]> producer;

    public void setBootstrapServers(String servers) { config.put("bootstrap.servers", servers); }
    public void setTopic(String topic) { this.topic = topic; }
    public void setEncoder(Encoder<ILoggingEvent> encoder) { this.encoder = encoder; }
    public Encoder<ILoggingEvent> getEncoder() { return encoder; }

    @Override public void start() {
        sender = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
            Thread thread = new Thread(task, "kafka-appender");
            thread.setDaemon(true); // does not keep the process alive
            return thread;
        });
        super.start();
    }

    @Override protected void append(ILoggingEvent event) {
        // The client's own lines would come back to it without end.
        if (event.getLoggerName().startsWith("org.apache.kafka.")) return;
        var line = new ProducerRecord<>(topic, null, event.getTimeStamp(), key, encoder.encode(event));
        try {
            sender.execute(() -> send(line));
        } catch (RejectedExecutionException full) {
            addError("a line is lost: " + MAX_WAITING + " wait for Kafka");
        }
    }

    private void send(ProducerRecord<byte[], byte[]> line) {
        try {
            if (producer == null) { // not before the first line: logback must be ready for what the client logs
                config.put("linger.ms", "50");
                producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            }
            producer.send(line, (metadata, error) -> {
                if (error != null) addError("a line is lost", error);
            });
        } catch (RuntimeException error) {
            addError("a line is lost", error);
        }
    }

    @Override public void stop() {
        super.stop();
        sender.shutdown();
        try {
            if (!sender.awaitTermination(10, TimeUnit.SECONDS)) addError(sender.getQueue().size() + " lines are lost");
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        if (producer != null) producer.close(Duration.ofSeconds(10));
    }
}
// end snippet
