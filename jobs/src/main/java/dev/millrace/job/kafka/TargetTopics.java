package dev.millrace.job.kafka;

import dev.millrace.job.config.PipelineConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;

/** The topics that a job writes to. */
public final class TargetTopics {
    private TargetTopics() {}

    /**
     * Creates the control topic and the shadow topic of a pipeline that has them.
     *
     * @throws BrokerUnavailableException if there is no answer
     * @throws IllegalArgumentException if the control topic has several partitions
     */
    public static void prepareReleases(PipelineConfig config) throws BrokerUnavailableException {
        if (config.releases().isEmpty()) {
            return;
        }
        PipelineConfig.Releases releases = config.releases().get();
        try (BrokerAdmin admin = BrokerAdmin.connect(config.adminProperties())) {
            Optional<TopicDescription> control = admin.topic(releases.topic());
            if (control.isEmpty()) {
                admin.create(
                        new NewTopic(releases.topic(), Optional.of(1), Optional.empty())
                                .configs(Map.of("cleanup.policy", "compact")));
            } else if (control.get().partitions().size() != 1) {
                throw new IllegalArgumentException(
                        "the control topic '%s' has %d partitions; it needs exactly one, or tasks read different orders"
                                .formatted(releases.topic(), control.get().partitions().size()));
            }
            if (admin.topic(releases.shadowTopic()).isEmpty() && config.sink().createTopics()) {
                int partitions =
                        admin.topic(config.sink().topic())
                                .map(t -> t.partitions().size())
                                .orElse(1);
                admin.create(
                        new NewTopic(
                                releases.shadowTopic(), Optional.of(partitions), Optional.empty()));
            }
        }
    }

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
            List<String> topics = new ArrayList<>(List.of(sink.topic(), sink.deadLetterTopic()));
            config.releases().ifPresent(releases -> topics.add(releases.shadowTopic()));
            for (String topic : topics) {
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
