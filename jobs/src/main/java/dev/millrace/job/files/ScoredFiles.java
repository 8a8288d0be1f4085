package dev.millrace.job.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sinks into folders of files, exactly once: a file is visible when its checkpoint is complete. */
public final class ScoredFiles {
    private ScoredFiles() {}

    /** Avro containers of scored records, in plain Avro whatever the pipeline's sink format is. */
    public static FileSink<ProducerRecord<byte[], byte[]>> scored(Path folder) {
        return FileSink.forBulkFormat(folder, new ContainerFactory())
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withOutputFileConfig(
                        OutputFileConfig.builder()
                                .withPartPrefix("scored")
                                .withPartSuffix(".avro")
                                .build())
                .build();
    }

    /** JSON lines that say where a record was and why it is a dead letter. */
    public static FileSink<ProducerRecord<byte[], byte[]>> deadLetters(Path folder) {
        return FileSink.<ProducerRecord<byte[], byte[]>>forRowFormat(
                        folder,
                        (record, stream) -> {
                            stream.write(DeadLetterLine.of(record).getBytes(UTF_8));
                            stream.write('\n');
                        })
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withOutputFileConfig(
                        OutputFileConfig.builder()
                                .withPartPrefix("dead-letters")
                                .withPartSuffix(".jsonl")
                                .build())
                .build();
    }

    private static final class ContainerFactory
            implements BulkWriter.Factory<ProducerRecord<byte[], byte[]>> {
        private static final long serialVersionUID = 1L;

        @Override
        public BulkWriter<ProducerRecord<byte[], byte[]>> create(FSDataOutputStream stream)
                throws IOException {
            return new Container(stream);
        }
    }

    private static final class Container implements BulkWriter<ProducerRecord<byte[], byte[]>> {
        private static final int FAST_DEFLATE = 1;

        private final DataFileWriter<GenericRecord> writer;

        Container(OutputStream stream) throws IOException {
            writer =
                    new DataFileWriter<GenericRecord>(
                                    new GenericDatumWriter<>(Contracts.scoredRecord()))
                            .setCodec(CodecFactory.deflateCodec(FAST_DEFLATE))
                            .create(Contracts.scoredRecord(), stream);
        }

        @Override
        public void addElement(ProducerRecord<byte[], byte[]> record) throws IOException {
            writer.appendEncoded(ByteBuffer.wrap(record.value()));
        }

        @Override
        public void flush() throws IOException {
            writer.flush();
        }

        @Override
        public void finish() throws IOException {
            // Flink closes the stream.
            writer.flush();
        }
    }
}
