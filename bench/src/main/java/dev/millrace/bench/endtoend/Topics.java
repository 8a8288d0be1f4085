package dev.millrace.bench.endtoend;

import dev.millrace.bench.Workload;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics of one partition each. One thread. */
final class Topics implements AutoCloseable {
    private static final String DEAD_LETTERS = ".dead-letters";
    private static final int DIFFERENT_RECORDS = 2000;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long POLL_NANOS = 50_000_000;

    private final String bootstrapServers;
    private final Admin admin;

    Topics(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /** Creates a topic and waits until the broker knows it. */
    void create(String topic) throws ExecutionException, InterruptedException {
        // What was deleted must not fill the disk, nor be written to it in the next run.
        Map<String, String> settings = Map.of("file.delete.delay.ms", "0");
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings)))
                .all()
                .get();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isKnown(topic)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("The broker does not know the new topic " + topic);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean isKnown(String topic) throws ExecutionException, InterruptedException {
        try {
            return count(topic) >= 0;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** Creates a scored topic with the topic of its dead letters. */
    void createOutput(String topic) throws ExecutionException, InterruptedException {
        create(topic);
        create(topic + DEAD_LETTERS);
    }

    void deleteOutput(String topic) throws ExecutionException, InterruptedException {
        delete(topic);
        delete(topic + DEAD_LETTERS);
    }

    void delete(String topic) throws ExecutionException, InterruptedException {
        try {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    /** Records of a topic, those of open transactions and the transactions' markers included. */
    long count(String topic) throws ExecutionException, InterruptedException {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    /** Records that were diverted. */
    long deadLetters(String topic) throws ExecutionException, InterruptedException {
        return count(topic + DEAD_LETTERS);
    }

    /** Creates a workload's input topic with records in it. */
    void load(Workload workload, long records) throws ExecutionException, InterruptedException {
        create(workload.inputTopic());
        List<byte[]> values = workload.records(DIFFERENT_RECORDS);
        try (KafkaProducer<byte[], byte[]> producer = producer(5)) {
            for (long i = 0; i < records; i++) {
                var unused =
                        producer.send(
                                new ProducerRecord<>(
                                        workload.inputTopic(),
                                        0,
                                        null,
                                        values.get((int) (i % values.size()))));
            }
        }
        long loaded = count(workload.inputTopic());
        if (loaded != records) {
            throw new IllegalStateException(
                    "Topic %s holds %d records instead of %d"
                            .formatted(workload.inputTopic(), loaded, records));
        }
    }

    KafkaProducer<byte[], byte[]> producer(int lingerMs) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "key.serializer",
                        ByteArraySerializer.class,
                        "value.serializer",
                        ByteArraySerializer.class,
                        "batch.size",
                        262144,
                        "linger.ms",
                        lingerMs,
                        "buffer.memory",
                        67108864L));
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        admin.close();
    }
}
