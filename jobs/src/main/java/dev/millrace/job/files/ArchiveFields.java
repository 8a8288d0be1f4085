package dev.millrace.job.files;

import java.io.Serializable;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which top-level fields of archived records say what a Kafka record says beside its value; null
 * for what no field says.
 *
 * @param key the record's key, its text
 * @param timestamp milliseconds since 1970, or a time with its offset in ISO 8601
 * @param topic the topic it was in; else the file's name, see {@link Archive#topicOf}
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

    /**
     * Refuses a schema that lacks a field that was named.
     *
     * @param has whether the schema has a field
     * @param what has the schema, for people
     * @param names the schema's fields, for people
     */
    void require(Predicate<String> has, String what, List<String> names)
            throws UnplacedRecordException {
        require("--key-field", key, has, what, names);
        require("--timestamp-field", timestamp, has, what, names);
        require("--topic-field", topic, has, what, names);
        require("--partition-field", partition, has, what, names);
        require("--offset-field", offset, has, what, names);
    }

    private static void require(
            String option, String field, Predicate<String> has, String what, List<String> names)
            throws UnplacedRecordException {
        if (field != null && !has.test(field)) {
            throw new UnplacedRecordException(
                    "%s has no field '%s', which %s names; its fields are %s"
                            .formatted(what, field, option, names));
        }
    }
}
