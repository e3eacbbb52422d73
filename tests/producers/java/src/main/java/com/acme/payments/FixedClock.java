package com.acme.payments;

import java.time.Instant;
import org.apache.logging.log4j.core.time.MutableInstant;
import org.apache.logging.log4j.core.time.PreciseClock;
import org.apache.logging.log4j.core.util.Clock;

/** The time of all golden inputs, for log4j2. */
public final class FixedClock implements Clock, PreciseClock {
    static final Instant NOW = Instant.parse("2026-11-20T22:15:16.515486123Z");

    @Override public long currentTimeMillis() {
        return NOW.toEpochMilli();
    }

    @Override public void init(MutableInstant instant) {
        instant.initFromEpochSecond(NOW.getEpochSecond(), NOW.getNano());
    }
}
