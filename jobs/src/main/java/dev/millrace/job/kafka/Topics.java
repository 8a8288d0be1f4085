package dev.millrace.job.kafka;

import dev.millrace.job.config.Nearest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.NewTopic;

/** Topics that a command is about to use. */
public final class Topics {
    private Topics() {}

    /**
     * Says what is wrong where there is no such topic; asking never creates it.
     *
     * @param properties client properties, with the bootstrap servers
     */
    public static Optional<Finding> missing(Map<String, String> properties, String topic)
            throws BrokerUnavailableException {
        try (BrokerAdmin admin = BrokerAdmin.connect(properties)) {
            return admin.topic(topic).isPresent()
                    ? Optional.empty()
                    : Optional.of(missing(admin, "topic", topic, "Create it"));
        }
    }

    /** Creates a topic with the broker's defaults, unless it is there. */
    public static void create(Map<String, String> properties, String topic, int partitions)
            throws BrokerUnavailableException {
        try (BrokerAdmin admin = BrokerAdmin.connect(properties)) {
            admin.create(new NewTopic(topic, Optional.of(partitions), Optional.empty()));
        }
    }

    static Finding missing(BrokerAdmin admin, String subject, String topic, String advice)
            throws BrokerUnavailableException {
        String near =
                Nearest.to(topic, new TreeSet<>(admin.topicNames()))
                        .map("Did you mean '%s'? "::formatted)
                        .orElse("");
        return Finding.bad(subject, "there is no topic '%s'".formatted(topic), near + advice);
    }
}
