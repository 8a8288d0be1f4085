package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.kernel.DeviceShape;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.lowering.PlanImporter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.Trees;
import dev.millrace.gpu.testing.ExportedModels;
import dev.millrace.gpu.testing.RandomLayers;
import dev.millrace.gpu.testing.RandomPlans;
import dev.millrace.gpu.testing.TestBuffers;
import dev.millrace.gpu.testing.TestPlans;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generated kernels against the interpreter, bit for bit. */
@Timeout(300)
class SameBitsAsTheTwinTest {
    private static final int PLANS = Integer.getInteger("millrace.random-plans", 5);
    private static final int[] ROWS = {1, 2, 31, 33, 67};

    private CudaContext context;
    private Random random;

    @BeforeEach
    void open() throws Exception {
        StandinDriver.start();
        context = CudaContext.open(0);
        context.makeCurrent();
        long seed = Long.getLong("millrace.seed", System.nanoTime());
        System.out.println("SameBitsAsTheTwinTest seed " + seed);
        random = new Random(seed);
    }

    @AfterEach
    void nothingLeaks() {
        if (context == null) {
            return;
        }
        assertThat(StandinDriver.held()).isZero();
        context.close();
    }

    @Test
    void randomPlans() throws Exception {
        for (int number = 0; number < PLANS; number++) {
            long seed = random.nextLong();
            Plan plan = RandomPlans.next(new Random(seed), 8);
            compare("plan " + number + " of seed " + seed, plan, ROWS[number % ROWS.length]);
        }
    }

    @Test
    void layersOfEveryLayout() throws Exception {
        for (int number = 0; number < PLANS; number++) {
            long seed = random.nextLong();
            Random own = new Random(seed);
            Plan plan = RandomLayers.next(own, 1 + own.nextInt(6));
            int rows = 1 + random.nextInt(130);
            compare("layers " + number + " of seed " + seed, plan, rows);
        }
    }

    /** As many as random plans, other ones in every build. */
    @Test
    void exportedNetworks() throws Exception {
        List<ModelArtifact> models = new ArrayList<>(ExportedModels.all());
        Collections.shuffle(models, random);
        for (ModelArtifact model : models.subList(0, Math.min(PLANS, models.size()))) {
            Plan plan = PlanImporter.importModel(model, EngineOptions.of("cuda", 1, 1));
            compare(model.version().name(), plan, ROWS[random.nextInt(ROWS.length)]);
        }
    }

    @Test
    void multilayerPerceptrons() throws Exception {
        int[][] sizes = {
            {30, 64, 32, 1},
            {100, 256, 128, 64, 1},
            {784, 32, 32, 10},
            {5, 3},
            {1, 1, 1},
            {12, 300, 9},
            {40, 37, 2}
        };
        for (int[] widths : sizes) {
            int rows = 1 + random.nextInt(150);
            compare(Arrays.toString(widths), TestPlans.mlp(random, widths), rows);
        }
    }

    @Test
    void oneKernelPerPerceptronAndEnsemble() throws Exception {
        DeviceShape shape = LoadedProgram.shapeOf(context.facts());
        for (Plan plan :
                List.of(
                        TestPlans.mlp(random, 30, 64, 32, 1),
                        TestPlans.mlp(random, 100, 256, 128, 64, 1),
                        TestPlans.mlp(random, 784, 32, 32, 10),
                        TestPlans.mlp(random, 256, 256, 256, 256),
                        TestPlans.trees(random, 30, 100, 6, 1))) {
            assertThat(KernelProgram.of(plan, shape).launches()).hasSize(1);
        }
    }

    @Test
    void treeEnsembles() throws Exception {
        compare("100 trees", TestPlans.trees(random, 30, 100, 6, 1), 65);
        compare("three targets", TestPlans.trees(random, 100, 30, 8, 3), 40);
        for (Trees.Aggregate aggregate : Trees.Aggregate.values()) {
            Plan plan = TestPlans.raggedTrees(random, 9, 21, 7, 2, aggregate);
            compare(aggregate.toString(), plan, 33);
        }
    }

    /** Not one row of the features fits the shared memory of a block. */
    @Test
    void treeEnsemblesOverMoreFeaturesThanABlockHolds() throws Exception {
        compare("one target", TestPlans.trees(random, 70_000, 50, 6, 1), 33);
        Plan ragged = TestPlans.raggedTrees(random, 70_000, 21, 7, 3, Trees.Aggregate.AVERAGE);
        compare("ragged", ragged, 7);
    }

    private void compare(String name, Plan plan, int rows) throws Exception {
        ByteBuffer[] inputs = TestBuffers.of(plan.signature().inputs(), rows);
        for (ByteBuffer input : inputs) {
            TestBuffers.fill(input, random);
        }
        ByteBuffer[] expected = TestBuffers.of(plan.signature().outputs(), rows);
        ByteBuffer[] actual = TestBuffers.of(plan.signature().outputs(), rows);
        int fault = new PlanInterpreter(plan, rows).run(inputs, expected, 0, rows);
        assertThat(ProgramRun.run(context, plan, inputs, actual, rows)).as(name).isEqualTo(fault);
        for (int output = 0; output < expected.length; output++) {
            TensorSpec spec = plan.signature().outputs().get(output);
            int difference = expected[output].mismatch(actual[output]);
            assertThat(difference)
                    .as("%s: first different byte of %s, %d rows", name, spec, rows)
                    .isEqualTo(-1);
        }
    }
}
