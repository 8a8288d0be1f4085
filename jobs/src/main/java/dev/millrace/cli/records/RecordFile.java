package dev.millrace.cli.records;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A file of records that are read one after another. */
public interface RecordFile extends AutoCloseable {
    /** What files hold. */
    enum Type {
        CSV,
        JSON,
        AVRO
    }

    /**
     * Reads the next record.
     *
     * @return nothing at the file's end
     * @throws RefusedRecordException if it is no record of the schema; the one after can be read
     * @throws UnreadableFileException if nothing after it can be read
     */
    Optional<GenericRecord> next()
            throws RefusedRecordException, UnreadableFileException, IOException;

    /** Where the record read last begins: its line, or its number where there are no lines. */
    long line();

    /** How much of the file was read. */
    long bytesRead();

    @Override
    void close() throws IOException;

    /** The type that a file's name says. */
    static Optional<Type> typeOf(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            return Optional.of(Type.CSV);
        }
        if (name.endsWith(".json") || name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return Optional.of(Type.JSON);
        }
        return name.endsWith(".avro") ? Optional.of(Type.AVRO) : Optional.empty();
    }

    /**
     * Opens a file.
     *
     * @param ignoreUnknown whether fields that the schema lacks are left out instead of refused
     */
    static RecordFile open(Path file, Type type, Schema schema, boolean ignoreUnknown)
            throws IOException, UnreadableFileException {
        return switch (type) {
            case CSV -> new CsvFile(file, schema, ignoreUnknown);
            case JSON -> new JsonLinesFile(file, schema, ignoreUnknown);
            case AVRO -> new AvroFile(file, schema);
        };
    }
}
