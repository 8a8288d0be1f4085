package dev.millrace.job.release;

import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.operator.inference.VersionChoice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Scores each row of a micro-batch with the versions that its route names. Inputs are those of the
 * model and the route, two ints: the lane of the main score and that of the shadow score or -1.
 * Outputs are those of the model, the same again for the shadow, and the route, where a shadow that
 * failed has become -1.
 *
 * <p>Rows of one lane are gathered into the slot of the same index of the lane's engine and
 * scattered back, so neighbours of another version change nothing: what a score is was never a
 * matter of its micro-batch.
 */
public final class VersionedEngine implements Engine, VersionChoice {
    /** The name of the route among inputs and outputs. */
    public static final String ROUTE = "millrace.route";

    /** Bytes of a route. */
    public static final int ROUTE_BYTES = 2 * Integer.BYTES;

    private static final int NONE = -1;

    private final Versions versions;
    private final ModelSignature model;
    private final ModelSignature signature;
    private final List<VersionedSlot> slots = new ArrayList<>();
    private final Runnable onClose;
    private final Optional<String> deviceId;
    private boolean closed;

    VersionedEngine(Versions versions, int capacity, int slotCount, Runnable onClose) {
        this.versions = versions;
        this.model = versions.signature();
        this.signature = signature(model);
        this.onClose = onClose;
        this.deviceId = versions.lane(0).openEngine().deviceId();
        for (int index = 0; index < slotCount; index++) {
            slots.add(new VersionedSlot(index, capacity, signature));
        }
    }

    private static ModelSignature signature(ModelSignature model) {
        TensorSpec route = new TensorSpec(ROUTE, ElementType.INT32, List.of(2));
        List<TensorSpec> inputs = new ArrayList<>(model.inputs());
        inputs.add(route);
        List<TensorSpec> outputs = new ArrayList<>(model.outputs());
        for (TensorSpec output : model.outputs()) {
            outputs.add(
                    new TensorSpec(
                            "shadow." + output.name(),
                            output.type(),
                            output.rowShape(),
                            output.categories()));
        }
        outputs.add(route);
        return new ModelSignature(inputs, outputs);
    }

    /** The versions it scores with. */
    public Versions versions() {
        return versions;
    }

    /** The model's own inputs and outputs. */
    public ModelSignature model() {
        return model;
    }

    @Override
    public ModelVersion scoringVersion() {
        return versions.champion().version();
    }

    /** Of the engine of the version that scores. */
    @Override
    public EngineDescription description() {
        return versions.champion().engine();
    }

    @Override
    public Optional<String> deviceId() {
        return deviceId;
    }

    @Override
    public ModelSignature signature() {
        return signature;
    }

    @Override
    public List<? extends Slot> slots() {
        return slots;
    }

    @Override
    public int batchLimit() {
        int limit = slots.get(0).capacity();
        for (Lane lane : versions.lanes()) {
            Engine engine = lane.openEngine();
            limit = engine == null ? limit : Math.min(limit, engine.batchLimit());
        }
        return limit;
    }

    @Override
    public void submit(Slot slot, int rows, CompletionListener listener) {
        VersionedSlot own = slots.get(slot.index());
        if (own != slot) {
            throw new IllegalArgumentException("The slot is of another engine");
        }
        if (rows < 1 || rows > own.capacity()) {
            throw new IllegalArgumentException(
                    "%d rows are not in 1..%d".formatted(rows, own.capacity()));
        }
        if (closed) {
            throw new IllegalStateException("The engine is closed");
        }
        own.start(rows, listener);
        versions.beginSubmission();
        try {
            for (Part part : own.parts(versions.lanes())) {
                submit(own, part);
            }
        } finally {
            versions.endSubmission();
        }
        // The one that stands for all of this method, so that no part is the last before all are
        // in.
        own.completed();
    }

    private void submit(VersionedSlot slot, Part part) {
        part.lane.inFlight().incrementAndGet();
        try {
            Engine engine = versions.engine(part.lane);
            Slot target = engine.slots().get(slot.index());
            part.target = target;
            for (int input = 0; input < model.inputs().size(); input++) {
                part.gather(
                        slot.input(input),
                        target.input(input),
                        model.inputs().get(input).rowBytes());
            }
            engine.submit(target, part.size, part);
        } catch (ReleaseLoader.UnfitException e) {
            part.onFailed(
                    slot,
                    new EngineException(
                            EngineException.Kind.RETRYABLE,
                            "Version %s cannot be opened: %s"
                                    .formatted(part.lane.version(), e.getMessage()),
                            e));
        }
    }

