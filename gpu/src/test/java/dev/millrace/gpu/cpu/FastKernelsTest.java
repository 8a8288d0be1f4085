package dev.millrace.gpu.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.interpreter.StepKernel;
import dev.millrace.gpu.interpreter.StepKernels;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Trees;
import dev.millrace.gpu.model.UnaryOp;
import dev.millrace.gpu.testing.Adversary;
import dev.millrace.gpu.testing.PlanBuilder;
import dev.millrace.gpu.testing.TestPlans;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Fast kernels against the interpreter's own way, bit for bit. The build runs this class twice,
 * with and without the Vector API.
 */
class FastKernelsTest {
    private static final int[] ROWS = {
        1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 31, 32, 33, 63, 64, 65, 200
    };

    private static final int[] FEW_ROWS = {1, 2, 5, 33};

    private Random random;

    /** Counts what it finds. */
    private static final class Counting implements StepKernels {
        private final StepKernels kernels;
        private int found;

        Counting(DenseLayers layers) {
            kernels = new FastKernels(layers);
        }

        @Override
        public Optional<StepKernel> find(Plan plan, Step step, int outputRowElements, int maxRows) {
            Optional<StepKernel> kernel = kernels.find(plan, step, outputRowElements, maxRows);
            found += kernel.isPresent() ? 1 : 0;
            return kernel;
        }
    }

    @BeforeEach
    void seed() {
        long seed = System.nanoTime();
        System.out.println("FastKernelsTest seed " + seed);
        random = new Random(seed);
    }

    @Test
    void usesTheVectorApiExactlyWhereTheBuildTurnedItOn() {
        boolean vectors = Boolean.getBoolean("millrace.test.vectors");
        assertThat(DenseLayers.hasVectors()).isEqualTo(vectors);
        assertThat(DenseLayers.best()).isEqualTo(vectors ? DenseLayers.VECTOR : DenseLayers.PLAIN);
    }

    @Test
    void scoresDenseLayersOfEverySizeToTheSameBits() {
        for (int inputs : new int[] {1, 2, 3, 8, 33}) {
            for (int outputs : new int[] {1, 2, 5, 15, 16, 17, 31, 32, 33, 48, 64, 67, 130}) {
                boolean rectified = random.nextBoolean();
                PlanBuilder plan = new PlanBuilder();
                int x = plan.input(inputs);
                int y = plan.output(outputs);
                plan.dense(
                        x,
                        y,
                        inputs,
                        outputs,
                        Adversary.floats(random, inputs * outputs),
                        Adversary.floats(random, outputs),
                        rectified ? TestPlans.relu() : PlanBuilder.SUM);
                check(plan.build(), 1);
            }
        }
    }

    @Test
    void finishesLayersWithAnyExpression() {
        Expr finish = new Expr.Unary(UnaryOp.TANH, PlanBuilder.SUM);
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(9);
        int y = plan.output(20);
        plan.dense(
                x, y, 9, 20, Adversary.floats(random, 180), Adversary.floats(random, 20), finish);
        check(plan.build(), 1);
    }

    @Test
    void scoresWholeNetworksToTheSameBits() {
        check(TestPlans.mlp(random, 30, 64, 32, 1), 3);
        check(TestPlans.mlp(random, 100, 256, 128, 64, 1), 4);
        check(TestPlans.mlp(random, 784, 32, 32, 10), 3);
        // More rows than kernels take at a time.
        check(TestPlans.mlp(random, 9, 20, 5), 2, 511, 512, 513, 700, 1100);
    }

    /** A dense layer on each position of a sequence, its weights the other way round. */
    @Test
    void scoresSequencesAsRowsOfTheirOwn() {
        int positions = 7;
        int inputs = 6;
        int outputs = 18;
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(positions, inputs);
        int y = plan.output(positions, outputs);
        int w = plan.constant(Adversary.floats(random, outputs * inputs));
        int b = plan.constant(Adversary.floats(random, outputs));
        plan.step(
                new Step.Contraction(
                        "MatMul",
                        ScalarKind.F32,
                        List.of(positions, outputs),
                        List.of(inputs),
                        false,
                        List.of(
                                new Access(x, 0, List.of(inputs, 0, 1)),
                                new Access(w, 0, List.of(0, inputs, 1)),
                                new Access(b, 0, List.of(0, 1))),
                        new Expr.Load(2, ScalarKind.F32),
                        TestPlans.relu(),
                        new Access(y, 0, List.of(outputs, 1))));
        check(plan.build(), 1);
    }

