package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import java.util.Map;

/**
 * What a subject's process is made for.
 *
 * @param engine the backend that Millrace scores with; others ignore it
 * @param options of the pipeline beside the usual ones, by their path: {@code
 *     batching/max-batch-size}
 * @param bootstrapServers the broker
 * @param folder where it may write files
 */
public record SubjectSpec(
        SubjectKind kind,
        Workload workload,
        String engine,
        Map<String, String> options,
        String bootstrapServers,
        String folder) {

    /** What tables call it. */
    public String title() {
        String title = kind.isMillrace() ? kind.title() + ", " + engine : kind.title();
        return options.isEmpty() ? title : engine + " with " + Options.text(options);
    }
}
