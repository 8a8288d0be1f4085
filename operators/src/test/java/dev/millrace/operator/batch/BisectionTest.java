package dev.millrace.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class BisectionTest {
    private final EngineException bad = new EngineException(EngineException.Kind.BAD_INPUT, "bad");

    /** Two inputs of different row sizes, int32 and int64, row r holding r in both. */
    private record TwoInputs(int capacity, ByteBuffer ints, ByteBuffer longs) implements Slot {
        static TwoInputs filled(int rows) {
            TwoInputs slot =
                    new TwoInputs(
                            rows,
                            ByteBuffer.allocateDirect(4 * rows).order(ByteOrder.nativeOrder()),
                            ByteBuffer.allocateDirect(8 * rows).order(ByteOrder.nativeOrder()));
            for (int row = 0; row < rows; row++) {
                slot.ints.putInt(4 * row, row);
                slot.longs.putLong(8 * row, row);
            }
            return slot;
        }

        @Override
        public int index() {
            return 0;
        }

        @Override
        public ByteBuffer input(int inputIndex) {
            return inputIndex == 0 ? ints : longs;
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            throw new UnsupportedOperationException();
        }
    }

    private Bisection<String> start(TwoInputs slot) {
        return new Bisection<>(slot, slot.capacity(), new int[] {4, 8}, bad);
    }

    /** Plays an engine that refuses parts with guilty rows; gives the sizes of all parts tried. */
    private List<Integer> play(Bisection<String> bisection, TwoInputs slot, BitSet guilty) {
        List<Integer> parts = new ArrayList<>();
        while (!bisection.isDone()) {
            int rows = bisection.nextPart();
            parts.add(rows);
            assertThat(bisection.to() - bisection.from()).isEqualTo(rows);
            boolean failed = false;
            for (int row = 0; row < rows; row++) {
                int original = bisection.from() + row;
                assertThat(slot.ints.getInt(4 * row)).isEqualTo(original);
                assertThat(slot.longs.getLong(8 * row)).isEqualTo(original);
                failed |= guilty.get(original);
            }
            if (failed) {
                bisection.partFailed(bad);
                continue;
            }
            for (int row = bisection.from(); row < bisection.to(); row++) {
                bisection.result(row, "score of " + row);
            }
            bisection.partScored();
        }
        return parts;
    }

    @RepeatedTest(200)
    void decidesEveryRowRightAndMovesItsFeaturesAlong() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        TwoInputs slot = TwoInputs.filled(1 + random.nextInt(300));
        BitSet guilty = new BitSet();
        int count = 1 + random.nextInt(1 + random.nextInt(slot.capacity()));
        for (int i = 0; i < count; i++) {
            guilty.set(random.nextInt(slot.capacity()));
        }
        Bisection<String> bisection = start(slot);
        play(bisection, slot, guilty);
        for (int row = 0; row < slot.capacity(); row++) {
            assertThat(bisection.isRejected(row)).isEqualTo(guilty.get(row));
            if (!guilty.get(row)) {
                assertThat(bisection.result(row)).isEqualTo("score of " + row);
            }
        }
    }

    @Test
    void findsOneGuiltyRowInLogarithmicallyManyAttempts() {
        TwoInputs slot = TwoInputs.filled(1024);
        BitSet guilty = new BitSet();
        guilty.set(777);
        assertThat(play(start(slot), slot, guilty)).hasSize(20);
    }

    @Test
    void aSingleRowIsGuiltyWithoutAnAttempt() {
        Bisection<String> bisection = start(TwoInputs.filled(1));
        assertThat(bisection.isDone()).isTrue();
        assertThat(bisection.rejection(0)).isSameAs(bad);
    }
}
