package dev.millrace.gpu.lowering;

import static ai.onnx.proto.OnnxMl.TensorProto.DataType.FLOAT;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EinsumOpTest {
    private static final long SEED = 61;

    private final Random random = new Random(SEED);

    private OneNode einsum(String equation, int[]... shapes) {
        OneNode node = new OneNode("Einsum", 12).attribute("equation", equation);
        for (int[] shape : shapes) {
            node.input(FLOAT, shape);
        }
        return node;
    }

    @Test
    void sumsOfTwoOperandsAgree() throws Exception {
        einsum("nij,njk->nik", new int[] {ROWS, 3, 4}, new int[] {ROWS, 4, 5}).agrees(random);
        einsum("nqhd,nkhd->nhqk", new int[] {ROWS, 3, 2, 4}, new int[] {ROWS, 5, 2, 4})
                .agrees(random);
        einsum("ij, jk", new int[] {3, 4}, new int[] {4, 2}).agrees(random);
        einsum("...ij,...jk->...ik", new int[] {ROWS, 3, 4}, new int[] {ROWS, 4, 5}).agrees(random);
        einsum("i,i->", new int[] {4}, new int[] {4}).agrees(random);
        einsum("bi,bj->bij", new int[] {ROWS, 4}, new int[] {ROWS, 3}).agrees(random);
    }

    @Test
    void sumsOfOneAndThreeOperandsAgree() throws Exception {
        einsum("nij->nji", new int[] {ROWS, 3, 4}).agrees(random);
        einsum("nij->ni", new int[] {ROWS, 3, 4}).agrees(random);
        einsum("...ii->...i", new int[] {3, 4, 4}).agrees(random);
        einsum("ij,jk,kl->il", new int[] {2, 3}, new int[] {3, 4}, new int[] {4, 2}).agrees(random);
    }

    @Test
    void constantOperandsAgree() throws Exception {
        new OneNode("Einsum", 12)
                .attribute("equation", "nsd,dhk->nshk")
                .input(FLOAT, ROWS, 3, 4)
                .weights(random, 4, 2, 5)
                .agrees(random);
    }

    @Test
    void sumsOverRecordsAreRefused() {
        assertThat(einsum("ni->i", new int[] {ROWS, 3}).refusal())
                .hasMessageContaining("mixes records");
    }
}
