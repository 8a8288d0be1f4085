package dev.millrace.cli.records;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/** An Avro container file; its own schema is resolved against the one asked for. */
final class AvroFile implements RecordFile {
    private final DataFileReader<GenericRecord> reader;
    private final long fileBytes;
    private long number;

    AvroFile(Path file, Schema schema) throws IOException, UnreadableFileException {
        fileBytes = Files.size(file);
        try {
            reader = new DataFileReader<>(file.toFile(), new GenericDatumReader<>(null, schema));
        } catch (AvroRuntimeException e) {
            throw new UnreadableFileException("no Avro container: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<GenericRecord> next() throws UnreadableFileException {
        try {
            if (!reader.hasNext()) {
                refuseTruncation();
                return Optional.empty();
            }
            number++;
            return Optional.of(reader.next());
        } catch (AvroRuntimeException e) {
            // A container's records have no ends of their own: after one fault nothing can be read.
            throw new UnreadableFileException("record %d: %s".formatted(number, e.getMessage()), e);
        }
    }

    /** Avro takes a block that breaks off for the end of the file; a complete file ends in one. */
    private void refuseTruncation() throws UnreadableFileException {
        if (reader.previousSync() != fileBytes) {
            throw new UnreadableFileException(
                    "it breaks off after record %d: %d of its %d bytes make complete blocks"
                            .formatted(number, reader.previousSync(), fileBytes));
        }
    }

    @Override
    public long line() {
        return number;
    }

    @Override
    public long bytesRead() {
        try {
            return reader.tell();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
