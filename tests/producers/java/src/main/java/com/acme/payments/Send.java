package com.acme.payments;

import static net.logstash.logback.argument.StructuredArguments.kv;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Logs an INFO, an ERROR with an exception and the most severe line logback knows into Kafka. */
public final class Send {
    private Send() {}

    public static void main(String[] arguments) {
        System.setProperty("KAFKA_BOOTSTRAP", arguments[0]);
        System.setProperty("SERVICE", arguments[1]);

        // snippet: java-log
        Logger log = LoggerFactory.getLogger("com.acme.payments.Checkout");
        log.info("order {} accepted", 1001, kv("order_id", 1001));

        MDC.put("trace_id", "5b8efff798038103d269b633813fc60c");
        MDC.put("span_id", "eee19b7ec3c1b174");
        try {
            PaymentService.charge(1001);
        } catch (IllegalStateException error) {
            log.error("payment failed", error);
        }
        log.error("database is gone"); // logback has no level above ERROR
        // end snippet
    }
}
