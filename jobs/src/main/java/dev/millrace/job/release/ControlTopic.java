package dev.millrace.job.release;

import dev.millrace.schema.ModelRelease;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A control topic as the command sees it: reads all there is, publishes, waits. One thread. */
public final class ControlTopic implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final String topic;
    private final Map<String, String> properties;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final ReleaseLog log = new ReleaseLog();

    /** Reads what the topic, which must be there, holds now. */
    public ControlTopic(String topic, Map<String, String> properties) {
        this.topic = topic;
        this.properties = properties;
        this.partition = new TopicPartition(topic, 0);
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        while (consumer.position(partition) < end) {
            consumer.poll(POLL).forEach(log::add);
        }
    }

    /** What it says, as far as it was read. */
    public ReleaseLog log() {
        return log;
    }

    /**
     * Publishes a release; returns once it is safe.
     *
     * @throws KafkaException if it is not
     */
    public void publish(ModelRelease release) {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(ReleaseTopic.release(topic, release)).get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }

    /** The job's decision on a release; empty if there is none in time. */
    public Optional<ReleaseTopic.Decision> await(ModelRelease release, Duration patience) {
        String id = ReleaseTopic.id(release);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<ReleaseTopic.Decision> decision = decision(id);
            if (decision.isPresent() || System.nanoTime() >= deadline) {
                return decision;
            }
            consumer.poll(POLL).forEach(log::add);
        }
    }

    /** The decision on a release, where one was read. */
    public Optional<ReleaseTopic.Decision> decision(String id) {
        return log.items().stream()
                .filter(item -> item.id().equals(id))
                .findFirst()
                .flatMap(ReleaseLog.Item::decision);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
