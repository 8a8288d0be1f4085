package dev.millrace.job;

import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.job.config.Partitioning;
import dev.millrace.job.kafka.FixedHeaders;
import dev.millrace.job.kafka.ReusedRecord;
import dev.millrace.operator.inference.InferenceMetrics;
import dev.millrace.operator.inference.LogContext;
import dev.millrace.operator.inference.ScoreReader;
import dev.millrace.operator.inference.ServedModel;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ScoredRecordEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.MDC;

/**
 * Makes a scored record, ready to be sent, of a record and its scores: key and timestamp kept, the
 * partition that of the source where the pipeline says so.
 */
final class ScoredRecords
        implements ScoreReader<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;
    private static final FixedHeaders NO_HEADERS = new FixedHeaders();

    /** The headers of W3C Trace Context. */
    private static final String TRACE_PARENT = "traceparent";

    private static final String TRACE_STATE = "tracestate";

    private final ScoredRecordSettings settings;
    private final boolean shadow;
    private transient ServedModel model;
    private transient ScoredRecordEncoder encoder;
    private transient SlotBuffers outputs;

    /** The record of every row, in turn. */
    private transient ReusedRecord scored;

    private transient Slot lastSlot;
    private transient int lastRow;
    private transient Header[] provenance;
    private transient FixedHeaders sharedHeaders;

    /** The last timestamp as an object: neighbours mostly share their millisecond. */
    private transient Long timestamp;

    private transient Counter records;

    /**
     * @param shadow whether it reads the scores of a shadow
     */
    ScoredRecords(ScoredRecordSettings settings, boolean shadow) {
        this.settings = settings;
        this.shadow = shadow;
    }

    @Override
    public void open(ServedModel served, RuntimeContext context) {
        open(served, context.getMetricGroup());
    }

    void open(ServedModel served, MetricGroup metrics) {
        model = served;
        ModelVersion version = served.version();
        MDC.put(LogContext.PIPELINE, settings.pipeline());
        encoder =
                new ScoredRecordEncoder(
                        settings.framing().framing(),
                        settings.pipeline(),
                        new ModelIdentity(version.name(), version.version(), version.sha256()),
                        served.engine().precision().name(),
                        settings.scores().forModel(served.signature()));
        outputs = SlotBuffers.ofOutputs(served.signature());
        scored = new ReusedRecord(settings.topic());
        provenance = new Header[0];
        sharedHeaders = NO_HEADERS;
        timestamp = -1L;
        records = InferenceMetrics.versionRecords(metrics, version, shadow);
    }

    @Override
    public ProducerRecord<byte[], byte[]> read(
            ConsumerRecord<byte[], byte[]> record, Slot slot, int row) {
        if (slot != lastSlot || row <= lastRow) {
            startMicroBatch(slot);
        }
        lastRow = row;
        records.inc();
        byte[] value =
                encoder.encode(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.timestamp(),
                        outputs.of(slot),
                        row,
                        scored.value());
        scored.fill(
                settings.partitioning() == Partitioning.SOURCE ? record.partition() : null,
                timestamp(record.timestamp()),
                record.key(),
                value,
                headers(record));
        return settings.reuse() ? scored : scored.copy();
    }

    @Override
    public ProducerRecord<byte[], byte[]> keep(ProducerRecord<byte[], byte[]> output) {
        return output instanceof ReusedRecord reused ? reused.copy() : output;
    }

    private void startMicroBatch(Slot slot) {
        lastSlot = slot;
        if (settings.provenance()) {
            provenance = new Header[] {Provenance.header(model.engine(), Instant.now())};
            sharedHeaders = new FixedHeaders(provenance);
        }
    }

    /** Kafka takes no negative timestamp; a record that has none gets the time it is sent. */
    private Long timestamp(long millis) {
        if (millis < 0) {
            return null;
        }
        if (timestamp != millis) {
            timestamp = millis;
        }
        return timestamp;
    }

    private FixedHeaders headers(ConsumerRecord<byte[], byte[]> record) {
        boolean traced = isTraced(record);
        if (!traced && settings.keepHeaders().isEmpty()) {
            return sharedHeaders;
        }
        List<Header> headers = new ArrayList<>(List.of(provenance));
        for (Header header : record.headers()) {
            if (settings.keepHeaders().contains(header.key()) || (traced && isTrace(header))) {
                headers.add(header);
            }
        }
        return new FixedHeaders(headers.toArray(Header[]::new));
    }

    /** A trace state means nothing without its parent, so that alone says whether there is one. */
    private boolean isTraced(ConsumerRecord<byte[], byte[]> record) {
        return settings.traces() && record.headers().lastHeader(TRACE_PARENT) != null;
    }

    private static boolean isTrace(Header header) {
        return header.key().equals(TRACE_PARENT) || header.key().equals(TRACE_STATE);
    }
}
