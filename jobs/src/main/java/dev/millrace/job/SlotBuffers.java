package dev.millrace.job;

import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The buffers of each slot as arrays, so that no array is made per record. Task thread only. */
final class SlotBuffers {
    private final int tensors;
    private final boolean outputs;

    /** By slot index; filled as slots are met. */
    private ByteBuffer[][] bySlot = new ByteBuffer[0][];

    private SlotBuffers(int tensors, boolean outputs) {
        this.tensors = tensors;
        this.outputs = outputs;
    }

    static SlotBuffers ofInputs(ModelSignature signature) {
        return new SlotBuffers(signature.inputs().size(), false);
    }

    static SlotBuffers ofOutputs(ModelSignature signature) {
        return new SlotBuffers(signature.outputs().size(), true);
    }

    /** The slot's buffers now: an engine may move outputs while it scores. */
    ByteBuffer[] of(Slot slot) {
        int index = slot.index();
        if (index >= bySlot.length) {
            bySlot = Arrays.copyOf(bySlot, index + 1);
        }
        if (bySlot[index] == null) {
            bySlot[index] = new ByteBuffer[tensors];
        }
        ByteBuffer[] buffers = bySlot[index];
        for (int tensor = 0; tensor < tensors; tensor++) {
            buffers[tensor] = outputs ? slot.output(tensor) : slot.input(tensor);
        }
        return buffers;
    }
}
