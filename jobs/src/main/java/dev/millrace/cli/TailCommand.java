package dev.millrace.cli;

import dev.millrace.cli.records.TopicRecord;
import dev.millrace.job.config.PipelineConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the records of a topic that Millrace wrote. */
@Command(
        name = "tail",
        mixinStandardHelpOptions = true,
        header = "Show scored records or dead letters as they arrive.",
        description = {
            "Shows committed records only, one a line: when, from where, which model, which"
                    + " scores; of a dead letter its cause. Ctrl-C ends it.",
            ""
        },
        sortOptions = false)
final class TailCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(250);

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "The topic. Default: the pipeline's sink topic")
    private String topic;

    @Option(
            names = "--dead-letters",
            description = "Show the pipeline's dead letters instead of its scored records.")
    private boolean deadLetters;

    @Mixin private KafkaConnection kafka;

    @Option(names = "--from-beginning", description = "Start at the topic's oldest records.")
    private boolean fromBeginning;

    @Option(names = "--max", paramLabel = "N", description = "End after N records.")
    private long max = Long.MAX_VALUE;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description = "text or json, one object a line. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (max < 1) {
            throw usage("--max needs at least 1 record, not " + max);
        }
        Optional<PipelineConfig> config = kafka.pipeline();
        String source = topic(config);
        StopSignal stop = StopSignal.install();
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        Map<String, String> connection = kafka.clientProperties(config);
        KafkaConnection.requireTopic(connection, source, "");
        properties.putAll(connection);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            assign(consumer, source);
            show(consumer, stop);
        }
        return 0;
    }

    private String topic(Optional<PipelineConfig> config) {
        if (topic != null && deadLetters) {
            throw usage("--dead-letters names a topic already: leave out --topic");
        }
        if (topic != null) {
            return topic;
        }
        PipelineConfig.Sink sink =
                config.orElseThrow(() -> usage("Which topic? --topic or --pipeline says it"))
                        .sink();
        return deadLetters ? sink.deadLetterTopic() : sink.topic();
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void assign(KafkaConsumer<byte[], byte[]> consumer, String source) {
        List<TopicPartition> partitions =
                consumer.partitionsFor(source).stream()
                        .map(info -> new TopicPartition(source, info.partition()))
                        .toList();
        consumer.assign(partitions);
        if (fromBeginning) {
            consumer.seekToBeginning(partitions);
        } else {
            consumer.seekToEnd(partitions);
            // Seeking is lazy: fix the end now, or what arrives before the first poll is missed.
            partitions.forEach(consumer::position);
        }
    }

    private void show(KafkaConsumer<byte[], byte[]> consumer, StopSignal stop) {
        PrintWriter out = spec.commandLine().getOut();
        long shown = 0;
        while (shown < max && !stop.received().isDone()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (shown == max) {
                    break;
                }
                shown++;
                out.println(
                        switch (output) {
                            case TEXT -> TopicRecord.line(record);
                            case JSON -> TopicRecord.json(record).toString();
                        });
            }
            out.flush();
        }
    }
}
