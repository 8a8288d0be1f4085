package dev.millrace.cli.records;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/** An Avro container file; its own schema is resolved against the one asked for. */
final class AvroFile implements RecordFile {
    private final DataFileReader<GenericRecord> reader;
    private final long fileBytes;
    private long number;
    private long read;

    AvroFile(Path file, Schema schema) throws IOException, UnreadableFileException {
        fileBytes = Files.size(file);
        try {
            reader = new DataFileReader<>(file.toFile(), new GenericDatumReader<>(null, schema));
        } catch (IOException | RuntimeException e) {
            throw new UnreadableFileException("no Avro container: " + reason(e), e);
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
            Optional<GenericRecord> record = Optional.of(reader.next());
            read++;
            return record;
        } catch (RuntimeException e) {
            // A container's records have no ends of their own: after one fault nothing can be read.
            // Damaged bytes fail the decoder in ways that no type of Avro's covers.
            throw new UnreadableFileException("after record %d: %s".formatted(read, reason(e)), e);
        }
    }

    private static String reason(Exception failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof EOFException) {
            return "it breaks off";
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
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
