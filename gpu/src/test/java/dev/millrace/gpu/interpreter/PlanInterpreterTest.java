package dev.millrace.gpu.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.ElementType;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.TensorSpec;
import dev.millrace.gpu.model.Access;
import dev.millrace.gpu.model.BinaryOp;
import dev.millrace.gpu.model.Expr;
import dev.millrace.gpu.model.Exprs;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.model.PlanValue;
import dev.millrace.gpu.model.ScalarKind;
import dev.millrace.gpu.model.Step;
import dev.millrace.gpu.model.Tensor;
import dev.millrace.gpu.model.Trees;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlanInterpreterTest {
    private static final Expr LOAD = new Expr.Load(0, ScalarKind.F32);
    private static final Expr ACCUMULATED = new Expr.Accumulated(ScalarKind.F32);

    @Test
    void multipliesAndAddsInAscendingOrderFromTheInitialValue() {
        int inputs = 37;
        int outputs = 5;
        int rows = 301;
        Random random = seeded();
        float[] weights = floats(random, inputs * outputs);
        float[] bias = floats(random, outputs);
        float[] features = floats(random, rows * inputs);
        Step step =
                new Step.Contraction(
                        "Gemm",
                        ScalarKind.F32,
                        List.of(outputs),
                        List.of(inputs),
                        false,
                        List.of(
                                new Access(0, 0, List.of(0, 1)),
                                new Access(2, 0, List.of(1, outputs)),
                                new Access(3, 0, List.of(1))),
                        new Expr.Load(2, ScalarKind.F32),
                        new Expr.Binary(BinaryOp.MAX, ACCUMULATED, Exprs.f32(0)),
                        new Access(1, 0, List.of(1)));
        float[] scores = run(inputs, outputs, List.of(weights, bias), step, features, rows, -1);
        for (int row = 0; row < rows; row++) {
            for (int n = 0; n < outputs; n++) {
                float sum = bias[n];
                for (int k = 0; k < inputs; k++) {
                    sum = Math.fma(features[row * inputs + k], weights[k * outputs + n], sum);
                }
                assertThat(scores[row * outputs + n]).isEqualTo(Math.max(sum, 0));
            }
        }
    }

    @Test
    void addsInThirtyTwoPartsAndOneTree() {
        int terms = 71;
        float[] features = floats(seeded(), 3 * terms);
        Step step =
                new Step.Reduction(
                        "ReduceSum",
                        ScalarKind.F32,
                        Step.Combine.SUM,
                        List.of(),
                        List.of(terms),
                        List.of(new Access(0, 0, List.of(1))),
                        LOAD,
                        ACCUMULATED,
                        new Access(1, 0, List.of()));
        float[] sums = run(terms, 1, List.of(), step, features, 3, -1);
        for (int row = 0; row < 3; row++) {
            float[] partials = new float[32];
            for (int k = 0; k < terms; k++) {
                partials[k % 32] += features[row * terms + k];
            }
            for (int half = 16; half > 0; half /= 2) {
                for (int p = 0; p < half; p++) {
                    partials[p] += partials[p + half];
                }
            }
            assertThat(sums[row]).isEqualTo(partials[0]);
        }
    }

    @Test
    void padsWithoutReadingOutside() {
        Step step =
                new Step.Elementwise(
                        "Pad",
                        List.of(5),
                        List.of(new Access(0, -1, List.of(1))),
                        new Expr.Guarded(0, 1, 4, LOAD, Exprs.f32(9)),
                        new Access(1, 0, List.of(1)));
        float[] padded = run(3, 5, List.of(), step, new float[] {1, 2, 3, 4, 5, 6}, 2, -1);
        assertThat(padded).containsExactly(9, 1, 2, 3, 9, 9, 4, 5, 6, 9);
    }

    @Test
    void reportsTheFirstRowWhoseIndexIsOutOfRangeAndScoresTheOthers() {
        Expr index = new Expr.CheckedIndex(new Expr.Convert(ScalarKind.I64, false, LOAD), 3);
        Step step =
                new Step.Elementwise(
                        "Gather",
                        List.of(),
                        List.of(new Access(0, 0, List.of()), new Access(2, 0, List.of())),
                        new Expr.LoadAt(1, index, ScalarKind.F32),
                        new Access(1, 0, List.of()));
        float[] found =
                run(
                        1,
                        1,
                        List.of(new float[] {10, 20, 30}),
                        step,
                        new float[] {2, -1, 3, -4},
                        4,
                        2);
        assertThat(found).containsExactly(30, 30, 10, 10);
    }

    @Test
    void takesTheFirstOfEqualMaximaOrTheLast() {
        float[] features = {1, 7, 7, Float.NaN, 7, 0};
        assertThat(argMax(features, false)).isEqualTo(1);
        assertThat(argMax(features, true)).isEqualTo(4);
    }

    private static float argMax(float[] features, boolean last) {
        Step step =
                new Step.ArgReduction(
                        "ArgMax",
                        true,
                        last,
                        List.of(),
                        List.of(features.length),
                        List.of(new Access(0, 0, List.of(1))),
                        LOAD,
                        new Expr.Convert(
                                ScalarKind.F32, false, new Expr.Accumulated(ScalarKind.I64)),
                        new Access(1, 0, List.of()));
        return run(features.length, 1, List.of(), step, features, 1, -1)[0];
    }

    @Test
    void addsRunningSumsBothWays() {
        float[] features = {1, 2, 4};
        assertThat(runningSum(features, false, false)).containsExactly(1, 3, 7);
        assertThat(runningSum(features, true, true)).containsExactly(6, 4, 0);
    }

    private static float[] runningSum(float[] features, boolean exclusive, boolean reverse) {
        Access input = new Access(0, 0, List.of(1));
        Access output = new Access(1, 0, List.of(1));
        Step step =
                new Step.RunningSum(
                        "CumSum", ScalarKind.F32, List.of(), 3, exclusive, reverse, input, output);
        return run(3, 3, List.of(), step, features, 1, -1);
    }

    @Test
    void findsTheLargestInOrder() {
        Step step =
                new Step.TopK(
                        "TopK",
                        ScalarKind.F32,
                        true,
                        List.of(),
                        4,
                        3,
                        new Access(0, 0, List.of(1)),
                        new Access(1, 0, List.of(1)),
                        Optional.empty());
        float[] best = run(4, 3, List.of(), step, new float[] {3, 9, -1, 5}, 1, -1);
        assertThat(best).containsExactly(9, 5, 3);
    }

    @Test
    void walksTreesAndSendsMissingValuesWhereTheModelSays() {
        Trees.Node branch =
                new Trees.Node(Trees.Mode.LESS_OR_EQUAL, 0, 0.5, List.of(), 1, 2, true, List.of());
        Trees trees =
                new Trees(
                        1,
                        1,
                        false,
                        Trees.Aggregate.SUM,
                        new int[] {0},
                        List.of(branch, leaf(1.5), leaf(-2.25)),
                        new double[] {0.125});
        Step step =
                new Step.TreeEnsemble(
                        "TreeEnsembleRegressor",
                        trees,
                        new Access(0, 0, List.of(1)),
                        new Access(1, 0, List.of(1)));
        float[] scores = run(1, 1, List.of(), step, new float[] {0.5f, 0.75f, Float.NaN}, 3, -1);
        assertThat(scores).containsExactly(1.625f, -2.125f, 1.625f);
    }

    @Test
    void finishesWithoutWhatWasAccumulated() {
        List<Access> inputs =
                List.of(
                        new Access(0, 0, List.of(0, 1)),
                        new Access(2, 0, List.of(1, 2)),
                        new Access(3, 0, List.of(1, 0)));
        Step contraction =
                new Step.Contraction(
                        "Gemm",
                        ScalarKind.F32,
                        List.of(2),
                        List.of(3),
                        false,
                        inputs,
                        new Expr.Load(2, ScalarKind.F32),
                        new Expr.Load(2, ScalarKind.F32),
                        new Access(1, 0, List.of(1)));
        List<float[]> constants = List.of(new float[6], new float[] {5, 7});
        assertThat(run(3, 2, constants, contraction, new float[3], 1, -1)).containsExactly(5, 7);

        Step position =
                new Step.ArgReduction(
                        "ArgMax",
                        true,
                        false,
                        List.of(),
                        List.of(3),
                        List.of(new Access(0, 0, List.of(1))),
                        new Expr.Load(0, ScalarKind.F32),
                        Exprs.f32(9),
                        new Access(1, 0, List.of()));
        assertThat(run(3, 1, List.of(), position, new float[3], 1, -1)).containsExactly(9);
    }

    private static Trees.Node leaf(double weight) {
        List<Trees.LeafWeight> weights = List.of(new Trees.LeafWeight(0, weight));
        return new Trees.Node(Trees.Mode.LEAF, 0, 0, List.of(), 0, 0, false, weights);
    }

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    private static float[] floats(Random random, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian();
        }
        return floats;
    }

    /** Runs one step: value 0 is the input, 1 the output, constants follow. */
    private static float[] run(
            int inputElements,
            int outputElements,
            List<float[]> constants,
            Step step,
            float[] features,
            int rows,
            int expectedFault) {
        ElementType type = ElementType.FLOAT32;
        List<PlanValue> values = new ArrayList<>();
        values.add(
                new PlanValue(
                        0,
                        "x",
                        type,
                        List.of(inputElements),
                        PlanValue.Role.INPUT,
                        0,
                        Optional.empty()));
        values.add(
                new PlanValue(
                        1,
                        "y",
                        type,
                        List.of(outputElements),
                        PlanValue.Role.OUTPUT,
                        0,
                        Optional.empty()));
        for (float[] constant : constants) {
            List<Integer> shape = List.of(constant.length);
            Tensor tensor = Tensor.of(type, shape, constant);
            values.add(
                    new PlanValue(
                            values.size(),
                            "w",
                            type,
                            shape,
                            PlanValue.Role.CONSTANT,
                            -1,
                            Optional.of(tensor)));
        }
        ModelSignature signature =
                new ModelSignature(
                        List.of(new TensorSpec("x", type, List.of(inputElements))),
                        List.of(new TensorSpec("y", type, List.of(outputElements))));
        Plan plan = new Plan(signature, Plan.RowMode.FIRST_DIMENSION, values, List.of(step));
        ByteBuffer in = buffer(features.length);
        for (int i = 0; i < features.length; i++) {
            in.putFloat(4 * i, features[i]);
        }
        ByteBuffer out = buffer(rows * outputElements);
        int fault =
                new PlanInterpreter(plan, rows)
                        .run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, 0, rows);
        assertThat(fault).isEqualTo(expectedFault);
        float[] scores = new float[rows * outputElements];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = out.getFloat(4 * i);
        }
        return scores;
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder());
    }
}
