package dev.millrace.local;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.logging.log4j.core.config.Configurator;

/** Where Flink, Kafka and Millrace write their logs while a command owns the terminal. */
public final class LocalLogging {
    private static final String FILE_CONFIGURATION = "/log4j2-file.xml";
    private static final String FILE_PROPERTY = "millrace.log.file";

    private LocalLogging() {}

    /** Sends every log message of this process to a file from now on, none to the console. */
    public static void toFile(Path file) {
        System.setProperty(FILE_PROPERTY, file.toAbsolutePath().toString());
        Configurator.reconfigure(configuration());
    }

    private static URI configuration() {
        try {
            return Objects.requireNonNull(LocalLogging.class.getResource(FILE_CONFIGURATION))
                    .toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The class path holds no " + FILE_CONFIGURATION, e);
        }
    }
}
