package dev.millrace.job.kafka;

import dev.millrace.job.config.PipelineConfig;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;

/** The topics that a job writes to. */
public final class TargetTopics {
    private TargetTopics() {}

    /**
     * Creates those that are missing.
     *
     * @param partitions how many they get
     * @throws BrokerUnavailableException if there is no answer
     * @throws IllegalArgumentException if one is missing and may not be created
     */
    public static void prepare(PipelineConfig config, int partitions)
            throws BrokerUnavailableException {
        PipelineConfig.Sink sink = config.sink();
        try (BrokerAdmin admin = BrokerAdmin.connect(config.adminProperties())) {
            for (String topic : List.of(sink.topic(), sink.deadLetterTopic())) {
                if (admin.topic(topic).isPresent()) {
                    continue;
                }
                if (!sink.createTopics()) {
                    throw new IllegalArgumentException(
                            "there is no topic '%s'; create it, or set 'sink.create-topics: true'"
                                    .formatted(topic));
                }
                admin.create(new NewTopic(topic, Optional.of(partitions), Optional.empty()));
            }
        }
    }
}
