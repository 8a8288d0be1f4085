package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.model.Plan;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexingOpsTest {
    private static final long SEED = 51;

    private final Random random = new Random(SEED);

    @Test
    void embeddingsGather() throws Exception {
        Plan plan =
                new OneNode("Gather", 13)
                        .weights(random, 6, 4)
                        .input(INT64, ROWS, 3)
                        .against(random)
                        .withIntegers(-6, 6)
                        .agrees();
        assertThat(plan.mayFault()).isTrue();
    }

    @Test
    void gathersAtConstantPlacesFromTheRecord() throws Exception {
        Plan plan =
                new OneNode("Gather", 13)
                        .input(FLOAT, ROWS, 5, 2)
                        .longs(0, 2, 4)
                        .attribute("axis", 1L)
                        .agrees(random);
        assertThat(plan.mayFault()).isFalse();
        new OneNode("Gather", 13)
                .input(FLOAT, ROWS, 5, 2)
                .scalar(-1L)
                .attribute("axis", 1L)
                .agrees(random);
        new OneNode("Gather", 13)
                .input(FLOAT, ROWS, 5, 2)
                .tensor(new long[] {3, 0, 1, 1}, 2, 2)
                .attribute("axis", -2L)
                .agrees(random);
    }

    @Test
    void gathersElementsAndTuples() throws Exception {
        new OneNode("GatherElements", 13)
                .input(FLOAT, ROWS, 5, 3)
                .input(INT64, ROWS, 2, 3)
                .attribute("axis", 1L)
                .against(random)
                .withIntegers(-5, 5)
                .agrees();
        new OneNode("GatherND", 13)
                .weights(random, 4, 5, 2)
                .input(INT64, ROWS, 3, 2)
                .against(random)
                .withIntegers(-4, 4)
                .agrees();
        new OneNode("GatherND", 13)
                .input(FLOAT, ROWS, 4, 2)
                .input(INT64, ROWS, 3, 1)
                .attribute("batch_dims", 1L)
                .against(random)
                .withIntegers(0, 4)
                .agrees();
    }

    @Test
    void gatheringAmongRecordsIsRefused() {
        assertThat(new OneNode("Gather", 13).input(FLOAT, ROWS, 5).longs(0).refusal())
                .hasMessageContaining("(Gather): it mixes records");
    }

    @Test
    void scattersToConstantPlaces() throws Exception {
        for (String reduction : new String[] {"none", "add", "mul"}) {
            new OneNode("ScatterElements", 16)
                    .input(FLOAT, 3, 3)
                    .tensor(new long[] {1, 0, 2, 0, 2, 1}, 2, 3)
                    .input(FLOAT, 2, 3)
                    .attribute("reduction", reduction)
                    .agrees(random);
        }
        new OneNode("ScatterND", 16)
                .input(FLOAT, 4, 3)
                .tensor(new long[] {3, 0, 3}, 3, 1)
                .input(FLOAT, 3, 3)
                .attribute("reduction", "add")
                .agrees(random);
    }

    @Test
    void categoriesBecomeColumns() throws Exception {
        new OneNode("OneHot", 11)
                .input(INT64, ROWS, 4)
                .scalar(5L)
                .tensor(new float[] {-1, 2}, 2)
                .against(random)
                .withIntegers(-6, 7)
                .agrees();
        new OneNode("OneHot", 11)
                .input(INT64, ROWS, 4)
                .scalar(3L)
                .tensor(new float[] {0, 1}, 2)
                .attribute("axis", 1L)
                .agrees(random);
    }

    @Test
    void sequencesReverse() throws Exception {
        new OneNode("ReverseSequence", 10)
                .input(FLOAT, ROWS, 5, 2)
                .input(INT64, ROWS)
                .attribute("batch_axis", 0L)
                .attribute("time_axis", 1L)
                .against(random)
                .withIntegers(1, 6)
                .agrees();
    }
}
