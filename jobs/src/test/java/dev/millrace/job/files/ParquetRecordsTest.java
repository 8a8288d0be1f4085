package dev.millrace.job.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParquetRecordsTest {
    private static final int RECORDS = 3000;
    private static final Schema WRITTEN =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Payment", "fields": [
                              {"name": "unread", "type": "string"},
                              {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
                              {"name": "card", "type": ["null", "string"]},
                              {"name": "id", "type": "int"},
                              {"name": "features", "type": {"type": "array", "items": "float"}}]}
                            """);

    /** Of another width, with a field more, another less, and in another order. */
    private static final String PIPELINE =
            """
            {"type": "record", "name": "Payment", "fields": [
              {"name": "features", "type": {"type": "array", "items": "float"}},
              {"name": "id", "type": "long"},
              {"name": "card", "type": ["null", "string"]},
              {"name": "at", "type": "long"},
              {"name": "region", "type": "string", "default": "north"}]}
            """;

    @TempDir private Path folder;

    private org.apache.flink.core.fs.Path write(CompressionCodecName codec, boolean oldLists)
            throws Exception {
        Path file = folder.resolve("payments.parquet");
        PlainParquetConfiguration settings = new PlainParquetConfiguration();
        settings.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, oldLists);
        try (ParquetWriter<GenericRecord> writer =
                AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
                        .withSchema(WRITTEN)
                        .withConf(settings)
                        .withDataModel(new GenericData())
                        .withCodecFactory(new TestingCompressors())
                        .withCompressionCodec(codec)
                        .withRowGroupSize(64L * 1024)
                        .build()) {
            for (int id = 0; id < RECORDS; id++) {
                GenericRecord record = new GenericData.Record(WRITTEN);
                record.put("unread", "x" + id);
                record.put("at", 1_769_817_600_000_123L + 1000L * id);
                record.put("card", id % 7 == 0 ? null : "card-" + id);
                record.put("id", id);
                record.put("features", List.of(id + 0.5f, -1f));
                writer.write(record);
            }
        }
        return new org.apache.flink.core.fs.Path(file.toUri());
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(
            org.apache.flink.core.fs.Path file, String schema) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        ArchiveFields fields = new ArchiveFields("card", "at", null, null, null);
        try (ParquetRecords reader = new ParquetRecords(file, "payments", schema, fields)) {
            Optional<ConsumerRecord<byte[], byte[]>> next = reader.next();
            while (next.isPresent()) {
                records.add(next.get());
                next = reader.next();
            }
        }
        return records;
    }

    @ParameterizedTest
    @CsvSource({
        "UNCOMPRESSED, true",
        "SNAPPY, false",
        "GZIP, false",
        "ZSTD, true",
        "LZ4_RAW, false"
    })
    void readsColumnsByNameWithThePipelinesSchema(CompressionCodecName codec, boolean oldLists)
            throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records = read(write(codec, oldLists), PIPELINE);

        assertThat(records).hasSize(RECORDS);
        Schema schema = new Schema.Parser().parse(PIPELINE);
        GenericDatumReader<GenericRecord> decoder = new GenericDatumReader<>(schema);
        for (int id = 0; id < RECORDS; id++) {
            ConsumerRecord<byte[], byte[]> record = records.get(id);
            assertThat(record.offset()).isEqualTo(id);
            assertThat(record.timestamp()).isEqualTo(1_769_817_600_000L + id);
            assertThat(record.key() == null).isEqualTo(id % 7 == 0);
            GenericRecord value =
                    decoder.read(null, DecoderFactory.get().binaryDecoder(record.value(), null));
            assertThat(value.get("id")).isEqualTo((long) id);
            assertThat(value.get("features")).isEqualTo(List.of(id + 0.5f, -1f));
            assertThat(value.get("region")).hasToString("north");
        }
    }

    @Test
    void aMissingColumnIsNamedWithThoseThatAreThere() throws Exception {
        String needy = PIPELINE.replace(", \"default\": \"north\"", "");
        assertThatThrownBy(() -> read(write(CompressionCodecName.SNAPPY, false), needy))
                .hasMessageContaining("payments.parquet cannot be read with the pipeline's schema")
                .hasMessageContaining("no column 'region'")
                .hasMessageContaining("[unread, at, card, id, features]");
    }

    @Test
    void whatIsNoParquetIsSaid() throws Exception {
        Path file = java.nio.file.Files.writeString(folder.resolve("bad.parquet"), "a,b,c\n1,2,3");
        assertThatThrownBy(() -> read(new org.apache.flink.core.fs.Path(file.toUri()), PIPELINE))
                .hasMessageContaining("bad.parquet");
    }
}
