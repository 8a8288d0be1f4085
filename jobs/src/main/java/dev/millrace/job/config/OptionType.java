package dev.millrace.job.config;

import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** How a setting's value is read from YAML and written into the documentation. */
public interface OptionType<T> {
    /** The type's name in the documentation and in messages, for example {@code duration}. */
    String name();

    /** Reads a value. Where it cannot, it reports at least one problem and gives nothing. */
    Optional<T> read(Node node, ConfigReading reading);

    /** A value as a user would write it. */
    String write(T value);
}
