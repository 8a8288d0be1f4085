package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cpu.CpuEngine;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.model.Plan;
import java.nio.ByteBuffer;
import java.util.List;

/** The CPU engine of the same plan, which scores a lost device's slots to the same bits. */
final class Twin implements AutoCloseable {
    private final CpuEngine engine;
    private final int inputs;
    private final ByteBuffer[][] outputs;
    private final int[] inputRowBytes;

    private Twin(CpuEngine engine) {
        this.engine = engine;
        this.inputs = engine.signature().inputs().size();
        this.inputRowBytes =
                engine.signature().inputs().stream().mapToInt(spec -> spec.rowBytes()).toArray();
        List<? extends Slot> slots = engine.slots();
        this.outputs = new ByteBuffer[slots.size()][engine.signature().outputs().size()];
        for (Slot slot : slots) {
            for (int output = 0; output < outputs[slot.index()].length; output++) {
                outputs[slot.index()][output] = slot.output(output);
            }
        }
    }

    static Twin open(String name, Plan plan, EngineOptions options, String reason)
            throws EngineException {
        EngineOptions ofTwin =
                new EngineOptions(
                        "cpu",
                        options.maxBatchSize(),
                        options.slots(),
                        options.precision(),
                        0,
                        options.properties());
        return new Twin(CpuEngine.open(name, plan, ofTwin, reason));
    }

    EngineDescription description() {
        return engine.description();
    }

    /** Bytes of direct memory held. */
    long bytes() {
        return engine.statistics().pinnedBytes();
    }

    /** Scores the slot's rows; from here on the slot's outputs are the twin's. */
    void score(CudaSlot slot, CompletionListener listener) {
        Slot own = engine.slots().get(slot.index());
        for (int input = 0; input < inputs; input++) {
            int bytes = slot.rows() * inputRowBytes[input];
            own.input(input).put(0, slot.input(input), 0, bytes);
        }
        slot.moveOutputs(outputs[slot.index()]);
        engine.submit(own, slot.rows(), listener);
    }

    /** Completes what was submitted, then frees the memory. */
    @Override
    public void close() {
        engine.close();
    }
}