    /** Part of the features into part of the scores, from a constant. */
    @Test
    void scoresLayersThatReadAndWriteParts() {
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(10);
        int y = plan.output(40);
        int w = plan.constant(Adversary.floats(random, 5 * 20));
        for (int part = 0; part < 2; part++) {
            plan.step(
                    new Step.Contraction(
                            "Gemm",
                            ScalarKind.F32,
                            List.of(20),
                            List.of(5),
                            false,
                            List.of(
                                    new Access(x, 5 * part, List.of(0, 1)),
                                    new Access(w, 0, List.of(1, 20))),
                            Exprs.f32(-0f),
                            PlanBuilder.SUM,
                            new Access(y, 20 * part, List.of(1))));
        }
        check(plan.build(), 2);
    }

    @Test
    void scoresConvolutionsToTheSameBits() {
        for (int groups : new int[] {1, 2}) {
            for (int stride : new int[] {1, 2}) {
                PlanBuilder plan = new PlanBuilder();
                int channels = 3;
                int size = 12;
                int outputs = 5;
                int window = 3;
                int reach = (size - window) / stride + 1;
                int terms = channels * window * window;
                int x = plan.input(groups * channels, size, size);
                int y = plan.output(groups * outputs, reach, reach);
                int w = plan.constant(Adversary.floats(random, groups * outputs * terms));
                int b = plan.constant(Adversary.floats(random, groups * outputs));
                int image = size * size;
                int area = reach * reach;
                plan.step(
                        new Step.Contraction(
                                "Conv",
                                ScalarKind.F32,
                                List.of(groups, outputs, reach, reach),
                                List.of(channels, window, window),
                                false,
                                List.of(
                                        new Access(
                                                x,
                                                0,
                                                List.of(
                                                        channels * image,
                                                        0,
                                                        stride * size,
                                                        stride,
                                                        image,
                                                        size,
                                                        1)),
                                        new Access(
                                                w,
                                                0,
                                                List.of(outputs * terms, terms, 0, 0, 9, 3, 1)),
                                        new Access(b, 0, List.of(outputs, 1, 0, 0))),
                                new Expr.Load(2, ScalarKind.F32),
                                TestPlans.relu(),
                                new Access(y, 0, List.of(outputs * area, area, reach, 1))));
                check(plan.build(), 1);
            }
        }
    }

    /** Batches of products in any arrangement, of constants and of the record's own values. */
    @Test
    void scoresProductsOfEveryArrangementToTheSameBits() {
        int kernels = 0;
        for (int round = 0; round < 60; round++) {
            RandomProduct product = new RandomProduct(random);
            Counting counting = new Counting(DenseLayers.PLAIN);
            new PlanInterpreter(product.plan(), 1, counting);
            kernels += counting.found;
            check(product.plan(), counting.found, FEW_ROWS);
        }
        assertThat(kernels).isGreaterThan(3);
    }

    /** Attention with a constant added per head: one layer is loaded for all heads. */
    @Test
    void startsEveryGroupOfTheRecordsOwnProductsFromItsOwnConstants() {
        int heads = 3;
        int positions = 8;
        int outputs = 5;
        int terms = 2;
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(heads, positions + outputs, terms);
        int y = plan.output(heads, positions, outputs);
        int bias = plan.constant(Adversary.floats(random, heads * outputs));
        int head = (positions + outputs) * terms;
        plan.step(
                new Step.Contraction(
                        "MatMul",
                        ScalarKind.F32,
                        List.of(heads, positions, outputs),
                        List.of(terms),
                        false,
                        List.of(
                                new Access(x, 0, List.of(head, terms, 0, 1)),
                                new Access(x, positions * terms, List.of(head, 0, terms, 1)),
                                new Access(bias, 0, List.of(outputs, 0, 1))),
                        new Expr.Load(2, ScalarKind.F32),
                        PlanBuilder.SUM,
                        new Access(y, 0, List.of(positions * outputs, outputs, 1))));
        check(plan.build(), 1, FEW_ROWS);
    }

