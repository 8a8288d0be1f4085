package dev.millrace.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.endtoend.Eventually;
import dev.millrace.local.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that stay open, on a real broker; one of them through a coordinator's amnesia. */
@Timeout(120)
class OpenTransactionsIT {
    private static final String TOPIC = "scored";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 1);
    private static final Duration AGES = Duration.ofHours(1);

    @TempDir private Path folder;
    private EmbeddedKafka kafka;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.on(folder, Map.of("transaction.state.log.num.partitions", "1"));
        kafka.start();
        try (Admin admin = Admin.create(properties())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(2), Optional.empty())))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    private Map<String, Object> properties() {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private KafkaProducer<String, String> writeHalfATransaction() throws Exception {
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.bootstrapServers(),
                                "transactional.id",
                                "writer"),
                        new StringSerializer(),
                        new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < 3; i++) {
            producer.send(new ProducerRecord<>(TOPIC, 1, null, "record " + i)).get();
        }
        return producer;
    }

    private List<Finding> look(Duration patience) throws BrokerUnavailableException {
        Map<String, String> properties = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (BrokerAdmin admin = BrokerAdmin.connect(properties)) {
            return OpenTransactions.look(
                    admin, "sink topic", admin.topic(TOPIC).orElseThrow(), patience);
        }
    }

    @Test
    void tellsOfATransactionThatIsOpenForTooLongUntilItIsCommitted() throws Exception {
        try (KafkaProducer<String, String> producer = writeHalfATransaction()) {
            assertThat(look(AGES)).isEmpty();
            List<Finding> findings = look(Duration.ofMillis(-1));
            assertThat(findings).hasSize(1);
            assertThat(findings.get(0).level()).isEqualTo(Finding.Level.WARNING);
            assertThat(findings.get(0).message())
                    .startsWith(
                            "readers of committed records are held back in partition 1 of 'scored'"
                                    + " at offset 0 of 3, by a transaction that has been open for");
            producer.commitTransaction();
        }
        // The coordinator writes the markers after it has answered.
        Eventually.await(
                "nothing open once it is committed", () -> look(Duration.ofMillis(-1)).isEmpty());
    }

    @Test
    void namesATransactionThatNobodyEndsAndHowToEndIt() throws Exception {
        writeHalfATransaction().close(Duration.ZERO);
        kafka.stop();
        forgetTransactions();
        kafka.start();

        List<Finding> findings = look(AGES);
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).level()).isEqualTo(Finding.Level.BAD);
        assertThat(findings.get(0).message())
                .contains("at offset 0 of 3")
                .contains("that no coordinator has under way");
        assertThat(findings.get(0).advice())
                .contains("abort --topic scored --partition 1 --start-offset 0 ends it");

        abort();
        Eventually.await("nothing open once it is ended", () -> look(AGES).isEmpty());
    }

    /** The broker comes back with the coordinator's memory gone. */
    private void forgetTransactions() throws Exception {
        List<Path> forgotten = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.toString().contains("__transaction_state-"))
                    .forEach(forgotten::add);
        }
        assertThat(forgotten).isNotEmpty();
        for (int i = forgotten.size() - 1; i >= 0; i--) {
            Files.delete(forgotten.get(i));
        }
    }

    /** What kafka-transactions.sh does. */
    private void abort() throws Exception {
        try (Admin admin = Admin.create(properties())) {
            ProducerState producer =
                    admin.describeProducers(List.of(PARTITION))
                            .partitionResult(PARTITION)
                            .get()
                            .activeProducers()
                            .get(0);
            admin.abortTransaction(
                            new AbortTransactionSpec(
                                    PARTITION,
                                    producer.producerId(),
                                    (short) producer.producerEpoch(),
                                    producer.coordinatorEpoch().orElse(0)))
                    .all()
                    .get();
        }
    }
}
