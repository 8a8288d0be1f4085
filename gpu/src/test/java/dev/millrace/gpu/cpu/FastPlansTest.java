package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.RandomLayers;
import dev.millrace.gpu.testing.RandomPlans;
import dev.millrace.gpu.testing.TestBuffers;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whole plans with fast kernels against the interpreter's own way, bit for bit. The build runs this
 * class twice, with and without the Vector API.
 */
class FastPlansTest {
    private static final int PLANS = Integer.getInteger("millrace.random-plans", 60);
    private static final int[] ROWS = {1, 2, 7, 33, 70};

    private Random random;

    @BeforeEach
    void seed() {
        random = new Random(Long.getLong("millrace.seed", System.nanoTime()));
    }

    @Test
    void scoresLayersOfEveryLayoutToTheSameBits() {
        for (int number = 0; number < PLANS; number++) {
            long seed = random.nextLong();
            Random own = new Random(seed);
            check("layers of seed " + seed, RandomLayers.next(own, 1 + own.nextInt(6)), own);
        }
    }

    @Test
    void scoresPlansThatNoModelHasToTheSameBits() {
        for (int number = 0; number < PLANS; number++) {
            long seed = random.nextLong();
            Random own = new Random(seed);
            check("plan of seed " + seed, RandomPlans.next(own, 1 + own.nextInt(8)), own);
        }
    }

    private static void check(String name, Plan plan, Random random) {
        for (int rows : ROWS) {
            ByteBuffer[] inputs = TestBuffers.of(plan.signature().inputs(), rows);
            for (ByteBuffer input : inputs) {
                TestBuffers.fill(input, random);
            }
            ByteBuffer[] expected = TestBuffers.of(plan.signature().outputs(), rows);
            int fault = new PlanInterpreter(plan, rows).run(inputs, expected, 0, rows);
            for (DenseLayers layers : DenseLayers.values()) {
                if (layers == DenseLayers.VECTOR && !DenseLayers.hasVectors()) {
                    continue;
                }
                String what = "%s, %s, %d rows".formatted(name, layers, rows);
                ByteBuffer[] actual = TestBuffers.of(plan.signature().outputs(), rows);
                PlanInterpreter fast = new PlanInterpreter(plan, rows, new FastKernels(layers));
                assertThat(fast.run(inputs, actual, 0, rows)).as(what).isEqualTo(fault);
                for (int output = 0; output < expected.length; output++) {
                    assertThat(expected[output].mismatch(actual[output]))
                            .as("%s: first different byte of output %d", what, output)
                            .isEqualTo(-1);
                }
            }
        }
    }
}
