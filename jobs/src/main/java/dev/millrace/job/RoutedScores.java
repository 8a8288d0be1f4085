package dev.millrace.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.job.kafka.ShadowedRecord;
import dev.millrace.job.release.Lane;
import dev.millrace.job.release.ReleaseSession;
import dev.millrace.job.release.VersionedEngine;
import dev.millrace.job.release.VersionedEngineProvider;
import dev.millrace.operator.inference.ScoreReader;
import dev.millrace.operator.inference.ServedModel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes scored records of what several versions gave: the main score, and on it, for the shadow
 * topic, the shadow's score with a header {@code millrace.difference} that says how far it is from
 * the main one.
 */
final class RoutedScores
        implements ScoreReader<ConsumerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;
    private static final String DIFFERENCE = "millrace.difference";

    private final ScoredRecordSettings settings;
    private final ScoredRecordSettings shadowSettings;
    private transient RuntimeContext context;
    private transient ReleaseSession session;
    private transient List<TensorSpec> outputs;
    private transient int routeOutput;

    /** By lane index. */
    private transient List<ScoredRecords> readers;

    /** By slot index. */
    private transient List<ShadowSlot> shadows;

    RoutedScores(ScoredRecordSettings settings, String shadowTopic) {
        this.settings = unshared(settings, settings.topic());
        this.shadowSettings = unshared(settings, shadowTopic);
    }

    /** A scored record and its shadow travel together, so neither may be used again. */
    private static ScoredRecordSettings unshared(ScoredRecordSettings settings, String topic) {
        return new ScoredRecordSettings(
                settings.pipeline(),
                topic,
                settings.framing(),
                settings.partitioning(),
                settings.keepHeaders(),
                settings.traces(),
                settings.provenance(),
                false,
                settings.scores());
    }

    @Override
    public void open(ServedModel served, RuntimeContext runtime) {
        context = runtime;
        session = VersionedEngineProvider.session(runtime);
        outputs = session.lane(0).signature().outputs();
        routeOutput = served.signature().outputs().size() - 1;
        readers = new ArrayList<>();
        shadows = new ArrayList<>();
        reader(0);
    }

    @Override
    public ProducerRecord<byte[], byte[]> read(
            ConsumerRecord<byte[], byte[]> record, Slot slot, int row) {
        ByteBuffer route = slot.output(routeOutput);
        int at = row * VersionedEngine.ROUTE_BYTES;
        ProducerRecord<byte[], byte[]> scored = reader(route.getInt(at)).read(record, slot, row);
        int lane = route.getInt(at + Integer.BYTES);
        if (lane < 0) {
            return scored;
        }
        ShadowSlot view = shadow(slot);
        ProducerRecord<byte[], byte[]> shadow = reader(lane).read(record, view, row);
        ProducerRecord<byte[], byte[]> apart =
                new ProducerRecord<>(
                        shadow.topic(),
                        shadow.partition(),
                        shadow.timestamp(),
                        shadow.key(),
                        shadow.value(),
                        shadow.headers());
        apart.headers().add(DIFFERENCE, differences(slot, view, row).getBytes(UTF_8));
        return new ShadowedRecord(scored, apart);
    }

    private ScoredRecords reader(int lane) {
        while (readers.size() <= lane) {
            readers.add(null);
        }
        ScoredRecords reader = readers.get(lane);
        if (reader == null) {
            Lane served = session.lane(lane);
            reader =
                    new ScoredRecords(served.shadow() ? shadowSettings : settings, served.shadow());
            reader.open(served, context);
            readers.set(lane, reader);
        }
        return reader;
    }

    private ShadowSlot shadow(Slot slot) {
        while (shadows.size() <= slot.index()) {
            shadows.add(null);
        }
        ShadowSlot view = shadows.get(slot.index());
        if (view == null) {
            view = new ShadowSlot(slot, outputs.size());
            shadows.set(slot.index(), view);
        }
        return view;
    }

    /** By output the difference of its element that differs most, shadow minus main. */
    private String differences(Slot main, Slot shadow, int row) {
        StringBuilder text = new StringBuilder();
        for (int output = 0; output < outputs.size(); output++) {
            TensorSpec spec = outputs.get(output);
            if (spec.type() != ElementType.FLOAT32 && spec.type() != ElementType.FLOAT64) {
                continue;
            }
            double largest = 0;
            for (int element = 0; element < spec.rowElements(); element++) {
                int at = row * spec.rowBytes() + element * spec.type().bytes();
                double difference =
                        number(spec, shadow.output(output), at)
                                - number(spec, main.output(output), at);
                largest = Math.abs(difference) > Math.abs(largest) ? difference : largest;
            }
            text.append(text.isEmpty() ? "" : " ");
            text.append(spec.name()).append('=').append((float) largest);
        }
        return text.toString();
    }

    private static double number(TensorSpec spec, ByteBuffer buffer, int at) {
        return spec.type() == ElementType.FLOAT32 ? buffer.getFloat(at) : buffer.getDouble(at);
    }

    /** A slot whose outputs are the shadow's. */
    private record ShadowSlot(Slot slot, int first) implements Slot {
        @Override
        public int index() {
            return slot.index();
        }

        @Override
        public int capacity() {
            return slot.capacity();
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            return slot.input(inputIndex);
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            return slot.output(first + outputIndex);
        }
    }
}
