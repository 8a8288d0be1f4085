package dev.millrace.job.kafka;

import dev.millrace.job.config.PipelineConfig;
import java.util.Optional;

/** Whether a pipeline with a control topic says where released artifacts may come from. */
final class ReleaseChecks {
    private ReleaseChecks() {}

    /** Empty without a control topic. */
    static Optional<Finding> look(PipelineConfig config) {
        return config.releases().map(ReleaseChecks::locations);
    }

    private static Finding locations(PipelineConfig.Releases releases) {
        if (!releases.locations().isEmpty()) {
            return Finding.good(
                    "releases", "artifacts come from %s alone".formatted(releases.locations()));
        }
        return Finding.warning(
                "releases",
                "artifacts may come from anywhere: whoever can write to '%s' has tasks open any file or address that they can reach, with their rights"
                        .formatted(releases.topic()),
                "Set 'releases.locations' to the folders that models are in");
    }
}
