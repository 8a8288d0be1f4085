package dev.millrace.operator.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.Slot;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Micro-batcher, micro-batch and in-flight window. */
class MicroBatchingTest {
    private record TestSlot(int index, int capacity) implements Slot {
        @Override
        public ByteBuffer input(int inputIndex) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ByteBuffer output(int outputIndex) {
            throw new UnsupportedOperationException();
        }
    }

    private static MicroBatch<String, String> batch(int index) {
        return new MicroBatch<>(new TestSlot(index, 4));
    }

    private static MicroBatcher<String, String> batcher(int rows, long lingerNanos) {
        return new MicroBatcher<>(new FixedBatchPolicy(rows, lingerNanos));
    }

    private static MicroBatch<String, String> submitted(int index) {
        MicroBatcher<String, String> batcher = batcher(4, 0);
        batcher.use(batch(index));
        batcher.open(4, 0);
        batcher.append("a", 0, false);
        MicroBatch<String, String> closed = batcher.close(FlushReason.LINGER, 1);
        closed.submitted();
        return closed;
    }

    @Test
    void isFullAtTheSmallestOfPolicyEngineAndSlot() {
        int[][] cases = {{3, 9, 3}, {9, 2, 2}, {9, 9, 4}, {9, 0, 1}};
        for (int[] one : cases) {
            MicroBatcher<String, String> batcher = batcher(one[0], 10);
            batcher.use(batch(0));
            batcher.open(one[1], 0);
            assertThat(batcher.fullRows()).isEqualTo(one[2]);
            int rows = 1;
            while (!batcher.append("x", 0, true)) {
                rows++;
            }
            assertThat(rows).isEqualTo(one[2]);
        }
    }

    @Test
    void lingersFromTheFirstRecord() {
        MicroBatcher<String, String> batcher = batcher(4, 10);
        batcher.use(batch(0));
        assertThat(batcher.lingerExpired(1_000)).isFalse();
        long id = batcher.open(4, 100);
        batcher.append("a", 7, true);
        assertThat(batcher.isOpen(id)).isTrue();
        assertThat(batcher.lingerExpired(109)).isFalse();
        assertThat(batcher.lingerExpired(110)).isTrue();
        MicroBatch<String, String> closed = batcher.close(FlushReason.LINGER, 112);
        assertThat(batcher.isOpen(id)).isFalse();
        assertThat(closed.openedNanos()).isEqualTo(100);
        assertThat(closed.submittedNanos()).isEqualTo(112);
        assertThat(closed.flushReason()).isEqualTo(FlushReason.LINGER);
    }

    @Test
    void aReusedMicroBatchHasANewId() {
        MicroBatcher<String, String> batcher = batcher(4, 10);
        MicroBatch<String, String> reused = batch(0);
        batcher.use(reused);
        long first = batcher.open(4, 0);
        batcher.append("a", 0, false);
        batcher.close(FlushReason.FULL, 0);
        reused.recycle();
        assertThat(reused.element(0)).isNull();
        batcher.use(reused);
        long second = batcher.open(4, 0);
        batcher.append("b", 0, false);
        assertThat(second).isNotEqualTo(first);
        assertThat(batcher.isOpen(first)).isFalse();
        assertThat(batcher.isOpen(second)).isTrue();
    }

    @Test
    void thereIsNothingToCloseInAnEmptyMicroBatch() {
        MicroBatcher<String, String> batcher = batcher(4, 10);
        batcher.use(batch(0));
        assertThatThrownBy(() -> batcher.close(FlushReason.CHECKPOINT, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("CHECKPOINT");
        assertThatThrownBy(() -> batcher.use(batch(1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void signalsRememberTheRowsBeforeThemHoweverMany() {
        MicroBatch<String, String> batch = batch(0);
        for (int i = 0; i < 9; i++) {
            batch.append(() -> {});
        }
        batch.append("a", 0, false);
        batch.append(() -> {});
        assertThat(batch.signalCount()).isEqualTo(10);
        assertThat(batch.rowsBefore(8)).isZero();
        assertThat(batch.rowsBefore(9)).isEqualTo(1);
    }

    @Test
    void leavesInTheOrderOfSubmissionOnly() {
        InFlightWindow<String, String> window = new InFlightWindow<>(2);
        MicroBatch<String, String> first = submitted(0);
        MicroBatch<String, String> second = submitted(1);
        window.add(first);
        window.add(second);
        second.scored(5);
        assertThat(second.isReleasable()).isTrue();
        assertThatThrownBy(window::removeHead)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not finished");
        first.scored(6);
        assertThat(window.removeHead()).isSameAs(first);
        assertThat(window.head()).isSameAs(second);
        assertThat(window.tail()).isSameAs(second);
    }

    @Test
    void theWindowIsBounded() {
        InFlightWindow<String, String> window = new InFlightWindow<>(1);
        window.add(submitted(0));
        assertThatThrownBy(() -> window.add(submitted(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("full with 1");
        assertThatThrownBy(() -> window.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theWindowGoesRound() {
        InFlightWindow<String, String> window = new InFlightWindow<>(3);
        for (int i = 0; i < 20; i++) {
            MicroBatch<String, String> batch = submitted(i);
            window.add(batch);
            batch.scored(i);
            if (window.size() == 3) {
                assertThat(window.removeHead().slot().index()).isEqualTo(i - 2);
            }
        }
    }

    @Test
    void aMicroBatchCompletesOnceAndOnlyInFlight() {
        MicroBatch<String, String> batch = submitted(0);
        batch.scored(1);
        assertThatThrownBy(() -> batch.scored(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(
                        () ->
                                batch.failed(
                                        new EngineException(EngineException.Kind.MODEL, "late"), 2))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInFlightMicroBatchCannotBeRecycled() {
        MicroBatch<String, String> batch = submitted(0);
        assertThatThrownBy(batch::recycle).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(batch::submitted).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesLimitsThatMakeNoSense() {
        assertThatThrownBy(() -> new FixedBatchPolicy(0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FixedBatchPolicy(1, -1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AdaptiveBatchPolicy(1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
