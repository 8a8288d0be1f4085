package dev.millrace.job.kafka;

import dev.millrace.job.config.Nearest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * Partitions with the offsets that a replay begins and ends at. Partitions without a record in
 * between are left out.
 *
 * @param starts the first offset to read of each partition
 * @param ends the first offset not to read, of the same partitions
 */
public record TopicRange(Map<TopicPartition, Long> starts, Map<TopicPartition, Long> ends) {
    public TopicRange {
        starts = Map.copyOf(starts);
        ends = Map.copyOf(ends);
    }

    /**
     * One end of a range: an instant, offsets of single partitions, or neither for all there is.
     *
     * @param timestamp the range's first or first excluded record timestamp
     * @param offsets win over the timestamp for their partitions
     */
    public record End(Optional<Instant> timestamp, Map<TopicPartition, Long> offsets) {
        public End {
            offsets = Map.copyOf(offsets);
        }
    }

    /**
     * Asks the brokers for the offsets of a range as it is now. In each partition it begins at the
     * first record at or after the one end and stops before the first record at or after the other.
     *
     * @throws BrokerUnavailableException if there is no answer
     * @throws IllegalArgumentException if a topic or a partition is not there, or an offset is not
     *     kept any more
     */
    public static TopicRange resolve(
            Map<String, String> clientProperties, List<String> topics, End from, End to)
            throws BrokerUnavailableException {
        try (BrokerAdmin admin = BrokerAdmin.connect(clientProperties)) {
            List<TopicPartition> partitions = partitions(admin, topics);
            refuseUnknown(partitions, from.offsets());
            refuseUnknown(partitions, to.offsets());
            Map<TopicPartition, Long> earliest =
                    admin.offsets(all(partitions, new OffsetSpec.EarliestSpec()));
            Map<TopicPartition, Long> latest =
                    admin.offsets(all(partitions, new OffsetSpec.LatestSpec()));
            Map<TopicPartition, Long> starts = offsets(admin, partitions, from, earliest, latest);
            Map<TopicPartition, Long> ends = offsets(admin, partitions, to, latest, latest);
            for (TopicPartition partition : partitions) {
                refuseExpired(partition, from, earliest.get(partition));
                long end = Math.min(ends.get(partition), latest.get(partition));
                long start = Math.max(starts.get(partition), earliest.get(partition));
                if (start < end) {
                    starts.put(partition, start);
                    ends.put(partition, end);
                } else {
                    starts.remove(partition);
                    ends.remove(partition);
                }
            }
            return new TopicRange(starts, ends);
        }
    }

    private static List<TopicPartition> partitions(BrokerAdmin admin, List<String> topics)
            throws BrokerUnavailableException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            Optional<TopicDescription> description = admin.topic(topic);
            if (description.isEmpty()) {
                String near =
                        Nearest.to(topic, new TreeSet<>(admin.topicNames()))
                                .map("; did you mean '%s'?"::formatted)
                                .orElse("");
                throw new IllegalArgumentException(
                        "there is no topic '%s'%s".formatted(topic, near));
            }
            description
                    .get()
                    .partitions()
                    .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
        }
        return partitions;
    }

    private static void refuseUnknown(
            List<TopicPartition> partitions, Map<TopicPartition, Long> offsets) {
        for (TopicPartition partition : offsets.keySet()) {
            if (!partitions.contains(partition)) {
                throw new IllegalArgumentException(
                        "there is no partition %d of topic '%s' among those to read: %s"
                                .formatted(partition.partition(), partition.topic(), partitions));
            }
        }
    }

    /** Offsets that were asked for by number and are gone must not be skipped in silence. */
    private static void refuseExpired(TopicPartition partition, End from, long earliest) {
        Long asked = from.offsets().get(partition);
        if (asked != null && asked < earliest) {
            throw new IllegalArgumentException(
                    "offset %d of %s is not kept any more; the oldest is %d"
                            .formatted(asked, partition, earliest));
        }
    }

    private static Map<TopicPartition, OffsetSpec> all(
            List<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        partitions.forEach(partition -> specs.put(partition, spec));
        return specs;
    }

    private static Map<TopicPartition, Long> offsets(
            BrokerAdmin admin,
            List<TopicPartition> partitions,
            End end,
            Map<TopicPartition, Long> unlimited,
            Map<TopicPartition, Long> latest)
            throws BrokerUnavailableException {
        Map<TopicPartition, Long> offsets = new HashMap<>(unlimited);
        if (end.timestamp().isPresent()) {
            OffsetSpec spec = OffsetSpec.forTimestamp(end.timestamp().get().toEpochMilli());
            admin.offsets(all(partitions, spec))
                    // Kafka says -1 where no record is that young.
                    .forEach(
                            (partition, offset) ->
                                    offsets.put(
                                            partition,
                                            offset < 0 ? latest.get(partition) : offset));
        }
        offsets.putAll(end.offsets());
        return offsets;
    }

    /** How many offsets lie in between; some may hold no record. */
    public long length() {
        return starts.keySet().stream().mapToLong(p -> ends.get(p) - starts.get(p)).sum();
    }

    /** The most partitions that one of the topics has with records in the range; at least 1. */
    public int partitions() {
        return starts.keySet().stream().mapToInt(p -> p.partition() + 1).max().orElse(1);
    }

    /** For people: {@code payments:0 5..90, payments:1 7..70}. */
    @Override
    public String toString() {
        Map<String, String> texts = new TreeMap<>();
        starts.forEach(
                (partition, start) ->
                        texts.put(
                                "%s:%05d".formatted(partition.topic(), partition.partition()),
                                "%s:%d %d..%d"
                                        .formatted(
                                                partition.topic(),
                                                partition.partition(),
                                                start,
                                                ends.get(partition) - 1)));
        return texts.isEmpty() ? "no records" : String.join(", ", texts.values());
    }
}
