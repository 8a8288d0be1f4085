package dev.millrace.models;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a topic holds, partition by partition and in order: keys, values and timestamps, but not
 * offsets, which transactions take some of, nor headers, which say when and by what.
 *
 * @param records how many
 * @param sha256 of all of it
 * @param fingerprints of each record, to say which one differs
 * @param headers what is said of the engines in the headers
 */
record TopicBytes(int records, String sha256, List<Integer> fingerprints, Set<String> headers) {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(3).toNanos();

    /** Reads the committed records that a topic has now. */
    static TopicBytes read(String bootstrapServers, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", bootstrapServers,
                                "isolation.level", "read_committed",
                                "max.poll.records", "5000",
                                "allow.auto.create.topics", "false"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            Collected collected = new Collected(MessageDigest.getInstance("SHA-256"));
            consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .sorted((a, b) -> Integer.compare(a.partition(), b.partition()))
                    .forEach(partition -> read(consumer, partition, collected));
            return collected.toBytes();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void read(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, Collected into) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (consumer.position(partition) < end) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "Still at %d of %d of %s"
                                .formatted(consumer.position(partition), end, partition));
            }
            consumer.poll(Duration.ofMillis(200)).forEach(into::add);
        }
    }

    /** Index of the first record that differs from another topic's; -1 for none. */
    int firstDifference(TopicBytes other) {
        for (int i = 0; i < Math.min(records, other.records); i++) {
            if (!fingerprints.get(i).equals(other.fingerprints.get(i))) {
                return i;
            }
        }
        return records == other.records ? -1 : Math.min(records, other.records);
    }

    private static final class Collected {
        private final MessageDigest digest;
        private final List<Integer> fingerprints = new ArrayList<>();
        private final Set<String> headers = new TreeSet<>();

        Collected(MessageDigest digest) {
            this.digest = digest;
        }

        void add(ConsumerRecord<byte[], byte[]> record) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(20 + record.key().length + record.value().length)
                            .putInt(record.partition())
                            .putLong(record.timestamp())
                            .putInt(record.key().length)
                            .put(record.key())
                            .putInt(record.value().length)
                            .put(record.value())
                            .flip();
            digest.update(bytes.duplicate());
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            fingerprints.add((int) crc.getValue());
            for (Header header : record.headers()) {
                String text = new String(header.value(), StandardCharsets.UTF_8);
                headers.add(text.replaceAll("^at=\\S+ ", ""));
            }
        }

        TopicBytes toBytes() {
            return new TopicBytes(
                    fingerprints.size(),
                    HexFormat.of().formatHex(digest.digest()),
                    fingerprints,
                    headers);
        }
    }
}
