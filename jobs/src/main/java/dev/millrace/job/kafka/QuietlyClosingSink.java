package dev.millrace.job.kafka;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka sink whose writers do not fail when they are closed.
 *
 * <p>The connector's writer throws on close what a send failed with since it was last asked. A task
 * that fails because two sends were refused so fails once more while it is taken down, and Flink
 * ends the whole TaskManager for that. No failure is lost here: a record counts as written after a
 * flush, at a checkpoint or at the end of input, and a flush throws.
 *
 * @param <T> what is written
 */
final class QuietlyClosingSink<T>
        implements Sink<T>,
                SupportsWriterState<T, KafkaWriterState>,
                SupportsCommitter<KafkaCommittable>,
                SupportsPostCommitTopology<KafkaCommittable>,
                LineageVertexProvider {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(QuietlyClosingSink.class);

    private final KafkaSink<T> sink;

    QuietlyClosingSink(KafkaSink<T> sink) {
        this.sink = sink;
    }

    @Override
    public Writer<T> createWriter(WriterInitContext context) throws IOException {
        return restoreWriter(context, List.of());
    }

    // The connector's writers are both, though their class is hidden.
    @SuppressWarnings("unchecked")
    @Override
    public Writer<T> restoreWriter(WriterInitContext context, Collection<KafkaWriterState> states)
            throws IOException {
        StatefulSinkWriter<T, KafkaWriterState> writer =
                ((SupportsWriterState<T, KafkaWriterState>) sink).restoreWriter(context, states);
        return new Writer<>(writer, (CommittingSinkWriter<T, KafkaCommittable>) writer);
    }

    @Override
    public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
        return sink.getWriterStateSerializer();
    }

    @Override
    public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
        return sink.createCommitter(context);
    }

    @Override
    public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
        return sink.getCommittableSerializer();
    }

    @Override
    public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committed) {
        sink.addPostCommitTopology(committed);
    }

    @Override
    public LineageVertex getLineageVertex() {
        return sink.getLineageVertex();
    }

    /** One writer of the connector under its two names. */
    private record Writer<T>(
            StatefulSinkWriter<T, KafkaWriterState> stateful,
            CommittingSinkWriter<T, KafkaCommittable> committing)
            implements StatefulSinkWriter<T, KafkaWriterState>,
                    CommittingSinkWriter<T, KafkaCommittable> {
        @Override
        public void write(T element, Context context) throws IOException, InterruptedException {
            stateful.write(element, context);
        }

        @Override
        public void writeWatermark(Watermark watermark) throws IOException, InterruptedException {
            stateful.writeWatermark(watermark);
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            stateful.flush(endOfInput);
        }

        @Override
        public List<KafkaWriterState> snapshotState(long checkpoint) throws IOException {
            return stateful.snapshotState(checkpoint);
        }

        @Override
        public Collection<KafkaCommittable> prepareCommit()
                throws IOException, InterruptedException {
            return committing.prepareCommit();
        }

        // Whatever it is: an InterruptedException comes from the same taking down.
        @Override
        public void close() {
            try {
                stateful.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("A Kafka producer failed while it was closed: {}", e.getMessage(), e);
            }
        }
    }
}
