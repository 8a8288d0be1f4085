package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;

/** Writes the demo's pipeline with its schema and model where the user can look at them. */
final class PipelineFiles {
    private static final String RESOURCES = "/dev/millrace/demo/";
    private static final List<String> AS_THEY_ARE = List.of("transaction.avsc", "fraud.onnx");
    private static final String TEMPLATE = "pipeline.yaml";

    private PipelineFiles() {}

    static void write(StateDirectory state, DemoOptions options, String bootstrapServers) {
        Path folder = state.root();
        try {
            for (String file : AS_THEY_ARE) {
                Files.write(folder.resolve(file), resource(file));
            }
            String pipeline =
                    new String(resource(TEMPLATE), UTF_8)
                            .replace("@BOOTSTRAP_SERVERS@", bootstrapServers)
                            .replace("@PARALLELISM@", Integer.toString(options.parallelism()))
                            .replace("@ENGINE@", options.engine())
                            .replace(
                                    "@CHECKPOINT_INTERVAL@",
                                    options.checkpointInterval().toMillis() + " ms");
            Files.writeString(state.pipeline(), pipeline);
        } catch (IOException e) {
            throw new DemoException("Cannot write the demo's pipeline: " + e, e);
        }
    }

    /** The schema of the transactions. */
    static Schema transactionSchema() {
        try {
            return new Schema.Parser().parse(new String(resource("transaction.avsc"), UTF_8));
        } catch (IOException e) {
            throw new DemoException("Cannot read the schema of the transactions: " + e, e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = PipelineFiles.class.getResourceAsStream(RESOURCES + name)) {
            if (in == null) {
                throw new IllegalStateException("The class path lacks " + RESOURCES + name);
            }
            return in.readAllBytes();
        }
    }
}
