package dev.millrace.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.Exactness;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.job.config.OutputSettings;
import dev.millrace.job.config.Partitioning;
import dev.millrace.job.config.ScoredFormat;
import dev.millrace.operator.inference.ServedModel;
import dev.millrace.schema.ScoredRecord;
import dev.millrace.schema.ScoredRecordDecoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ScoredRecordsTest {
    private static final int ROWS = 1000;

    private final TestingSlot slot = new TestingSlot();

    @Test
    void oneRecordServesForAllRows() throws Exception {
        ScoredRecords records = open(true);
        ProducerRecord<byte[], byte[]> first = records.read(input(7), slot, 0);
        byte[] firstValue = first.value();
        assertThat(score(first)).isEqualTo(0.5f);
        ProducerRecord<byte[], byte[]> second = records.read(input(8), slot, 1);
        assertThat(second).isSameAs(first);
        assertThat(second.value()).isSameAs(firstValue);
        assertThat(score(second)).isEqualTo(1.5f);
        assertThat(offset(second)).isEqualTo(8);
        assertThat(second.topic()).isEqualTo("scored");
        assertThat(second.partition()).isEqualTo(3);
        assertThat(second.timestamp()).isEqualTo(1008);
        assertThat(second.key()).containsExactly(8);
        assertThat(second.headers().lastHeader(Provenance.HEADER)).isNotNull();
    }

    @Test
    void aKeptRecordStaysAsItIs() throws Exception {
        ScoredRecords records = open(true);
        ProducerRecord<byte[], byte[]> kept = records.keep(records.read(input(7), slot, 0));
        records.read(input(8), slot, 1);
        assertThat(score(kept)).isEqualTo(0.5f);
        assertThat(offset(kept)).isEqualTo(7);
        assertThat(kept.timestamp()).isEqualTo(1007);
        assertThat(kept.key()).containsExactly(7);
        assertThat(kept.headers().lastHeader(Provenance.HEADER)).isNotNull();
    }

    @Test
    void everyRowHasItsOwnRecordWhereAnInterceptorCouldKeepIt() throws Exception {
        ScoredRecords records = open(false);
        ProducerRecord<byte[], byte[]> first = records.read(input(7), slot, 0);
        ProducerRecord<byte[], byte[]> second = records.read(input(8), slot, 1);
        assertThat(second).isNotSameAs(first);
        assertThat(score(first)).isEqualTo(0.5f);
        assertThat(score(second)).isEqualTo(1.5f);
        assertThat(records.keep(first)).isSameAs(first);
    }

    @Test
    void traceContextGoesThrough() throws Exception {
        Header parent = header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71-01");
        Header state = header("tracestate", "vendor=1");
        Header other = header("tenant", "a");
        ConsumerRecord<byte[], byte[]> traced = input(7, parent, other, state);
        ProducerRecord<byte[], byte[]> scored = open(true).read(traced, slot, 0);
        assertThat(scored.headers()).extracting(Header::key).contains(Provenance.HEADER);
        assertThat(scored.headers()).contains(parent, state).hasSize(3);
        scored = open(true, false, "tenant").read(traced, slot, 0);
        assertThat(scored.headers()).contains(other).doesNotContain(parent, state);
        scored = open(true, true, "tenant", "traceparent").read(traced, slot, 0);
        assertThat(scored.headers()).contains(parent, state, other).hasSize(4);
    }

    @Test
    void recordsWithoutATraceShareTheirHeaders() throws Exception {
        ScoredRecords records = open(true);
        Headers first = records.read(input(7), slot, 0).headers();
        assertThat(records.read(input(8, header("tracestate", "a=b")), slot, 1).headers())
                .isSameAs(first);
    }

    @Test
    void aRowCostsNoObjectForItsMetricsHeadersOrRecord() throws Exception {
        ScoredRecords records = open(true);
        ConsumerRecord<byte[], byte[]> input = input(7);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double least = Double.MAX_VALUE;
        // The compiler may allocate in this thread's name while it replaces code: take the best.
        for (int attempt = 0; attempt < 50; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int row = 0; row < ROWS; row++) {
                records.read(input, slot, row);
            }
            long after = threads.getCurrentThreadAllocatedBytes();
            least = Math.min(least, (double) (after - before) / ROWS);
        }
        // The provenance header of the micro-batch alone.
        assertThat(least).isLessThan(4);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private ScoredRecords open(boolean reuse) {
        return open(reuse, true);
    }

    private ScoredRecords open(boolean reuse, boolean traces, String... keepHeaders) {
        ScoredRecords records =
                new ScoredRecords(
                        new ScoredRecordSettings(
                                "test",
                                "scored",
                                new ScoredFraming(ScoredFormat.AVRO, 0),
                                Partitioning.SOURCE,
                                List.of(keepHeaders),
                                traces,
                                true,
                                reuse,
                                ScoreSelection.of(OutputSettings.all())),
                        false);
        records.open(new TestingModel(), new UnregisteredMetricsGroup());
        return records;
    }

    private static ConsumerRecord<byte[], byte[]> input(int offset, Header... headers) {
        return new ConsumerRecord<>(
                "payments",
                3,
                offset,
                1000L + offset,
                TimestampType.CREATE_TIME,
                1,
                0,
                new byte[] {(byte) offset},
                new byte[0],
                new RecordHeaders(headers),
                Optional.empty());
    }

    private static float score(ProducerRecord<byte[], byte[]> record) throws Exception {
        return (float) decode(record).scores().get("score").number(0);
    }

    private static long offset(ProducerRecord<byte[], byte[]> record) throws Exception {
        return decode(record).source().offset();
    }

    private static ScoredRecord decode(ProducerRecord<byte[], byte[]> record) throws Exception {
        return ScoredRecordDecoder.decode(record.value());
    }

    /** Row r holds the score r + 0.5. */
    private static final class TestingSlot implements Slot {
        private final ByteBuffer output =
                ByteBuffer.allocateDirect(ROWS * Float.BYTES).order(ByteOrder.nativeOrder());

        TestingSlot() {
            for (int row = 0; row < ROWS; row++) {
                output.putFloat(row * Float.BYTES, row + 0.5f);
            }
        }

        @Override
        public int index() {
            return 0;
        }

        @Override
        public int capacity() {
            return ROWS;
        }

        @Override
        public ByteBuffer input(int index) {
            throw new IllegalArgumentException("There is no input " + index);
        }

        @Override
        public ByteBuffer output(int index) {
            return output;
        }
    }

    private static final class TestingModel implements ServedModel {
        @Override
        public ModelVersion version() {
            return new ModelVersion("model", "1", "0".repeat(64));
        }

        @Override
        public ModelSignature signature() {
            return new ModelSignature(
                    List.of(), List.of(new TensorSpec("score", ElementType.FLOAT32, List.of())));
        }

        @Override
        public EngineDescription engine() {
            return new EngineDescription(
                    "cpu", "CPU", Precision.FP32, Exactness.PORTABLE, "the test says so");
        }
    }
}
