package dev.millrace.operator.inference;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Keeps what a class logs, from the level on that log4j2-test.properties has: INFO. */
final class LogLines implements AutoCloseable {
    private final Logger logger;
    private final Keeper keeper = new Keeper();

    LogLines(Class<?> source) {
        logger = (Logger) LogManager.getLogger(source);
        keeper.start();
        logger.addAppender(keeper);
    }

    List<String> lines() {
        return keeper.events.stream()
                .map(event -> event.getMessage().getFormattedMessage())
                .toList();
    }

    /** The logging context of a line. */
    Map<String, String> context(int line) {
        return keeper.events.get(line).getContextData().toMap();
    }

    @Override
    public void close() {
        logger.removeAppender(keeper);
        keeper.stop();
    }

    private static final class Keeper extends AbstractAppender {
        private final List<LogEvent> events = new CopyOnWriteArrayList<>();

        Keeper() {
            super("keeper", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            events.add(event.toImmutable());
        }
    }
}
