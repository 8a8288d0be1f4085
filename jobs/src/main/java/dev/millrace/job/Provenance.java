package dev.millrace.job;

import dev.millrace.gpu.engine.EngineDescription;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * When and by which engine a record was scored: the one header of a scored record. One header and
 * not three, and made once per micro-batch, because each header costs a record's way through the
 * producer as much as a third of the record itself.
 */
public final class Provenance {
    /** The header's name. */
    public static final String HEADER = "millrace";

    private Provenance() {}

    /** For example {@code at=2026-11-23T08:00:00.123Z engine=cpu exactness=portable}. */
    static Header header(EngineDescription engine, Instant scoredAt) {
        // No formatter: micro-batches can be small.
        String text =
                "at="
                        + scoredAt.truncatedTo(ChronoUnit.MILLIS)
                        + " engine="
                        + engine.backend()
                        + " exactness="
                        + engine.exactness().name().toLowerCase(Locale.ROOT);
        return new RecordHeader(HEADER, text.getBytes(StandardCharsets.UTF_8));
    }
}
