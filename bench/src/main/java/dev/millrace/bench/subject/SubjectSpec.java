package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;

/**
 * What a subject's process is made for.
 *
 * @param engine the backend that Millrace scores with; others ignore it
 * @param bootstrapServers the broker
 * @param folder where it may write files
 */
public record SubjectSpec(
        SubjectKind kind,
        Workload workload,
        String engine,
        String bootstrapServers,
        String folder) {

    /** What tables call it. */
    public String title() {
        return kind.isMillrace() ? kind.title() + ", " + engine : kind.title();
    }
}
