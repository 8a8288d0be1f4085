package dev.millrace.local.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a user asks of a generator.
 *
 * @param bootstrapServers the brokers
 * @param properties of all Kafka clients
 * @param partitions of the topic of transactions
 * @param createTopics whether to create the topics that are missing
 * @param records how many to submit in all; empty for no end
 * @param duration for how long to submit; empty for no end
 * @param rate records per second
 * @param poison share of undecodable records, 0 to 1
 * @param seed makes the transactions
 * @param account whether to follow what comes out and to account for it at the end
 * @param interval between two lines about how it stands
 * @param heartbeat a file that is touched while the broker takes records
 */
public record GeneratorOptions(
        String bootstrapServers,
        Map<String, String> properties,
        int partitions,
        boolean createTopics,
        OptionalLong records,
        Optional<Duration> duration,
        long rate,
        double poison,
        long seed,
        boolean account,
        Duration interval,
        Optional<Path> heartbeat) {
    Plan plan() {
        return new Plan(seed, poison, partitions, records.orElse(Long.MAX_VALUE), rate);
    }

    DemoTopics topics() {
        return new DemoTopics(bootstrapServers, partitions, Map.copyOf(properties));
    }
}
