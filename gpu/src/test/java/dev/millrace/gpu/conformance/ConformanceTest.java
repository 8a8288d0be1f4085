package dev.millrace.gpu.conformance;

import static dev.millrace.gpu.conformance.TestingNodeTests.floats;
import static dev.millrace.gpu.conformance.TestingNodeTests.longs;
import static dev.millrace.gpu.conformance.TestingNodeTests.strings;
import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.conformance.Outcome.Verdict;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceTest {
    @TempDir private Path folder;

    private final Conformance conformance = new Conformance("onnxruntime", Tolerance.ONNX);

    @Test
    void passesWhatAgreesWithinTheTolerance() throws Exception {
        write("neg", "Neg", floats(List.of(2), 1, -2), floats(List.of(2), -1.0005f, 2));
        assertThat(only().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void failsWhatDiffersAndSaysWhere() throws Exception {
        write("neg", "Neg", floats(List.of(2), 1, -2), floats(List.of(2), -1, 2.1f));
        Outcome outcome = only();
        assertThat(outcome.verdict()).isEqualTo(Verdict.FAILED);
        assertThat(outcome.reason())
                .contains("output 0", "1 of 2 elements", "[1]", "2.0, expected 2.09");
    }

    @Test
    void failsAnotherTypeOrShape() throws Exception {
        write("shape", "Neg", floats(List.of(2), 1, -2), floats(List.of(2, 1), -1, 2));
        assertThat(only().reason()).contains("shape [2], expected [2, 1]");
        write("shape", "Neg", floats(List.of(2), 1, -2), longs(List.of(2), -1, 2));
        assertThat(only().reason()).contains("type FLOAT32, expected INT64");
    }

    @Test
    void refusesByNameWhatTheEngineDoesNotCover() throws Exception {
        write("strange", "NoSuchOperator", floats(List.of(1), 1), floats(List.of(1), 1));
        Outcome outcome = only();
        assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
        assertThat(outcome.reason()).contains("NoSuchOperator").doesNotContain("\n");
    }

    @Test
    void countsNanAndInfinitiesAsEqualToThemselves() throws Exception {
        float[] special = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        write("same", "Identity", floats(List.of(3), special), floats(List.of(3), special));
        assertThat(only().verdict()).isEqualTo(Verdict.PASSED);
        write("same", "Identity", floats(List.of(3), special), floats(List.of(3), 0, 1, 1));
        assertThat(only().reason()).contains("3 of 3");
    }

    @Test
    void turnsAnInputThatSizesAnOutputIntoAConstant() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("reshape");
        model.input("data", DataType.FLOAT, 2, 3).input("shape", DataType.INT64, 2);
        model.output("out", DataType.FLOAT, 3, 2);
        model.node("Reshape", List.of("data", "shape"), List.of("out"));
        TensorProto data = floats(List.of(2, 3), 1, 2, 3, 4, 5, 6);
        TestingNodeTests.write(
                folder,
                "reshape",
                model.build(),
                List.of(data, longs(List.of(2), 3, -1)),
                List.of(floats(List.of(3, 2), 1, 2, 3, 4, 5, 6)));
        assertThat(only().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void carriesStringsAndRows() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("labels");
        model.input("in", DataType.STRING, ROWS, 1).output("out", DataType.STRING, ROWS, 1);
        model.mlNode(
                "LabelEncoder",
                List.of("in"),
                List.of("out"),
                attribute("keys_strings", List.of("a", "b")),
                attribute("values_strings", List.of("x", "y")),
                attribute("default_string", "?"));
        TestingNodeTests.write(
                folder,
                "labels",
                model.build(),
                List.of(strings(List.of(3, 1), "b", "unknown", "a")),
                List.of(strings(List.of(3, 1), "y", "?", "x")));
        assertThat(only().verdict()).isEqualTo(Verdict.PASSED);
    }

    @Test
    void findsTestsAtAnyDepthAndNothingElse() throws Exception {
        write("some/deep/test", "Neg", floats(List.of(1), 1), floats(List.of(1), -1));
        write("other", "Neg", floats(List.of(1), 1), floats(List.of(1), -1));
        Files.createDirectories(folder.resolve("empty"));
        assertThat(NodeTest.below(folder))
                .extracting(NodeTest::name)
                .containsExactly("other", "some/deep/test");
    }

    private void write(String name, String operator, TensorProto input, TensorProto output)
            throws Exception {
        int[] shape = input.getDimsList().stream().mapToInt(Long::intValue).toArray();
        OnnxModelBuilder model = new OnnxModelBuilder(name);
        model.input("in", DataType.forNumber(input.getDataType()), shape);
        model.output("out", DataType.forNumber(input.getDataType()), shape);
        model.node(operator, List.of("in"), List.of("out"));
        TestingNodeTests.write(folder, name, model.build(), List.of(input), List.of(output));
    }

    private Outcome only() throws Exception {
        List<NodeTest> tests = NodeTest.below(folder);
        assertThat(tests).hasSize(1);
        return conformance.run(tests.get(0));
    }
}
