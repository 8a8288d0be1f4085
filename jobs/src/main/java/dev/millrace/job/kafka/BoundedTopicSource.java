package dev.millrace.job.kafka;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A range of topics that is read to its end, also after a restore. The connector's own bounded
 * source never ends then (FLINK-31006): its enumerator tells readers that no more partitions will
 * come only after it has found some, and a restored one finds none. Here the partitions and both
 * their ends are fixed when the job is made, and whoever registers with a restored enumerator is
 * told at once.
 */
public final class BoundedTopicSource
        implements Source<
                ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit, KafkaSourceEnumState> {
    private static final long serialVersionUID = 1L;

    private final HashMap<TopicPartition, Long> starts;
    private final HashMap<TopicPartition, Long> ends;
    private final String groupId;
    private final Properties properties;
    private final KafkaRecordDeserializationSchema<ConsumerRecord<byte[], byte[]>> deserializer;

    private BoundedTopicSource(
            TopicRange range,
            String groupId,
            Map<String, String> properties,
            KafkaRecordDeserializationSchema<ConsumerRecord<byte[], byte[]>> deserializer) {
        this.starts = new HashMap<>(range.starts());
        this.ends = new HashMap<>(range.ends());
        this.groupId = groupId;
        this.properties = new Properties();
        this.properties.putAll(properties);
        this.deserializer = deserializer;
    }

    /** Reads the records of a range as they are. */
    public static BoundedTopicSource of(
            TopicRange range, String groupId, Map<String, String> properties) {
        return new BoundedTopicSource(range, groupId, properties, new RawRecords());
    }

    /** The same with records that are not what they were when they were read. */
    public static BoundedTopicSource of(
            TopicRange range,
            String groupId,
            Map<String, String> properties,
            KafkaRecordDeserializationSchema<ConsumerRecord<byte[], byte[]>> deserializer) {
        return new BoundedTopicSource(range, groupId, properties, deserializer);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        return delegate(starts.keySet()).createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state)
            throws IOException {
        if (!state.initialDiscoveryFinished()) {
            return delegate(starts.keySet()).restoreEnumerator(context, state);
        }
        // The partitions of the restored state and no others: nothing is discovered twice.
        Set<TopicPartition> partitions = partitions(state.assignedSplits());
        partitions.addAll(partitions(state.unassignedSplits()));
        return new RestoredEnumerator(
                delegate(partitions).restoreEnumerator(context, state), context);
    }

    private static Set<TopicPartition> partitions(Collection<KafkaPartitionSplit> splits) {
        Set<TopicPartition> partitions = new HashSet<>();
        splits.forEach(split -> partitions.add(split.getTopicPartition()));
        return partitions;
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return delegate(starts.keySet()).getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return delegate(starts.keySet()).getEnumeratorCheckpointSerializer();
    }

    @Override
    public SourceReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit> createReader(
            SourceReaderContext context) throws Exception {
        return delegate(starts.keySet()).createReader(context);
    }

    private KafkaSource<ConsumerRecord<byte[], byte[]>> delegate(Set<TopicPartition> partitions) {
        return KafkaSource.<ConsumerRecord<byte[], byte[]>>builder()
                .setPartitions(new HashSet<>(partitions))
                .setGroupId(groupId)
                .setStartingOffsets(OffsetsInitializer.offsets(starts))
                .setBounded(OffsetsInitializer.offsets(ends))
                .setDeserializer(deserializer)
                .setProperties(properties)
                .build();
    }

    /** Tells every reader that registers that no more partitions will come. */
    private static final class RestoredEnumerator
            implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {
        private final SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> delegate;
        private final SplitEnumeratorContext<KafkaPartitionSplit> context;

        RestoredEnumerator(
                SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> delegate,
                SplitEnumeratorContext<KafkaPartitionSplit> context) {
            this.delegate = delegate;
            this.context = context;
        }

        @Override
        public void start() {
            delegate.start();
        }

        @Override
        public void handleSplitRequest(int subtaskId, String requesterHostname) {
            delegate.handleSplitRequest(subtaskId, requesterHostname);
        }

        @Override
        public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtaskId) {
            delegate.addSplitsBack(splits, subtaskId);
        }

        /** What was not assigned yet is assigned in here first. */
        @Override
        public void addReader(int subtaskId) {
            delegate.addReader(subtaskId);
            context.signalNoMoreSplits(subtaskId);
        }

        @Override
        public KafkaSourceEnumState snapshotState(long checkpointId) throws Exception {
            return delegate.snapshotState(checkpointId);
        }

        @Override
        public void close() throws IOException {
            delegate.close();
        }
    }
}
