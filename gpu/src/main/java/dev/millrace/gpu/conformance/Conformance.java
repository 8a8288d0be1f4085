package dev.millrace.gpu.conformance;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.gpu.conformance.Outcome.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs node tests on one engine. */
public final class Conformance {
    private static final String ONNX_RUNTIME = "onnxruntime";

    private final Scoring scoring;
    private final boolean triesConstants;
    private final Tolerance tolerance;

    /**
     * @param backend name of the engine's backend
     */
    public Conformance(String backend, Tolerance tolerance) {
        this.triesConstants = backend.equals(ONNX_RUNTIME);
        this.scoring = new EngineScoring(backend, !triesConstants);
        this.tolerance = tolerance;
    }

    /**
     * Runs a test on all of its data sets.
     *
     * @throws IOException if a file of the test cannot be read
     */
    public Outcome run(NodeTest test) throws IOException, InterruptedException {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(Files.readAllBytes(test.model()));
        } catch (InvalidProtocolBufferException e) {
            return new Outcome(test, Verdict.REFUSED, "not an ONNX model: " + line(e));
        }
        for (Path dataSet : test.dataSets()) {
            try {
                Optional<String> wrong = run(test, model, dataSet);
                if (wrong.isPresent()) {
                    return new Outcome(test, Verdict.FAILED, wrong.get());
                }
            } catch (RefusedException e) {
                return new Outcome(test, Verdict.REFUSED, line(e));
            } catch (Scoring.FailedException | RuntimeException e) {
                return new Outcome(test, Verdict.FAILED, "scoring failed: " + line(e));
            }
        }
        return new Outcome(test, Verdict.PASSED, "");
    }

    private static String line(Exception failure) {
        return String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private Optional<String> run(NodeTest test, ModelProto model, Path dataSet)
            throws IOException, InterruptedException, RefusedException, Scoring.FailedException {
        List<TensorProto> inputs = new ArrayList<>();
        for (Path file : NodeTest.files(dataSet, "input")) {
            inputs.add(TestTensor.proto(file));
        }
        List<TestTensor> expected = new ArrayList<>();
        for (Path file : NodeTest.files(dataSet, "output")) {
            expected.add(TestTensor.read(file));
        }
        if (expected.isEmpty()) {
            throw new RefusedException(dataSet.getFileName() + " expects no output");
        }
        TestModel given = TestModel.of(test.name(), test.model().toString(), model, inputs);
        return compare(given, expected);
    }

    /**
     * Shapes of outputs are settled before the first record, so an input that sizes one must be a
     * constant; no model says which those are.
     */
    private Optional<String> compare(TestModel given, List<TestTensor> expected)
            throws InterruptedException, RefusedException, Scoring.FailedException {
        Optional<String> candidate = triesConstants ? given.integerInput() : Optional.empty();
        try {
            Optional<String> wrong = difference(expected, scoring.score(given));
            if (wrong.isEmpty() || candidate.isEmpty()) {
                return wrong;
            }
        } catch (RefusedException | Scoring.FailedException e) {
            if (candidate.isEmpty()) {
                throw e;
            }
        }
        return compare(given.withConstant(candidate.orElseThrow()), expected);
    }

    private Optional<String> difference(List<TestTensor> expected, List<TestTensor> actual) {
        if (expected.size() > actual.size()) {
            return Optional.of("%d outputs, expected %d".formatted(actual.size(), expected.size()));
        }
        for (int i = 0; i < expected.size(); i++) {
            int output = i;
            Optional<String> wrong = tolerance.difference(expected.get(i), actual.get(i));
            if (wrong.isPresent()) {
                return wrong.map(text -> "output " + output + ": " + text);
            }
        }
        return Optional.empty();
    }
}
