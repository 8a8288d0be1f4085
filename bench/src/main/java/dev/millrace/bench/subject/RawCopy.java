package dev.millrace.bench.subject;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The clients by themselves. */
final class RawCopy extends RawLoop {
    private OutputCopies copies;

    RawCopy(SubjectSpec spec) {
        super(spec);
    }

    @Override
    void begin(String outputTopic) {
        copies = new OutputCopies(spec().workload(), outputTopic);
    }

    @Override
    void take(ConsumerRecord<byte[], byte[]> record) {
        send(copies.of(record));
    }

    @Override
    void idle() {}
}
