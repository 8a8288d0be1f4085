package dev.millrace.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.job.kafka.Sources;
import dev.millrace.local.LocalFlink;
import dev.millrace.schema.Contracts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoringTopologyIT {
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 3000;
    private static final long TIME = 1_700_000_000_000L;

    @TempDir private Path folder;
    private TestingKafka kafka;
    private LocalFlink flink;

    @BeforeEach
    void start() throws Exception {
        kafka = new TestingKafka();
        kafka.createTopic("payments", PARTITIONS);
        flink = LocalFlink.start(1, 2, new Configuration());
    }

    @AfterEach
    void stop() {
        flink.close();
        kafka.close();
    }

    private void run(String more) throws Exception {
        Path file = TestingPipeline.write(folder, kafka.bootstrapServers(), more);
        PreparedPipeline pipeline = ScoringJob.prepare(file);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        ScoringTopology.build(
                environment, pipeline, Sources.boundedAtLatest(pipeline.config().source()));
        JobID job = flink.submit(environment);
        assertThat(flink.result(job).get().isSuccess()).isTrue();
    }

    private static ProducerRecord<byte[], byte[]> input(int number, byte[] value) {
        return new ProducerRecord<>(
                "payments",
                number % PARTITIONS,
                TIME + number,
                ("key-" + number).getBytes(UTF_8),
                value,
                List.of(
                        new RecordHeader("traceparent", "00-1-2-01".getBytes(UTF_8)),
                        new RecordHeader("tracestate", "a=b".getBytes(UTF_8)),
                        new RecordHeader("other", null)));
    }

    private static boolean poison(int number) {
        return number % 100 == 17;
    }

    private void sendInputs() throws Exception {
        List<ProducerRecord<byte[], byte[]>> inputs = new ArrayList<>();
        for (int number = 0; number < RECORDS; number++) {
            byte[] value = poison(number) ? new byte[] {1, 2, 3} : TestingPipeline.payment(number);
            inputs.add(input(number, value));
        }
        kafka.send(inputs);
    }

    private static GenericRecord decode(byte[] value) throws Exception {
        return new GenericDatumReader<GenericRecord>(Contracts.scoredRecord())
                .read(null, DecoderFactory.get().binaryDecoder(value, null));
    }

    @Test
    void scoresEveryRecordOnceInOrderAndKeepsWhatItWas() throws Exception {
        sendInputs();
        run("");

        int deadLetters = RECORDS / 100;
        Map<Integer, Long> lastOffsets = new HashMap<>();
        List<ConsumerRecord<byte[], byte[]>> scored = kafka.read("scored", RECORDS - deadLetters);
        assertThat(scored).hasSize(RECORDS - deadLetters);
        for (ConsumerRecord<byte[], byte[]> record : scored) {
            GenericRecord value = decode(record.value());
            GenericRecord source = (GenericRecord) value.get("source");
            long offset = (Long) source.get("offset");
            int partition = (Integer) source.get("partition");
            int number = (int) offset * PARTITIONS + partition;
            assertThat(value.get("pipeline")).hasToString("test");
            assertThat(source.get("topic")).hasToString("payments");
            assertThat(lastOffsets.getOrDefault(partition, -1L)).isLessThan(offset);
            lastOffsets.put(partition, offset);
            assertThat(record.partition()).isEqualTo(partition);
            assertThat(record.timestamp()).isEqualTo(TIME + number);
            assertThat(record.key()).isEqualTo(("key-" + number).getBytes(UTF_8));
            assertThat(header(record, "traceparent")).isEqualTo("00-1-2-01");
            assertThat(header(record, "tracestate")).isEqualTo("a=b");
            assertThat(record.headers().lastHeader("other")).isNull();
            assertThat(header(record, Provenance.HEADER))
                    .matches("at=.*Z engine=\\w+ exactness=.*");
        }
    }

    @Test
    void divertsWhatCannotBeDecodedAsItWas() throws Exception {
        sendInputs();
        run(
                """
                  delivery-guarantee: at-least-once
                  provenance-header: false
                  trace-headers: false
                """);

        List<ConsumerRecord<byte[], byte[]>> letters =
                kafka.read("scored.dead-letters", RECORDS / 100);
        assertThat(letters).hasSize(RECORDS / 100);
        for (ConsumerRecord<byte[], byte[]> letter : letters) {
            int partition = Integer.parseInt(header(letter, DeadLetterHeaders.PARTITION));
            int offset = Integer.parseInt(header(letter, DeadLetterHeaders.OFFSET));
            int number = offset * PARTITIONS + partition;
            assertThat(poison(number)).isTrue();
            assertThat(letter.value()).containsExactly(1, 2, 3);
            assertThat(letter.key()).isEqualTo(("key-" + number).getBytes(UTF_8));
            assertThat(letter.timestamp()).isEqualTo(TIME + number);
            assertThat(header(letter, "traceparent")).isEqualTo("00-1-2-01");
            assertThat(header(letter, "tracestate")).isEqualTo("a=b");
            assertThat(letter.headers().lastHeader("other").value()).isNull();
            assertThat(header(letter, DeadLetterHeaders.KIND)).isEqualTo("undecodable");
            assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isNotEmpty();
            assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("payments");
            assertThat(header(letter, DeadLetterHeaders.PIPELINE)).isEqualTo("test");
        }
        for (ConsumerRecord<byte[], byte[]> record : kafka.read("scored", 10)) {
            assertThat(record.headers().toArray()).isEmpty();
        }
    }

    @Test
    void foldsPartitionsThatTheSinkTopicDoesNotHave() throws Exception {
        kafka.createTopic("scored", 2);
        sendInputs();
        run("");

        List<ConsumerRecord<byte[], byte[]>> scored = kafka.read("scored", RECORDS - RECORDS / 100);
        assertThat(scored).hasSize(RECORDS - RECORDS / 100);
        for (ConsumerRecord<byte[], byte[]> record : scored) {
            GenericRecord source = (GenericRecord) decode(record.value()).get("source");
            assertThat(record.partition()).isEqualTo((Integer) source.get("partition") % 2);
        }
    }

    @Test
    void commitsOffsetsSoThatLagIsSeenAndAJobWithoutCheckpointGoesOn() throws Exception {
        sendInputs();
        Path file = TestingPipeline.write(folder, kafka.bootstrapServers(), "");
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        ScoringTopology.build(environment, ScoringJob.prepare(file));
        JobID job = flink.submit(environment);
        assertThat(kafka.read("scored", RECORDS - RECORDS / 100)).hasSize(RECORDS - RECORDS / 100);

        Instant deadline = Instant.now().plusSeconds(30);
        long committed = -1;
        while (committed < RECORDS / PARTITIONS && Instant.now().isBefore(deadline)) {
            committed = kafka.committedOffset("millrace-test", "payments", 1);
        }
        flink.cancel(job);
        assertThat(committed).isEqualTo(RECORDS / PARTITIONS);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
