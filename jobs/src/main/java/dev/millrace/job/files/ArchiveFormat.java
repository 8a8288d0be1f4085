package dev.millrace.job.files;

import dev.millrace.job.kafka.RecordType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads archived records as the Kafka records they were. A file is read by one task, whole. */
final class ArchiveFormat implements BulkFormat<ConsumerRecord<byte[], byte[]>, FileSourceSplit> {
    private static final long serialVersionUID = 1L;

    /** What a fetcher hands over at once. */
    private static final int BATCH = 512;

    private final ArchiveType type;
    private final String root;
    private final String schemaJson;
    private final ArchiveFields fields;
    private final TimeRange times;

    /**
     * @param root as {@link Archive#topicOf} wants it
     */
    ArchiveFormat(
            ArchiveType type,
            String root,
            String schemaJson,
            ArchiveFields fields,
            TimeRange times) {
        this.type = type;
        this.root = root;
        this.schemaJson = schemaJson;
        this.fields = fields;
        this.times = times;
    }

    @Override
    public Reader<ConsumerRecord<byte[], byte[]>> createReader(
            Configuration configuration, FileSourceSplit split) throws IOException {
        return new ArchiveReader(open(split), times, 0);
    }

    /** Positions count records, so going on means reading again what was read. */
    @Override
    public Reader<ConsumerRecord<byte[], byte[]>> restoreReader(
            Configuration configuration, FileSourceSplit split) throws IOException {
        long read =
                split.getReaderPosition()
                        .map(CheckpointedPosition::getRecordsAfterOffset)
                        .orElse(0L);
        RecordReader reader = open(split);
        for (long i = 0; i < read; i++) {
            if (reader.next().isEmpty()) {
                throw new IOException(
                        "%s has only %d records; %d were read before this job was restored"
                                .formatted(split.path(), i, read));
            }
        }
        return new ArchiveReader(reader, times, read);
    }

    private RecordReader open(FileSourceSplit split) throws IOException {
        String topic = Archive.topicOf(split.path(), root);
        return switch (type) {
            case AVRO -> new AvroRecords(split.path(), topic, schemaJson, fields);
            case PARQUET -> new ParquetRecords(split.path(), topic, schemaJson, fields);
            case JSON -> new JsonRecords(split.path(), topic, fields);
        };
    }

    @Override
    public boolean isSplittable() {
        return false;
    }

    @Override
    public TypeInformation<ConsumerRecord<byte[], byte[]>> getProducedType() {
        return RecordType.CONSUMER;
    }

    /** Records of one file, in order. */
    interface RecordReader extends AutoCloseable {
        /** Nothing at the file's end. */
        Optional<ConsumerRecord<byte[], byte[]>> next() throws IOException;

        /** About how many bytes of the file are read, for people to see how far it is. */
        long bytesRead() throws IOException;

        @Override
        void close() throws IOException;
    }

    private static final class ArchiveReader implements Reader<ConsumerRecord<byte[], byte[]>> {
        private final RecordReader reader;
        private final TimeRange times;
        private long read;

        ArchiveReader(RecordReader reader, TimeRange times, long read) {
            this.reader = reader;
            this.times = times;
            this.read = read;
        }

        @Override
        public RecordIterator<ConsumerRecord<byte[], byte[]>> readBatch() throws IOException {
            Batch batch = new Batch(reader.bytesRead());
            while (batch.size() < BATCH) {
                Optional<ConsumerRecord<byte[], byte[]>> record = reader.next();
                if (record.isEmpty()) {
                    break;
                }
                read++;
                if (times.holds(record.get())) {
                    batch.add(record.get(), read);
                }
            }
            return batch.size() == 0 ? null : batch;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    private static final class Batch implements RecordIterator<ConsumerRecord<byte[], byte[]>> {
        private final List<RecordAndPosition<ConsumerRecord<byte[], byte[]>>> records =
                new ArrayList<>(BATCH);
        private final long bytes;
        private int next;

        /**
         * None yet.
         *
         * @param bytes how many bytes of the file were read before; only progress hangs on it
         */
        Batch(long bytes) {
            this.bytes = bytes;
        }

        /**
         * One more.
         *
         * @param read how many records of the file were read with it, those out of range included
         */
        void add(ConsumerRecord<byte[], byte[]> record, long read) {
            records.add(new RecordAndPosition<>(record, bytes, read));
        }

        int size() {
            return records.size();
        }

        @Override
        public RecordAndPosition<ConsumerRecord<byte[], byte[]>> next() {
            return next == records.size() ? null : records.get(next++);
        }

        @Override
        public void releaseBatch() {
            // Records are objects of their own.
        }
    }
}
