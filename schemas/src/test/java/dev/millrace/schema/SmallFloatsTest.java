package dev.millrace.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmallFloatsTest {
    @Test
    void everyFloat16ComesBackAsItWas() {
        for (int bits = 0; bits <= 0xFFFF; bits++) {
            float value = SmallFloats.fromFloat16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(SmallFloats.toFloat16(value) & 0x7FFF).isGreaterThan(0x7C00);
            } else {
                assertThat(SmallFloats.toFloat16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyBfloat16ComesBackAsItWas() {
        for (int bits = 0; bits <= 0xFFFF; bits++) {
            float value = SmallFloats.fromBfloat16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(SmallFloats.toBfloat16(value) & 0x7FFF).isGreaterThan(0x7F80);
            } else {
                assertThat(SmallFloats.toBfloat16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void betweenTwoFloat16TheNearerOneAndOfTiesTheEvenOne() {
        for (int bits = 0; bits < 0x7BFF; bits++) {
            double below = SmallFloats.fromFloat16((short) bits);
            double above = SmallFloats.fromFloat16((short) (bits + 1));
            double middle = (below + above) / 2;
            int even = bits + (bits & 1);
            assertThat(SmallFloats.toFloat16(middle)).isEqualTo((short) even);
            assertThat(SmallFloats.toFloat16(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(SmallFloats.toFloat16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
            assertThat(SmallFloats.toFloat16(-Math.nextUp(middle)))
                    .isEqualTo((short) (0x8000 | (bits + 1)));
        }
    }

    @Test
    void beyondTheLargestIsInfinity() {
        assertThat(SmallFloats.toFloat16(65519.999)).isEqualTo((short) 0x7BFF);
        assertThat(SmallFloats.toFloat16(65520.0)).isEqualTo((short) 0x7C00);
        assertThat(SmallFloats.toFloat16(-1e300)).isEqualTo((short) 0xFC00);
        assertThat(SmallFloats.toBfloat16(1e300)).isEqualTo((short) 0x7F80);
        assertThat(SmallFloats.toFloat16(Long.MAX_VALUE)).isEqualTo((short) 0x7C00);
    }

    @Test
    void longsRoundOnce() {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >> random.nextInt(63);
            if (i % 2 == 0) {
                // Just beside the middle of two neighbours, where rounding twice goes wrong.
                int high = 62 - random.nextInt(40);
                value = (1L << high) + (1L << (high - 8)) + random.nextInt(3) - 1;
            }
            assertThat(SmallFloats.toBfloat16(value))
                    .as("seed %d, %d", seed, value)
                    .isEqualTo(nearestBfloat16(value));
        }
    }

    /** The nearer of the two neighbours, compared exactly. */
    private static short nearestBfloat16(long value) {
        int below = Float.floatToRawIntBits((float) value) >>> 16;
        while (exact(below).abs().compareTo(BigDecimal.valueOf(value).abs()) > 0) {
            below--;
        }
        BigDecimal target = BigDecimal.valueOf(value);
        BigDecimal down = exact(below).subtract(target).abs();
        BigDecimal up = exact(below + 1).subtract(target).abs();
        int order = down.compareTo(up);
        return (short) (order < 0 || (order == 0 && (below & 1) == 0) ? below : below + 1);
    }

    private static BigDecimal exact(int bits) {
        return new BigDecimal(SmallFloats.fromBfloat16((short) bits));
    }
}
