package dev.millrace.local.demo;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The demo's topics, and clients that read them.
 *
 * @param bootstrapServers the broker
 * @param partitions of each topic
 * @param properties of all Kafka clients, for example to sign in
 */
record DemoTopics(String bootstrapServers, int partitions, Map<String, String> properties) {
    static final String TRANSACTIONS = "transactions";
    static final String SCORED = "transactions.scored";
    static final String DEAD_LETTERS = "transactions.dead-letters";

    /** Header of a submitted record: its number, eight bytes. */
    static final String NUMBER_HEADER = "millrace.demo.number";

    DemoTopics(String bootstrapServers, int partitions) {
        this(bootstrapServers, partitions, Map.of());
    }

    /** What every client begins with. */
    Map<String, Object> clientProperties() {
        Map<String, Object> all = new HashMap<>(properties);
        all.put("bootstrap.servers", bootstrapServers);
        return all;
    }

    /** Creates the topics that do not exist. */
    void create() {
        try (Admin admin = Admin.create(clientProperties())) {
            for (String name : List.of(TRANSACTIONS, SCORED, DEAD_LETTERS)) {
                create(admin, name);
            }
        }
    }

    /** Position behind the last record of each partition of the transactions. */
    long[] transactionEnds() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("read_uncommitted")) {
            long[] ends = new long[partitions];
            consumer.endOffsets(partitionsOf(TRANSACTIONS))
                    .forEach((partition, end) -> ends[partition.partition()] = end);
            return ends;
        }
    }

    List<TopicPartition> partitionsOf(String topic) {
        return IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }

    /** A consumer without a group, made for throughput; the caller closes it. */
    KafkaConsumer<byte[], byte[]> consumer(String isolationLevel) {
        Map<String, Object> consumer = clientProperties();
        consumer.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
        consumer.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
        consumer.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        consumer.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, 1 << 20);
        return new KafkaConsumer<>(
                consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** A consumer of committed scored records and dead letters, from the beginning. */
    KafkaConsumer<byte[], byte[]> outcomes() {
        KafkaConsumer<byte[], byte[]> consumer = consumer("read_committed");
        List<TopicPartition> assignment = new ArrayList<>(partitionsOf(SCORED));
        assignment.addAll(partitionsOf(DEAD_LETTERS));
        consumer.assign(assignment);
        consumer.seekToBeginning(assignment);
        return consumer;
    }

    /** The number a record was submitted with. */
    static long number(Headers headers) {
        Header header = headers.lastHeader(NUMBER_HEADER);
        if (header == null) {
            throw new DemoException("A record has no header " + NUMBER_HEADER);
        }
        return ByteBuffer.wrap(header.value()).getLong();
    }

    private void create(Admin admin, String name) {
        // The demo watches its disk space itself; its proof needs every record.
        Map<String, String> settings = Map.of("retention.ms", "-1", "retention.bytes", "-1");
        NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(settings);
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new DemoException("Cannot create topic " + name, e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("Interrupted while creating topic " + name, e);
        }
    }
}
