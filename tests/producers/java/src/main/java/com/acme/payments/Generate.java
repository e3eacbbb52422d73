package com.acme.payments;

import java.nio.file.Path;

/** Writes the golden inputs of the Java families: each line as the library's own encoder made it. */
public final class Generate {
    private Generate() {}

    public static void main(String[] arguments) throws Exception {
        Path testdata = Path.of(arguments[0]);
        LogbackCases.write(Family.of(testdata, "logback"), Family.of(testdata, "ecs"));
        Log4j2Cases.write(testdata);
        SyslogCases.write(Family.of(testdata, "syslog-5424"), Family.of(testdata, "syslog-3164"));
        TextCases.write(Family.of(testdata, "text-java"));
    }
}
