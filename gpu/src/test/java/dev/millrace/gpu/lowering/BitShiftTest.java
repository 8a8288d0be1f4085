package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shifts of signed integers, which ONNX Runtime does not have. */
class BitShiftTest {
    @Test
    void theSignMovesInFromTheLeft() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("shift").opsets(11, 3);
        model.input("x", DataType.INT32, ROWS, 5).output("y", DataType.INT32);
        model.integers("by", DataType.INT32, new long[] {1, 40, 1, 31, 0}, 5);
        model.node("BitShift", List.of("x", "by"), List.of("y"), attribute("direction", "RIGHT"));
        Plan plan = PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
        ByteBuffer in = ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder());
        ByteBuffer out = ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder());
        int[] values = {-8, -8, 9, Integer.MIN_VALUE, -3};
        in.asIntBuffer().put(values);
        new PlanInterpreter(plan, 1).run(new ByteBuffer[] {in}, new ByteBuffer[] {out}, 0, 1);
        int[] shifted = new int[5];
        out.asIntBuffer().get(shifted);
        assertThat(shifted).containsExactly(-4, -1, 4, -1, -3);
    }
}
