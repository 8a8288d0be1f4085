package dev.millrace.job.replay;

import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.job.config.PipelineConfig;
import dev.millrace.job.kafka.BrokerUnavailableException;
import dev.millrace.job.kafka.TargetTopics;
import dev.millrace.job.release.ControlTopic;
import dev.millrace.job.release.ReleaseLoader;
import dev.millrace.job.release.ReleaseLog;
import dev.millrace.schema.ModelRelease;
import java.io.IOException;
import java.util.Optional;

/** Finds a version by its name where the release log says it is. */
final class ReleasedModel {
    private ReleasedModel() {}

    /**
     * The artifact of the last release of a version, whatever became of it.
     *
     * @return empty for the pipeline's own version
     * @throws IllegalArgumentException if it was never released, or is not what was released
     */
    static Optional<ModelArtifact> find(PipelineConfig config, String version)
            throws BrokerUnavailableException, IOException {
        String own = config.model().name() + ":" + config.model().version().orElse("");
        Optional<ModelRelease> release =
                config.releases().isEmpty() ? Optional.empty() : released(config, version);
        if (release.isEmpty()) {
            if (version.equals(own)) {
                return Optional.empty();
            }
            throw new IllegalArgumentException(
                    config.releases().isEmpty()
                            ? "--model %s is not the pipeline's own %s; give --model-file, or 'releases.topic' in %s"
                                    .formatted(version, own, config.file())
                            : "%s was never released; 'millrace model releases' lists what was, --model-file takes a file"
                                    .formatted(version));
        }
        try {
            return Optional.of(ReleaseLoader.artifact(release.get()));
        } catch (ReleaseLoader.UnfitException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Optional<ModelRelease> released(PipelineConfig config, String version)
            throws BrokerUnavailableException {
        TargetTopics.prepareReleases(config);
        String topic = config.releases().orElseThrow().topic();
        try (ControlTopic control = new ControlTopic(topic, config.adminProperties())) {
            return control.log().items().stream()
                    .map(ReleaseLog.Item::release)
                    .flatMap(Optional::stream)
                    .filter(r -> version.equals(r.model().name() + ":" + r.model().version()))
                    .reduce((first, second) -> second);
        }
    }
}
