package dev.millrace.job.files;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Records of a Parquet file: the columns that the pipeline's schema names, encoded with it. Columns
 * are found by name; a field that has none takes its default.
 */
final class ParquetRecords implements ArchiveFormat.RecordReader {
    /** Where {@link AvroReadSupport} looks for the schema of the records it makes. */
    private static final String READ_SCHEMA = "parquet.avro.read.schema";

    private final Path path;
    private final ParquetReader<GenericRecord> reader;
    private final EncodedRecords encoded;
    private final double bytesARecord;
    private long number;

    ParquetRecords(Path path, String topic, String schemaJson, ArchiveFields fields)
            throws IOException {
        this.path = path;
        try {
            Schema schema = new Schema.Parser().setValidateDefaults(false).parse(schemaJson);
            Input input = new Input(path);
            MessageType columns;
            try (ParquetFileReader file = open(input)) {
                columns = file.getFileMetaData().getSchema();
                bytesARecord = (double) input.getLength() / Math.max(1, file.getRecordCount());
            }
            requireColumns(schema, columns);
            fields.require(
                    name -> schema.getField(name) != null,
                    "the pipeline's schema",
                    schema.getFields().stream().map(Schema.Field::name).toList());
            fields.require(columns::containsField, "the file", names(columns));
            encoded = new EncodedRecords(topic, schema, fields, perMilli(columns, fields));
            PlainParquetConfiguration settings = new PlainParquetConfiguration();
            settings.set(READ_SCHEMA, schema.toString());
            reader =
                    new Builder(input, settings, new NeededColumns(schema))
                            .withCodecFactory(new ParquetCodecs())
                            .build();
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "%s cannot be read with the pipeline's schema: %s"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }

    private static ParquetFileReader open(InputFile input) throws IOException {
        ParquetReadOptions options =
                ParquetReadOptions.builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ParquetCodecs())
                        .build();
        return ParquetFileReader.open(input, options);
    }

    /** Parquet's reader would leave such a field null. */
    private static void requireColumns(Schema schema, MessageType columns) {
        for (Schema.Field field : schema.getFields()) {
            if (!columns.containsField(field.name()) && !field.hasDefaultValue()) {
                throw new IllegalArgumentException(
                        "it has no column '%s', and that field has no default; its columns are %s"
                                .formatted(field.name(), names(columns)));
            }
        }
    }

    private static List<String> names(MessageType columns) {
        return columns.getFields().stream().map(Type::getName).toList();
    }

    private static long perMilli(MessageType columns, ArchiveFields fields) {
        return fields.timestamp() == null || !columns.containsField(fields.timestamp())
                ? 1
                : TimestampUnit.perMilli(columns.getType(fields.timestamp()));
    }

    @Override
    public Optional<ConsumerRecord<byte[], byte[]>> next() throws IOException {
        try {
            GenericRecord record = reader.read();
            if (record == null) {
                return Optional.empty();
            }
            ConsumerRecord<byte[], byte[]> made = encoded.of(number, record);
            number++;
            return Optional.of(made);
        } catch (IOException | AvroRuntimeException | ClassCastException e) {
            throw new IOException("%s, record %d: %s".formatted(path, number, e.getMessage()), e);
        }
    }

    @Override
    public long bytesRead() {
        return (long) (number * bytesARecord);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** Reads no column that the schema does not name. */
    private static final class NeededColumns extends AvroReadSupport<GenericRecord> {
        private final Schema schema;

        NeededColumns(Schema schema) {
            super(new GenericData());
            this.schema = schema;
        }

        @Override
        public ReadContext init(
                ParquetConfiguration settings, Map<String, String> metadata, MessageType columns) {
            List<Type> needed =
                    columns.getFields().stream()
                            .filter(column -> schema.getField(column.getName()) != null)
                            .toList();
            return super.init(settings, metadata, new MessageType(columns.getName(), needed));
        }
    }

    private static final class Builder extends ParquetReader.Builder<GenericRecord> {
        private final NeededColumns columns;

        Builder(InputFile file, ParquetConfiguration settings, NeededColumns columns) {
            super(file, settings);
            this.columns = columns;
        }

        @Override
        protected ReadSupport<GenericRecord> getReadSupport() {
            return columns;
        }
    }

    /** A file of Flink's file systems as Parquet reads one. */
    private static final class Input implements InputFile {
        private final Path path;
        private final FileSystem system;

        Input(Path path) throws IOException {
            this.path = path;
            this.system = path.getFileSystem();
        }

        @Override
        public long getLength() throws IOException {
            return system.getFileStatus(path).getLen();
        }

        @Override
        public SeekableInputStream newStream() throws IOException {
            FSDataInputStream stream = system.open(path);
            return new DelegatingSeekableInputStream(stream) {
                @Override
                public long getPos() throws IOException {
                    return stream.getPos();
                }

                @Override
                public void seek(long position) throws IOException {
                    stream.seek(position);
                }
            };
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
