package dev.millrace.job.files;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records of an Avro container, resolved against the pipeline's schema and encoded with it. */
final class AvroRecords implements ArchiveFormat.RecordReader {
    private final Path path;
    private final Input input;
    private final DataFileReader<GenericRecord> reader;
    private final EncodedRecords encoded;
    private long number;

    AvroRecords(Path path, String topic, String schemaJson, ArchiveFields fields)
            throws IOException {
        this.path = path;
        FileSystem system = path.getFileSystem();
        input = new Input(system.open(path), system.getFileStatus(path).getLen());
        try {
            Schema schema = new Schema.Parser().setValidateDefaults(false).parse(schemaJson);
            reader = new DataFileReader<>(input, new GenericDatumReader<>(null, schema));
            requireFields(fields, schema, reader.getSchema());
            encoded = new EncodedRecords(topic, schema, fields);
        } catch (IOException | AvroRuntimeException e) {
            input.close();
            throw new IOException(
                    "%s cannot be read with the pipeline's schema: %s"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }

    /** A field that the file lacks would take its default in every record. */
    private static void requireFields(ArchiveFields fields, Schema schema, Schema written)
            throws UnplacedRecordException {
        fields.require(
                name -> schema.getField(name) != null, "the pipeline's schema", names(schema));
        if (written.getType() == Schema.Type.RECORD) {
            fields.require(
                    name ->
                            written.getField(name) != null
                                    || schema.getField(name).aliases().stream()
                                            .anyMatch(alias -> written.getField(alias) != null),
                    "the file",
                    names(written));
        }
    }

    private static List<String> names(Schema schema) {
        return schema.getFields().stream().map(Schema.Field::name).toList();
    }

    @Override
    public Optional<ConsumerRecord<byte[], byte[]>> next() throws IOException {
        try {
            if (!reader.hasNext()) {
                return Optional.empty();
            }
            ConsumerRecord<byte[], byte[]> made = encoded.of(number, reader.next());
            number++;
            return Optional.of(made);
        } catch (IOException | AvroRuntimeException e) {
            throw new IOException("%s, record %d: %s".formatted(path, number, e.getMessage()), e);
        }
    }

    @Override
    public long bytesRead() throws IOException {
        return input.tell();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** A file of Flink's file systems as Avro reads one. */
    private static final class Input implements SeekableInput {
        private final FSDataInputStream stream;
        private final long length;

        Input(FSDataInputStream stream, long length) {
            this.stream = stream;
            this.length = length;
        }

        @Override
        public void seek(long position) throws IOException {
            stream.seek(position);
        }

        @Override
        public long tell() throws IOException {
            return stream.getPos();
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            return stream.read(target, offset, count);
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
