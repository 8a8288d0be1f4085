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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Points reduced side by side give the bits of points reduced one after another. */
class ColumnReductionTest {
    private static final long SEED = 97;
    private static final int ROWS = 300;
    private static final float[] ODD = {
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, 1e-40f, 3e38f
    };

    @ParameterizedTest
    @EnumSource(Step.Combine.class)
    void manyRowsAndSingleRowsAgree(Step.Combine combine) {
        Random random = new Random(SEED);
        for (int terms : new int[] {1, 2, 4, 9, 31, 32, 33, 50, 100}) {
            for (boolean odd : new boolean[] {false, true}) {
                Plan plan = plan(combine, terms);
                ByteBuffer in = buffer(ROWS * 2 * terms);
                for (int i = 0; i < ROWS * 2 * terms; i++) {
                    boolean special = odd && random.nextInt(5) == 0;
                    float ordinary = (float) random.nextGaussian();
                    in.putFloat(4 * i, special ? ODD[random.nextInt(ODD.length)] : ordinary);
                }
                ByteBuffer together = buffer(ROWS);
                ByteBuffer apart = buffer(ROWS);
                run(new PlanInterpreter(plan, ROWS), in, together, 0, ROWS);
                PlanInterpreter single = new PlanInterpreter(plan, 1);
                for (int row = 0; row < ROWS; row++) {
                    run(single, in, apart, row, 1);
                }
                assertThat(together).as("%s of %d terms", combine, terms).isEqualTo(apart);
            }
        }
    }

    private static void run(
            PlanInterpreter interpreter, ByteBuffer in, ByteBuffer out, int first, int rows) {
        interpreter.run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, first, rows);
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder());
    }

    /** Reduces products of neighbours, adding a half. */
    private static Plan plan(Step.Combine combine, int terms) {
        PlanValue in = value(0, PlanValue.Role.INPUT, List.of(terms, 2));
        PlanValue out = value(1, PlanValue.Role.OUTPUT, List.of());
        Expr term =
                new Expr.Binary(
                        BinaryOp.MUL,
                        new Expr.Load(0, ScalarKind.F32),
                        new Expr.Load(1, ScalarKind.F32));
        Expr finish =
                new Expr.Binary(
                        BinaryOp.ADD, new Expr.Accumulated(ScalarKind.F32), Exprs.f32(0.5f));
        Step step =
                new Step.Reduction(
                        "test",
                        ScalarKind.F32,
                        combine,
                        List.of(),
                        List.of(terms),
                        List.of(new Access(0, 0, List.of(2)), new Access(0, 1, List.of(2))),
                        term,
                        finish,
                        new Access(1, 0, List.of()));
        ModelSignature signature =
                new ModelSignature(
                        List.of(new TensorSpec("in", ElementType.FLOAT32, in.shape(), List.of())),
                        List.of(
                                new TensorSpec(
                                        "out", ElementType.FLOAT32, out.shape(), List.of())));
        return new Plan(signature, Plan.RowMode.FIRST_DIMENSION, List.of(in, out), List.of(step));
    }

    private static PlanValue value(int id, PlanValue.Role role, List<Integer> shape) {
        return new PlanValue(
                id, "value " + id, ElementType.FLOAT32, shape, role, 0, Optional.empty());
    }
}
