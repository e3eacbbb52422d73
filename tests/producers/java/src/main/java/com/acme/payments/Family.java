package com.acme.payments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** A directory of golden inputs. */
record Family(Path directory) {
    private static final Pattern ISO_TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:?\\d\\d)");

    static Family of(Path testdata, String name) {
        try {
            return new Family(Files.createDirectories(testdata.resolve(name)));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    void write(String name, byte[] bytes) {
        try {
            Files.write(directory.resolve(name + ".in"), bytes);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Writes what a logger without a clock to replace has written: its time becomes the golden one, in the form and zone it had. */
    void writeAtFixedTime(String name, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        text = ISO_TIME.matcher(text).replaceFirst(found -> fixed(found.group(), found.group(1), found.group(2)));
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String fixed(String written, String fraction, String zone) {
        OffsetDateTime now = FixedClock.NOW.atOffset(ZoneOffset.of(zone));
        // Java leaves zeros at the end away: whatever is finer than milliseconds stands for nanoseconds.
        int digits = fraction == null ? 0 : fraction.length() <= 4 ? fraction.length() : 10;
        String nanos = String.format(".%09d", now.getNano()).substring(0, digits);
        return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").format(now) + nanos + zone;
    }
}
