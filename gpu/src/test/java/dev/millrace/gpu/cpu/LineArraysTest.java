package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineArraysTest {
    /** A collection between making and looking may move some: not every time. */
    private static final int ATTEMPTS = 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 256, 1000})
    void startsEveryArrayAtACacheLine(int floats) {
        int aligned = 0;
        for (int attempt = 0; attempt < ATTEMPTS && aligned < 40; attempt++) {
            aligned = aligned(LineArrays.allocate(40, floats));
        }
        assertThat(LineArrays.isReadable()).isTrue();
        assertThat(aligned).isEqualTo(40);
    }

    @Test
    void renewsExactlyTheArraysThatWereMoved() {
        int aligned = 0;
        for (int attempt = 0; attempt < ATTEMPTS && aligned < 40; attempt++) {
            float[][] arrays = LineArrays.allocate(40, 64);
            float[][] before = arrays.clone();
            // Small objects between arrays shift them when the collector closes the gaps.
            System.gc();
            boolean[] stays = new boolean[arrays.length];
            for (int i = 0; i < arrays.length; i++) {
                stays[i] = LineArrays.startsLine(arrays, i);
            }
            LineArrays.renew(arrays);
            aligned = aligned(arrays);
            for (int i = 0; i < arrays.length; i++) {
                if (arrays[i] != before[i]) {
                    assertThat(arrays[i]).hasSameSizeAs(before[i]).containsOnly(0.0f);
                }
                assertThat(arrays[i] == before[i]).isEqualTo(stays[i]);
            }
        }
        assertThat(aligned).isEqualTo(40);
    }

    @Test
    void hasRoomForWholeVectorsAndTakesWholeLines() {
        for (int floats : new int[] {1, 16, 17, 250}) {
            float[] array = LineArrays.allocate(1, floats)[0];
            assertThat(array.length).isGreaterThanOrEqualTo(LineArrays.LEAD + floats);
            assertThat(array.length).isEqualTo(LineArrays.end(floats));
            assertThat((16 + 4 * array.length) % 64).isZero();
        }
    }

    private static int aligned(float[][] arrays) {
        return (int)
                IntStream.range(0, arrays.length)
                        .filter(i -> LineArrays.startsLine(arrays, i))
                        .count();
    }
}
