package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.check.Golden;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineContractTest;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensors;
import dev.millrace.gpu.testing.RandomPlans;
import dev.millrace.gpu.testing.Submission;
import dev.millrace.gpu.testing.TestPlans;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract and bit equality on whatever driver this machine has: {@code scripts/gpu-check} runs
 * it on a machine with a GPU.
 */
@Tag("gpu")
class OnDeviceTest extends EngineContractTest {
    private static final int ROWS = 257;
    private static final int RANDOM_PLANS = 40;

    @Override
    protected String backend() {
        return CudaBackend.NAME;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of();
    }

    @Test
    void readsTheDeviceItScoresOn() throws Exception {
        try (Engine engine =
                TestingEngines.open(
                        TestPlans.mlp(new Random(1), 4, 4, 1),
                        EngineOptions.of(CudaBackend.NAME, 16, 2))) {
            DeviceReading reading =
                    DeviceSensors.of(engine.deviceId().orElseThrow()).orElseThrow().read();
            System.out.println(reading);
            assertThat(reading.memoryUsedBytes()).isBetween(1.0, reading.memoryTotalBytes());
            assertThat(reading.powerWatts()).isPositive();
            assertThat(reading.temperatureCelsius()).isPositive();
        }
    }

    @Test
    void scoresGoldenVectors() throws EngineException {
        Golden.check(backend(), properties());
    }

    @Test
    void scoresModelsToTheBitsOfTheInterpreter() throws EngineException {
        Random random = new Random(7);
        compare(TestPlans.mlp(random, 30, 64, 32, 1), random);
        compare(TestPlans.mlp(random, 100, 256, 128, 64, 1), random);
        compare(TestPlans.mlp(random, 784, 32, 32, 10), random);
        compare(TestPlans.trees(random, 30, 100, 6, 1), random);
        compare(TestPlans.trees(random, 100, 500, 6, 3), random);
    }

    @Test
    void scoresRandomPlansToTheBitsOfTheInterpreter() throws EngineException {
        long seed = System.nanoTime();
        System.out.println("OnDeviceTest seed " + seed);
        Random random = new Random(seed);
        for (int number = 0; number < RANDOM_PLANS; number++) {
            compare(RandomPlans.next(random, 8), random);
        }
    }

    private void compare(Plan plan, Random random) throws EngineException {
        EngineOptions options =
                new EngineOptions(backend(), ROWS, 3, Precision.FP32, 0, properties());
        try (Engine engine = TestingEngines.open(plan, options)) {
            Slot slot = engine.slots().get(0);
            int inputs = plan.signature().inputs().size();
            ByteBuffer[] in = new ByteBuffer[inputs];
            for (int input = 0; input < inputs; input++) {
                in[input] = slot.input(input);
                for (int at = 0; at + 4 <= in[input].capacity(); at += 4) {
                    if (random.nextInt(3) == 0) {
                        in[input].putInt(at, random.nextInt());
                    } else {
                        in[input].putFloat(at, (float) random.nextGaussian());
                    }
                }
            }
            ByteBuffer[] expected = new ByteBuffer[plan.signature().outputs().size()];
            for (int output = 0; output < expected.length; output++) {
                expected[output] =
                        ByteBuffer.allocateDirect(slot.output(output).capacity())
                                .order(ByteOrder.nativeOrder());
            }
            new PlanInterpreter(plan, ROWS).run(in, expected, 0, ROWS);
            for (int count : new int[] {1, 2, 31, 33, 128, ROWS}) {
                Submission.of(engine, slot, count).awaitScored();
                for (int output = 0; output < expected.length; output++) {
                    int bytes = count * plan.signature().outputs().get(output).rowBytes();
                    assertThat(slot.output(output).slice(0, bytes))
                            .as("%d rows of output %d", count, output)
                            .isEqualTo(expected[output].slice(0, bytes));
                }
            }
        }
    }
}
