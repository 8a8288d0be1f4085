package dev.millrace.bench.subject;

import dev.millrace.local.LocalMetrics;
import java.util.Optional;

/** Something that reads a topic and writes another until it is stopped. */
interface Subject extends AutoCloseable {
    /** Starts a run and returns once records flow or soon will. */
    void start(RunSpec run) throws Exception;

    /**
     * Ends the run.
     *
     * @throws Exception if the run has failed before
     */
    void stop() throws Exception;

    /** The inference operator's figures where there is one. */
    default Optional<LocalMetrics> operator() {
        return Optional.empty();
    }

    @Override
    void close();
}