    /** Too few outputs for a layer to be worth its while. */
    @Test
    void leavesNarrowProductsToTheInterpreter() {
        PlanBuilder plan = new PlanBuilder();
        int x = plan.input(3, 4);
        int y = plan.output(3, 3);
        plan.step(
                new Step.Contraction(
                        "MatMul",
                        ScalarKind.F32,
                        List.of(3, 3),
                        List.of(4),
                        false,
                        List.of(
                                new Access(x, 0, List.of(4, 0, 1)),
                                new Access(x, 0, List.of(0, 4, 1))),
                        Exprs.f32(0),
                        PlanBuilder.SUM,
                        new Access(y, 0, List.of(3, 1))));
        check(plan.build(), 0);
    }

    @Test
    void scoresTreesToTheSameBits() {
        check(TestPlans.trees(random, 30, 100, 6, 1), 1);
        check(TestPlans.trees(random, 300, 20, 6, 3), 1);
    }

    @Test
    void scoresRaggedTreesOfEveryOrderToTheSameBits() {
        for (int round = 0; round < 40; round++) {
            Trees.Aggregate aggregate =
                    round % 2 == 0 ? Trees.Aggregate.SUM : Trees.Aggregate.AVERAGE;
            int targets = 1 + random.nextInt(4);
            check(TestPlans.raggedTrees(random, 5, 30, 9, targets, aggregate), 1);
        }
    }

    @Test
    void leavesSmallestLeavesToTheInterpreter() {
        check(TestPlans.raggedTrees(random, 5, 10, 4, 2, Trees.Aggregate.MINIMUM), 0);
    }

    private void check(Plan plan, int kernels) {
        check(plan, kernels, ROWS);
    }

    private void check(Plan plan, int kernels, int... rowCounts) {
        for (DenseLayers layers : DenseLayers.values()) {
            if (layers == DenseLayers.VECTOR && !DenseLayers.hasVectors()) {
                continue;
            }
            for (int rows : rowCounts) {
                check(plan, layers, rows, kernels);
            }
        }
    }

    private void check(Plan plan, DenseLayers layers, int rows, int kernels) {
        Counting counting = new Counting(layers);
        PlanInterpreter fast = new PlanInterpreter(plan, rows, counting);
        assertThat(counting.found).isEqualTo(kernels);
        PlanInterpreter plain = new PlanInterpreter(plan, rows);
        int features = plan.input(0).elements();
        int scores = plan.output(0).elements();
        ByteBuffer x = buffer(rows * features);
        float[] values = Adversary.floats(random, rows * features);
        for (int i = 0; i < values.length; i++) {
            x.putFloat(4 * i, values[i]);
        }
        byte[] expected = run(plain, x, rows, scores);
        byte[] actual = run(fast, x, rows, scores);
        if (!Arrays.equals(expected, actual)) {
            int at = Arrays.mismatch(expected, actual) / 4;
            throw new AssertionError(
                    "%s, %d rows, row %d, score %d: %08x, should be %08x"
                            .formatted(
                                    layers,
                                    rows,
                                    at / scores,
                                    at % scores,
                                    word(actual, at),
                                    word(expected, at)));
        }
    }

    private static int word(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(4 * at);
    }

    private static byte[] run(PlanInterpreter interpreter, ByteBuffer x, int rows, int scores) {
        ByteBuffer y = buffer(rows * scores);
        int fault = interpreter.run(new ByteBuffer[] {x}, new ByteBuffer[] {y}, 0, rows);
        assertThat(fault).isEqualTo(-1);
        byte[] bytes = new byte[y.capacity()];
        y.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder());
    }
}
