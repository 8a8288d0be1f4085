package dev.millrace.cli;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A model file and the sizes it leaves open, as the commands about models take them. */
final class ModelArguments {
    @Parameters(paramLabel = "MODEL.onnx", description = "The model's ONNX file.")
    private Path file;

    @Option(
            names = "--dimension",
            paramLabel = "NAME=SIZE",
            description =
                    "Size of a dimension that the model leaves free beside the records, for"
                            + " example sequence=32. Can be given several times.")
    private Map<String, Integer> dimensions = new LinkedHashMap<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    ModelArtifact artifact() throws IOException {
        if (Files.isDirectory(file)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), file + " is a folder, not an ONNX file");
        }
        String name = file.getFileName().toString().replaceFirst("\\.onnx$", "");
        return ModelArtifact.read(name, "file", file);
    }

    /** What went wrong with the model, with the option of these commands that helps. */
    static CommandFailedException failure(EngineException cause) {
        String message = cause.getMessage();
        boolean free = message.contains("set " + EngineOptions.DIMENSION_PREFIX);
        return new CommandFailedException(
                free ? message + ": --dimension NAME=SIZE" : message, cause);
    }

    EngineOptions options(int maxBatchSize, int slots) {
        Map<String, String> properties = new LinkedHashMap<>();
        dimensions.forEach(
                (name, size) -> properties.put(EngineOptions.DIMENSION_PREFIX + name, size + ""));
        return new EngineOptions(
                EngineOptions.AUTO, maxBatchSize, slots, Precision.FP32, 0, properties);
    }
}
