package dev.millrace.gpu.inspection;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a model is, and who scores it here.
 *
 * @param version name and hash
 * @param fileBytes size of the artifact
 * @param operatorSets versions by domain; the standard domain is {@code ai.onnx}
 * @param operators how often each operator stands in the graph, graphs within included
 * @param parameters elements of all constants
 * @param parameterBytes their bytes
 * @param signature inputs and outputs of one record, where an engine or the plan could tell
 * @param wholeModel whether a record is one whole set of inputs, since no dimension is free
 * @param operations arithmetic operations per record, where the portable plan covers the model
 * @param uncovered what the portable plan does not cover, else empty
 * @param engines every backend's answer, in the order {@code auto} asks
 */
public record ModelInspection(
        ModelVersion version,
        int fileBytes,
        Map<String, Long> operatorSets,
        Map<String, Integer> operators,
        long parameters,
        long parameterBytes,
        Optional<ModelSignature> signature,
        boolean wholeModel,
        OptionalLong operations,
        Optional<Uncovered> uncovered,
        List<EngineAnswer> engines) {

    /**
     * Where the portable plan ends.
     *
     * @param node name of the node; empty if it is not one node
     * @param operator its operator; empty if it is not one node
     * @param reason what is not covered and the way out
     */
    public record Uncovered(String node, String operator, String reason) {}

    /**
     * A backend's answer.
     *
     * @param backend its name
     * @param description what scores and how exactly, if it could be opened
     * @param reason why, or why not
     */
    public record EngineAnswer(
            String backend, Optional<EngineDescription> description, String reason) {}

    /** The backend that {@code auto} takes: the first that scores the model. */
    public Optional<EngineAnswer> chosen() {
        return engines.stream().filter(engine -> engine.description().isPresent()).findFirst();
    }
}
