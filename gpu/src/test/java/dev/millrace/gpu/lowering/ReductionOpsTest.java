package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.DOUBLE;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT32;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionOpsTest {
    private static final long SEED = 31;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ReduceSum",
                "ReduceMean",
                "ReduceMax",
                "ReduceMin",
                "ReduceProd",
                "ReduceL1",
                "ReduceL2",
                "ReduceSumSquare",
                "ReduceLogSum",
                "ReduceLogSumExp"
            })
    void reductionsAgree(String operator) throws Exception {
        Against.Values values =
                operator.equals("ReduceLogSum") ? Against.Values.POSITIVE : Against.Values.ORDINARY;
        for (long keep = 0; keep < 2; keep++) {
            new OneNode(operator, 18)
                    .input(FLOAT, ROWS, 3, 4, 5)
                    .longs(-1, 1)
                    .attribute("keepdims", keep)
                    .against(random)
                    .with(values)
                    .agrees();
            new OneNode(operator, 11)
                    .input(FLOAT, ROWS, 70)
                    .attribute("axes", new long[] {1})
                    .attribute("keepdims", keep)
                    .against(random)
                    .with(values)
                    .within(1e-3, 1e-5)
                    .agrees();
            new OneNode(operator, 18)
                    .input(FLOAT, 2, 3)
                    .attribute("keepdims", keep)
                    .against(random)
                    .with(values)
                    .agrees();
        }
    }

    @Test
    void otherTypesAgree() throws Exception {
        for (String operator : List.of("ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean")) {
            new OneNode(operator, 18).input(INT32, ROWS, 9).longs(1).output(INT32).agrees(random);
            new OneNode(operator, 18).input(DOUBLE, ROWS, 9).longs(1).output(DOUBLE).agrees(random);
        }
    }

    @Test
    void doublesAgree() throws Exception {
        for (String operator : List.of("ReduceLogSum", "ReduceLogSumExp")) {
            new OneNode(operator, 18)
                    .input(DOUBLE, ROWS, 9, 2)
                    .longs(1)
                    .output(DOUBLE)
                    .against(random)
                    .with(Against.Values.POSITIVE)
                    .within(1e-14, 1e-14)
                    .agrees();
        }
        for (String operator : List.of("Softmax", "LogSoftmax")) {
            new OneNode(operator, 13)
                    .input(DOUBLE, ROWS, 40)
                    .output(DOUBLE)
                    .against(random)
                    .within(1e-14, 1e-14)
                    .agrees();
        }
    }

    @Test
    void reducingOverRecordsIsRefused() {
        assertThat(new OneNode("ReduceSum", 13).input(FLOAT, ROWS, 3).refusal())
                .hasMessageContaining("(ReduceSum): it mixes records");
    }

    @Test
    void positionsAgree() throws Exception {
        for (String operator : List.of("ArgMax", "ArgMin")) {
            for (long last = 0; last < 2; last++) {
                new OneNode(operator, 13)
                        .input(INT32, ROWS, 12, 2)
                        .attribute("axis", 1L)
                        .attribute("select_last_index", last)
                        .attribute("keepdims", last)
                        .output(INT64)
                        .agrees(random);
                new OneNode(operator, 13)
                        .input(FLOAT, ROWS, 12)
                        .attribute("axis", -1L)
                        .output(INT64)
                        .agrees(random);
            }
        }
    }

    @Test
    void softmaxesAgree() throws Exception {
        for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            for (int opset : new int[] {11, 13}) {
                new OneNode(operator, opset).input(FLOAT, ROWS, 3, 4).agrees(random);
                new OneNode(operator, opset)
                        .input(FLOAT, ROWS, 3, 4)
                        .attribute("axis", 2L)
                        .agrees(random);
                new OneNode(operator, opset)
                        .input(FLOAT, 2, 3, 4)
                        .attribute("axis", opset == 13 ? -2L : 0L)
                        .agrees(random);
            }
        }
    }

    @Test
    void runningSumsAgree() throws Exception {
        for (long exclusive = 0; exclusive < 2; exclusive++) {
            for (long reverse = 0; reverse < 2; reverse++) {
                new OneNode("CumSum", 14)
                        .input(FLOAT, ROWS, 3, 4)
                        .scalar(1L)
                        .attribute("exclusive", exclusive)
                        .attribute("reverse", reverse)
                        .agrees(random);
            }
        }
        new OneNode("CumSum", 14).input(INT64, ROWS, 5).scalar(-1L).output(INT64).agrees(random);
    }

    @Test
    void largestElementsAgree() throws Exception {
        for (long largest = 0; largest < 2; largest++) {
            new OneNode("TopK", 11)
                    .input(FLOAT, ROWS, 6, 3)
                    .longs(4)
                    .attribute("axis", 1L)
                    .attribute("largest", largest)
                    .output(FLOAT)
                    .output(INT64)
                    .agrees(random);
        }
    }
}
