package dev.millrace.cli;

import dev.millrace.local.demo.DemoException;
import dev.millrace.local.demo.Generator;
import dev.millrace.local.demo.GeneratorOptions;
import dev.millrace.local.demo.GeneratorSummary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Submits the demo's transactions to brokers that are there already. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        header = "Submit the demo's card transactions to any Kafka.",
        description = {
            "Card transactions that follow from a seed go to the topic 'transactions', each once:"
                    + " ended and started again, it goes on where the topic ends. With --account it"
                    + " also follows 'transactions.scored' and 'transactions.dead-letters', measures"
                    + " latency, and at the end reads all topics again and accounts for every"
                    + " record; exit code 1 if one was lost, doubled or out of order.",
            ""
        },
        sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            defaultValue = "localhost:9092",
            description = "Brokers. Default: ${DEFAULT-VALUE}")
    private String bootstrapServers;

    @Option(
            names = "--property",
            paramLabel = "KEY=VALUE",
            description = "A Kafka client property; may be given several times.")
    private Map<String, String> properties = new HashMap<>();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "4",
            description = "Partitions of the topics. Default: ${DEFAULT-VALUE}")
    private int partitions;

    @Option(
            names = "--create-topics",
            description = "Create the three topics where they are missing; they keep everything.")
    private boolean createTopics;

    @Option(
            names = "--rate",
            paramLabel = "N/s",
            converter = Numbers.Rate.class,
            defaultValue = "1000",
            description = "Transactions per second. Default: ${DEFAULT-VALUE}")
    private long rate;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "Stop after so many transactions. Default: go on until Ctrl-C")
    private Long records;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Stop after so many seconds. Default: go on until Ctrl-C")
    private Long seconds;

    @Option(
            names = "--poison",
            paramLabel = "P%",
            converter = Numbers.Share.class,
            defaultValue = "0",
            description =
                    "Share of undecodable records, for example 1%% or 0.01. Default: ${DEFAULT-VALUE}")
    private double poison;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "7",
            description = "The same seed makes the same transactions. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--account", description = "Follow what comes out and account for it.")
    private boolean account;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Time between two lines about how it stands. Default: ${DEFAULT-VALUE}")
    private long intervalSeconds;

    @Option(
            names = "--heartbeat",
            paramLabel = "FILE",
            description = "Touch a file at each interval in which brokers have taken records.")
    private Path heartbeat;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "TEXT",
            description =
                    "text, or json for a single line at the end; how it stands then goes to"
                            + " standard error. Default: text")
    private OutputFormat output;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandFailedException {
        check(partitions >= 1, "--partitions must be at least 1: " + partitions);
        check(rate >= 1, "--rate must be at least 1: " + rate);
        check(records == null || records > 0, "--records must be at least 1: " + records);
        check(seconds == null || seconds > 0, "--seconds must be at least 1: " + seconds);
        check(intervalSeconds >= 1, "--interval must be at least 1: " + intervalSeconds);
        GeneratorOptions options =
                new GeneratorOptions(
                        bootstrapServers,
                        properties,
                        partitions,
                        createTopics,
                        records == null ? OptionalLong.empty() : OptionalLong.of(records),
                        Optional.ofNullable(seconds).map(Duration::ofSeconds),
                        rate,
                        poison,
                        seed,
                        account,
                        Duration.ofSeconds(intervalSeconds),
                        Optional.ofNullable(heartbeat));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter lines = output == OutputFormat.TEXT ? out : spec.commandLine().getErr();
        StopSignal stop = StopSignal.install();
        try {
            GeneratorSummary summary =
                    new Generator(
                                    options,
                                    stop.received(),
                                    line -> {
                                        lines.println(line);
                                        lines.flush();
                                    })
                            .run();
            out.println(output == OutputFormat.TEXT ? summary.sentence() : summary.json());
            out.flush();
            if (!summary.holds()) {
                throw new CommandFailedException(
                        "the account does not balance: " + summary.sentence());
            }
            return 0;
        } catch (DemoException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }

    private void check(boolean right, String message) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
