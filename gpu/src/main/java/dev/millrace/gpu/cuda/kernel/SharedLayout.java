package dev.millrace.gpu.cuda.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Offsets in shared (or per-row intermediate) memory: each block lives from one step to another,
 * and blocks that do not live at the same time may overlap.
 */
final class SharedLayout {
    static final int ALIGNMENT = 16;

    private final List<Block> blocks = new ArrayList<>();
    private int bytes;

    private record Block(int offset, int size, int first, int last) {
        boolean livesWith(int otherFirst, int otherLast) {
            return first <= otherLast && otherFirst <= last;
        }
    }

    /**
     * Places a block at the lowest offset that is free while it lives.
     *
     * @param first number of the first step that needs it
     * @param last number of the last one
     */
    int place(int size, int first, int last) {
        int aligned = (Math.max(size, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int offset = 0;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Block block : blocks) {
                if (block.livesWith(first, last)
                        && offset < block.offset + block.size
                        && block.offset < Math.addExact(offset, aligned)) {
                    offset = block.offset + block.size;
                    moved = true;
                }
            }
        }
        blocks.add(new Block(offset, aligned, first, last));
        bytes = Math.max(bytes, Math.addExact(offset, aligned));
        return offset;
    }

    int bytes() {
        return bytes;
    }
}
