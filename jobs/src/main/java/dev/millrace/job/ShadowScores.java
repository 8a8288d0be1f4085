package dev.millrace.job;

import dev.millrace.job.kafka.ShadowedRecord;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Takes the shadow's record off a scored record that has one. */
final class ShadowScores
        implements FlatMapFunction<ProducerRecord<byte[], byte[]>, ProducerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    @Override
    public void flatMap(
            ProducerRecord<byte[], byte[]> scored, Collector<ProducerRecord<byte[], byte[]>> out) {
        if (scored instanceof ShadowedRecord shadowed) {
            out.collect(shadowed.shadow());
        }
    }
}
