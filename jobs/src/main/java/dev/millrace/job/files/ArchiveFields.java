package dev.millrace.job.files;

import java.io.Serializable;

/**
 * Which top-level fields of archived records say what a Kafka record says beside its value; null
 * for what no field says.
 *
 * @param key the record's key, its text
 * @param timestamp milliseconds since 1970
 * @param topic the topic it was in; else the file's name
 * @param partition the partition it was in; else 0
 * @param offset the offset it was at; else its number in the file, from 0
 */
public record ArchiveFields(
        String key, String timestamp, String topic, String partition, String offset)
        implements Serializable {
    /** No field says anything. */
    public static final ArchiveFields NONE = new ArchiveFields(null, null, null, null, null);

    boolean none() {
        return equals(NONE);
    }
}
