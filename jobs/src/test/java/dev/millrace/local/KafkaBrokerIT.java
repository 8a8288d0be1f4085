package dev.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerIT {
    private static final TopicPartition PARTITION = new TopicPartition("words", 0);

    @TempDir private Path directory;

    @Test
    void keepsDataAndAddressOverStopAndStart() throws Exception {
        try (KafkaBroker broker = EmbeddedKafka.on(directory, Map.of())) {
            String address = broker.bootstrapServers();
            createTopic(broker);
            send(broker, "before");
            broker.stop();
            broker.start();
            send(broker, "after");
            assertThat(broker.bootstrapServers()).isEqualTo(address);
            assertThat(read(broker, 2)).containsExactly("before", "after");
        }
        assertThat(Files.exists(directory.resolve("meta.properties"))).isTrue();
    }

    @Test
    void goesOnAfterItsProcessWasKilled() throws Exception {
        try (ForkedKafka broker = ForkedKafka.on(directory, Map.of(), List.of("-Xmx256m"))) {
            createTopic(broker);
            send(broker, "acknowledged");
            broker.kill();
            broker.start();
            send(broker, "after");
            assertThat(read(broker, 2)).containsExactly("acknowledged", "after");
        }
    }

    @Test
    void takesTheSamePortsOnTheSameDirectory() {
        String first;
        try (KafkaBroker broker = EmbeddedKafka.on(directory, Map.of())) {
            first = broker.bootstrapServers();
        }
        try (KafkaBroker broker = EmbeddedKafka.on(directory, Map.of())) {
            assertThat(broker.bootstrapServers()).isEqualTo(first);
        }
    }

    @Test
    void deletesItsTemporaryDirectory() throws Exception {
        EmbeddedKafka broker = EmbeddedKafka.onTemporaryDirectory();
        Path temporary = Path.of(broker.toString().replaceFirst(".*its data in ", ""));
        assertThat(temporary).isDirectory();
        broker.close();
        broker.close();
        assertThat(temporary).doesNotExist();
    }

    private static void createTopic(KafkaBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 1))).all().get();
        }
    }

    private static void send(KafkaBroker broker, String word) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(PARTITION.topic(), word.getBytes(UTF_8))).get();
        }
    }

    private static List<String> read(KafkaBroker broker, int count) {
        List<String> words = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (words.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(200))) {
                    words.add(new String(found.value(), UTF_8));
                }
            }
        }
        return words;
    }
}
