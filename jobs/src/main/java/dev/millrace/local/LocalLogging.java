package dev.millrace.local;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.logging.log4j.core.config.Configurator;

/** Where Flink, Kafka and Millrace write their logs while a command owns the terminal. */
public final class LocalLogging {
    private static final String FILE_CONFIGURATION = "/log4j2-file.xml";
    private static final String JSON_CONFIGURATION = "/log4j2-json.xml";
    private static final String FILE_PROPERTY = "millrace.log.file";

    private LocalLogging() {}

    /** Sends every log message of this process to a file from now on, none to the console. */
    public static void toFile(Path file) {
        toFile(file, FILE_CONFIGURATION);
    }

    /** The same, each message a line with one JSON object. */
    public static void toJsonFile(Path file) {
        toFile(file, JSON_CONFIGURATION);
    }

    private static void toFile(Path file, String configuration) {
        System.setProperty(FILE_PROPERTY, file.toAbsolutePath().toString());
        Configurator.reconfigure(resource(configuration));
    }

    private static URI resource(String name) {
        try {
            return Objects.requireNonNull(LocalLogging.class.getResource(name)).toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The class path holds no " + name, e);
        }
    }
}
