package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;

import dev.millrace.gpu.model.Plan;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class NormalizationOpsTest {
    private static final long SEED = 41;

    private final Random random = new Random(SEED);

    @Test
    void batchNormalizationIsOneStep() throws Exception {
        OneNode node = new OneNode("BatchNormalization", 15).input(FLOAT, ROWS, 3, 4, 5);
        for (int i = 0; i < 4; i++) {
            node.weights(random, 3);
        }
        Plan plan = node.attribute("epsilon", 0.01f).agrees(random);
        Assertions.assertThat(plan.steps()).hasSize(1);
        OneNode flat = new OneNode("BatchNormalization", 9).input(FLOAT, ROWS, 3);
        for (int i = 0; i < 4; i++) {
            flat.weights(random, 3);
        }
        flat.agrees(random);
    }

    @Test
    void statisticsOfTheBatchWouldMixRecords() {
        OneNode node = new OneNode("BatchNormalization", 15).input(FLOAT, ROWS, 3, 4);
        for (int i = 0; i < 4; i++) {
            node.weights(random, 3);
        }
        Assertions.assertThat(node.attribute("training_mode", 1L).refusal())
                .hasMessageContaining("(BatchNormalization): it mixes records");
    }

    @Test
    void layerNormalizationAgrees() throws Exception {
        for (long axis = 1; axis < 3; axis++) {
            new OneNode("LayerNormalization", 17)
                    .input(FLOAT, ROWS, 3, 40)
                    .weights(random, axis == 1 ? new long[] {3, 40} : new long[] {40})
                    .weights(random, axis == 1 ? new long[] {3, 40} : new long[] {40})
                    .attribute("axis", axis)
                    .attribute("epsilon", 1e-3f)
                    .output(FLOAT)
                    .output(FLOAT)
                    .output(FLOAT)
                    .agrees(random);
        }
        new OneNode("LayerNormalization", 17)
                .input(FLOAT, ROWS, 40)
                .weights(random, 40)
                .agrees(random);
    }

    @Test
    void instanceAndGroupNormalizationAgree() throws Exception {
        new OneNode("InstanceNormalization", 6)
                .input(FLOAT, ROWS, 3, 4, 5)
                .weights(random, 3)
                .weights(random, 3)
                .agrees(random);
        new OneNode("GroupNormalization", 21)
                .input(FLOAT, ROWS, 6, 4, 5)
                .weights(random, 6)
                .weights(random, 6)
                .attribute("num_groups", 3L)
                .agrees(random);
    }

    @Test
    void normsAgree() throws Exception {
        for (long p = 1; p < 3; p++) {
            new OneNode("LpNormalization", 1)
                    .input(FLOAT, ROWS, 5, 4)
                    .attribute("p", p)
                    .attribute("axis", 1L)
                    .agrees(random);
        }
        for (long size : new long[] {1, 3, 5}) {
            new OneNode("LRN", 13)
                    .input(FLOAT, ROWS, 5, 3, 2)
                    .attribute("size", size)
                    .attribute("alpha", 0.2f)
                    .attribute("beta", 0.5f)
                    .attribute("bias", 2f)
                    .agrees(random);
        }
        new OneNode("MeanVarianceNormalization", 13)
                .input(FLOAT, ROWS, 3, 4, 2)
                .attribute("axes", 2, 3)
                .agrees(random);
    }
}
