package dev.millrace.bench.subject;

import dev.millrace.job.config.PipelineConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Consumer, something, producer, in one thread, with a pipeline's client settings. */
abstract class RawLoop implements Subject {
    static final String THREAD = "raw-loop";
    private static final Duration POLL = Duration.ofMillis(10);

    private final SubjectSpec spec;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private KafkaProducer<byte[], byte[]> producer;
    private Thread thread;
    private volatile boolean stopped;

    RawLoop(SubjectSpec spec) {
        this.spec = spec;
    }

    /** Called in the loop's thread before the first record. */
    abstract void begin(String outputTopic) throws Exception;

    abstract void take(ConsumerRecord<byte[], byte[]> record) throws Exception;

    /** Nothing more has come: what was gathered has to go. */
    abstract void idle() throws Exception;

    final SubjectSpec spec() {
        return spec;
    }

    final void send(ProducerRecord<byte[], byte[]> record) {
        var unused =
                producer.send(
                        record,
                        (metadata, exception) -> {
                            if (exception != null) {
                                failure.compareAndSet(null, exception);
                            }
                        });
    }

    @Override
    public void start(RunSpec run) throws Exception {
        PipelineConfig config = BenchPipeline.of(spec, run).config();
        stopped = false;
        CompletableFuture<Void> begun = new CompletableFuture<>();
        thread = new Thread(() -> guard(config, run, begun), THREAD);
        thread.start();
        begun.get();
    }

    private void guard(PipelineConfig config, RunSpec run, CompletableFuture<Void> begun) {
        try {
            loop(config, run, begun);
        } catch (Exception e) {
            failure.compareAndSet(null, e);
            begun.completeExceptionally(e);
        }
    }

    private void loop(PipelineConfig config, RunSpec run, CompletableFuture<Void> begun)
            throws Exception {
        List<TopicPartition> partitions = List.of(new TopicPartition(run.inputTopic(), 0));
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer(config));
                KafkaProducer<byte[], byte[]> opened = new KafkaProducer<>(producer(config))) {
            producer = opened;
            consumer.assign(partitions);
            if (run.fromEnd()) {
                consumer.seekToEnd(partitions);
                consumer.position(partitions.get(0));
            } else {
                consumer.seekToBeginning(partitions);
            }
            begin(run.outputTopic());
            begun.complete(null);
            while (!stopped && failure.get() == null) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    take(record);
                }
                if (records.isEmpty()) {
                    idle();
                }
            }
        }
    }

    private static Map<String, Object> consumer(PipelineConfig config) {
        Map<String, Object> properties = new HashMap<>(config.source().properties());
        properties.put("enable.auto.commit", "false");
        properties.put("key.deserializer", ByteArrayDeserializer.class);
        properties.put("value.deserializer", ByteArrayDeserializer.class);
        return properties;
    }

    private static Map<String, Object> producer(PipelineConfig config) {
        Map<String, Object> properties = new HashMap<>(config.sink().properties());
        properties.put("key.serializer", ByteArraySerializer.class);
        properties.put("value.serializer", ByteArraySerializer.class);
        return properties;
    }

    @Override
    public void stop() throws Exception {
        stopped = true;
        thread.join();
        Exception first = failure.get();
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void close() {}
}