    @Override
    public EngineStatistics statistics() {
        long[] sums = new long[8];
        boolean fallback = false;
        for (Lane lane : versions.lanes()) {
            Engine engine = lane.openEngine();
            if (engine == null) {
                continue;
            }
            EngineStatistics one = engine.statistics();
            sums[0] += one.submissions();
            sums[1] += one.rows();
            sums[2] += one.h2dNanos();
            sums[3] += one.kernelNanos();
            sums[4] += one.d2hNanos();
            sums[5] += one.outOfMemoryBackoffs();
            sums[6] += one.pinnedBytes();
            sums[7] += one.deviceBytes();
            fallback |= one.fallbackActive();
        }
        return new EngineStatistics(
                sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], fallback, sums[6], sums[7]);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
            versions.close();
        }
    }

    /** Rows of one slot that go through one lane together. Reused from submission to submission. */
    private final class Part implements CompletionListener {
        private final VersionedSlot slot;
        private final Lane lane;
        private final int[] rows;
        private int size;
        private Slot target;

        Part(VersionedSlot slot, Lane lane) {
            this.slot = slot;
            this.lane = lane;
            this.rows = new int[slot.capacity()];
        }

        private boolean contiguous() {
            return rows[size - 1] - rows[0] == size - 1;
        }

        void gather(ByteBuffer from, ByteBuffer to, int rowBytes) {
            if (contiguous()) {
                to.put(0, from, rows[0] * rowBytes, size * rowBytes);
                return;
            }
            for (int i = 0; i < size; i++) {
                to.put(i * rowBytes, from, rows[i] * rowBytes, rowBytes);
            }
        }

        void scatter(ByteBuffer from, ByteBuffer to, int rowBytes) {
            if (contiguous()) {
                to.put(rows[0] * rowBytes, from, 0, size * rowBytes);
                return;
            }
            for (int i = 0; i < size; i++) {
                to.put(rows[i] * rowBytes, from, i * rowBytes, rowBytes);
            }
        }

        /** A lane's engine: its outputs are read before it can be asked again. */
        @Override
        public void onScored(Slot scored) {
            int first = lane.shadow() ? model.outputs().size() : 0;
            for (int output = 0; output < model.outputs().size(); output++) {
                scatter(
                        target.output(output),
                        slot.output(first + output),
                        model.outputs().get(output).rowBytes());
            }
            lane.inFlight().decrementAndGet();
            slot.completed();
        }

        @Override
        public void onFailed(Slot failed, EngineException failure) {
            if (lane.shadow() && failure.kind() != EngineException.Kind.DEVICE_FATAL) {
                // A shadow never costs anybody a score.
                for (int i = 0; i < size; i++) {
                    slot.dropShadow(rows[i]);
                }
            } else {
                slot.failed(failure);
            }
            lane.inFlight().decrementAndGet();
            slot.completed();
        }
    }

    /** Buffers of one micro-batch for all versions. */
    private final class VersionedSlot implements Slot {
        private final int index;
        private final int capacity;
        private final List<ByteBuffer> inputs = new ArrayList<>();
        private final List<ByteBuffer> outputs = new ArrayList<>();
        private final ByteBuffer routeIn;
        private final ByteBuffer routeOut;

        /** By lane index. */
        private final List<Part> parts = new ArrayList<>();

        private final List<Part> used = new ArrayList<>();
        private final AtomicInteger pending = new AtomicInteger();
        private final AtomicReference<EngineException> failure = new AtomicReference<>();
        private CompletionListener listener;
        private int rows;

        VersionedSlot(int index, int capacity, ModelSignature tensors) {
            this.index = index;
            this.capacity = capacity;
            tensors.inputs().forEach(spec -> inputs.add(buffer(spec, capacity)));
            tensors.outputs().forEach(spec -> outputs.add(buffer(spec, capacity)));
            this.routeIn = inputs.get(inputs.size() - 1);
            this.routeOut = outputs.get(outputs.size() - 1);
        }

        private static ByteBuffer buffer(TensorSpec spec, int rows) {
            return ByteBuffer.allocateDirect(Math.multiplyExact(spec.rowBytes(), rows))
                    .order(ByteOrder.nativeOrder());
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            return inputs.get(inputIndex);
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            return outputs.get(outputIndex);
        }

        void start(int count, CompletionListener hears) {
            if (!pending.compareAndSet(0, 1)) {
                throw new IllegalStateException("Slot %d is in flight already".formatted(index));
            }
            rows = count;
            listener = hears;
            failure.set(null);
            routeOut.put(0, routeIn, 0, count * ROUTE_BYTES);
        }

        /** The lanes that the rows of this submission take. */
        List<Part> parts(List<Lane> lanes) {
            while (parts.size() < lanes.size()) {
                parts.add(new Part(this, lanes.get(parts.size())));
            }
            used.forEach(part -> part.size = 0);
            used.clear();
            for (int row = 0; row < rows; row++) {
                take(routeIn.getInt(row * ROUTE_BYTES), row);
                int shadow = routeIn.getInt(row * ROUTE_BYTES + Integer.BYTES);
                if (shadow != NONE) {
                    take(shadow, row);
                }
            }
            pending.addAndGet(used.size());
            return used;
        }

        private void take(int lane, int row) {
            Part part = parts.get(lane);
            if (part.size == 0) {
                used.add(part);
            }
            part.rows[part.size] = row;
            part.size++;
        }

        /** Threads of several engines may do this at once, each for rows of its own. */
        void dropShadow(int row) {
            routeOut.putInt(row * ROUTE_BYTES + Integer.BYTES, NONE);
        }

        /** The worst failure is what the caller hears of. */
        void failed(EngineException next) {
            failure.accumulateAndGet(
                    next,
                    (old, other) ->
                            old == null || old.kind().compareTo(other.kind()) < 0 ? other : old);
        }

        void completed() {
            CompletionListener hears = listener;
            if (pending.decrementAndGet() > 0) {
                return;
            }
            EngineException failed = failure.get();
            if (failed == null) {
                hears.onScored(this);
            } else {
                hears.onFailed(this, failed);
            }
        }
    }
}
