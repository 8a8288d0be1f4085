package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.job.kafka.FixedHeaders;
import dev.millrace.job.kafka.SharedHeadersRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes outputs that are as large as scored records and carry the same headers, but hold nothing of
 * the input except key and timestamp. One thread.
 */
final class OutputCopies {
    /** An offset whose length in Avro is that of most of a run's. */
    private static final long USUAL_OFFSET = 1_500_000;

    private final String topic;
    private final FixedHeaders headers = Outputs.headers(Instant.now());
    private final byte[] template;
    private Long timestamp = -1L;

    OutputCopies(Workload workload, String topic) {
        this.topic = topic;
        ByteBuffer scores =
                ByteBuffer.allocateDirect(workload.scores() * Float.BYTES)
                        .order(ByteOrder.nativeOrder());
        template =
                Outputs.encoder(workload)
                        .encode(
                                workload.inputTopic(),
                                0,
                                USUAL_OFFSET,
                                System.currentTimeMillis(),
                                new ByteBuffer[] {scores},
                                0);
    }

    ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record) {
        if (timestamp != record.timestamp()) {
            timestamp = record.timestamp();
        }
        return new SharedHeadersRecord(
                topic,
                record.partition(),
                timestamp,
                record.key(),
                Arrays.copyOf(template, template.length),
                headers);
    }
}
