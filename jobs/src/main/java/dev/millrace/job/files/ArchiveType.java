package dev.millrace.job.files;

import java.util.Optional;
import java.util.regex.Pattern;

/** What archived files hold. */
public enum ArchiveType {
    /** Avro containers, with a schema of their own. */
    AVRO(".*\\.avro"),
    /** Parquet, with a schema of its own. */
    PARQUET(".*\\.parquet"),
    /** One JSON object a line. */
    JSON(".*\\.(jsonl|ndjson|json)");

    private final Pattern name;

    ArchiveType(String name) {
        this.name = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
    }

    /** The type that a file's name says. */
    public static Optional<ArchiveType> of(String fileName) {
        for (ArchiveType type : values()) {
            if (type.name.matcher(fileName).matches()) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
