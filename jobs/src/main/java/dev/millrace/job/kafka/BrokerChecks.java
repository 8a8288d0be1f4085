package dev.millrace.job.kafka;

import dev.millrace.job.config.Delivery;
import dev.millrace.job.config.Durations;
import dev.millrace.job.config.PipelineConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Holds a pipeline against the brokers it names: reachable, topics there, settings that go
 * together, what whoever writes to the control topic may have done. Creates the topics a pipeline
 * writes to where it may.
 */
public final class BrokerChecks {
    private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";
    private static final String TIMESTAMP_TYPE = "message.timestamp.type";

    /** How many checkpoint intervals a transaction may be open for before it is worth a word. */
    private static final int LONG = 3;

    private static final Duration SHORTEST_PATIENCE = Duration.ofMinutes(1);

    private final PipelineConfig config;
    private final BrokerAdmin admin;

    /** Whether to look at what is in topics, beside what they are. */
    private final boolean records;

    private final List<Finding> findings = new ArrayList<>();

    private BrokerChecks(PipelineConfig config, BrokerAdmin admin, boolean records) {
        this.config = config;
        this.admin = admin;
        this.records = records;
    }

    /** Looks, and changes nothing. */
    public static List<Finding> look(PipelineConfig config) {
        return check(config, false, true);
    }

    /** Looks, and creates the topics to write to if they are missing and the pipeline allows it. */
    public static List<Finding> prepare(PipelineConfig config) {
        return check(config, config.sink().createTopics(), false);
    }

    private static List<Finding> check(PipelineConfig config, boolean create, boolean records) {
        List<Finding> findings = new ArrayList<>(brokers(config, create, records));
        ReleaseChecks.look(config).ifPresent(findings::add);
        return List.copyOf(findings);
    }

    private static List<Finding> brokers(PipelineConfig config, boolean create, boolean records) {
        String servers = config.adminProperties().get("bootstrap.servers");
        try (BrokerAdmin admin = BrokerAdmin.connect(config.adminProperties())) {
            BrokerChecks checks = new BrokerChecks(config, admin, records);
            checks.run(servers, create);
            return List.copyOf(checks.findings);
        } catch (BrokerUnavailableException e) {
            return List.of(
                    Finding.bad(
                            "broker",
                            "no answer from %s: %s".formatted(servers, e.getMessage()),
                            "Start it, or correct 'kafka.bootstrap-servers' and the security"
                                    + " settings in 'kafka.properties'"));
        }
    }

    private void run(String servers, boolean create) throws BrokerUnavailableException {
        int brokers = admin.brokers();
        findings.add(
                Finding.good(
                        "broker",
                        "%s answers, %d %s"
                                .formatted(servers, brokers, brokers == 1 ? "broker" : "brokers")));
        int partitions = sourceTopics();
        PipelineConfig.Sink sink = config.sink();
        targetTopic("sink topic", sink.topic(), partitions, create);
        targetTopic("dead-letter topic", sink.deadLetterTopic(), partitions, create);
        if (sink.delivery() == Delivery.EXACTLY_ONCE) {
            transactionTimeout(sink.transactionTimeout());
        }
    }

    /** Gives the most partitions that a source topic has. */
    private int sourceTopics() throws BrokerUnavailableException {
        int most = 0;
        for (String topic : config.source().topics()) {
            Optional<TopicDescription> description = admin.topic(topic);
            if (description.isEmpty()) {
                findings.add(
                        Topics.missing(
                                admin,
                                "source topic",
                                topic,
                                "Create it, or correct 'source.topics'"));
                continue;
            }
            int partitions = description.get().partitions().size();
            most = Math.max(most, partitions);
            findings.add(
                    Finding.good(
                            "source topic", "'%s' has %s".formatted(topic, count(partitions))));
            transactions("source topic", description.get());
        }
        int parallelism = config.parallelism().orElse(1);
        if (most > 0 && parallelism > most) {
            findings.add(
                    Finding.warning(
                            "parallelism",
                            "%d tasks for %d partitions leave %d tasks idle"
                                    .formatted(parallelism, most, parallelism - most),
                            "Lower 'pipeline.parallelism' or add partitions"));
        }
        return most;
    }

    private static String count(int partitions) {
        return partitions == 1 ? "1 partition" : partitions + " partitions";
    }

    private void targetTopic(String subject, String topic, int partitions, boolean create)
            throws BrokerUnavailableException {
        Optional<TopicDescription> description = admin.topic(topic);
        if (description.isPresent()) {
            existing(subject, topic, partitions, description.get());
            transactions(subject, description.get());
        } else if (create && partitions > 0) {
            admin.create(new NewTopic(topic, Optional.of(partitions), Optional.empty()));
            findings.add(
                    Finding.good(
                            subject, "created '%s' with %s".formatted(topic, count(partitions))));
        } else if (config.sink().createTopics()) {
            findings.add(
                    Finding.good(subject, "'%s' will be created at the start".formatted(topic)));
        } else {
            findings.add(
                    Finding.bad(
                            subject,
                            "there is no topic '%s'".formatted(topic),
                            "Create it, or set 'sink.create-topics: true'"));
        }
    }

    private void existing(String subject, String topic, int partitions, TopicDescription topicInfo)
            throws BrokerUnavailableException {
        int actual = topicInfo.partitions().size();
        if (actual < partitions) {
            findings.add(
                    Finding.warning(
                            subject,
                            "'%s' has %d partitions for %d of the source"
                                    .formatted(topic, actual, partitions),
                            "Order per partition is kept, but %d of them get the load of several;"
                                            .formatted(actual)
                                    + " add partitions"));
        } else {
            findings.add(Finding.good(subject, "'%s' has %s".formatted(topic, count(actual))));
        }
        Map<String, String> settings = admin.topicSettings(topic);
        int replicas = topicInfo.partitions().get(0).replicas().size();
        int inSync = Integer.parseInt(settings.getOrDefault("min.insync.replicas", "1"));
        if (inSync > replicas) {
            findings.add(
                    Finding.bad(
                            subject,
                            "'%s' wants %d replicas in sync and has %d"
                                    .formatted(topic, inSync, replicas),
                            "Nothing can be written to it; lower min.insync.replicas or add"
                                    + " replicas"));
        } else if (replicas > 1 && inSync == 1) {
            findings.add(
                    Finding.warning(
                            subject,
                            "'%s' has %d replicas and min.insync.replicas 1"
                                    .formatted(topic, replicas),
                            "A record that one broker alone has can be lost with it; set 2"));
        }
        if (settings.getOrDefault(TIMESTAMP_TYPE, "").equals("LogAppendTime")) {
            findings.add(
                    Finding.warning(
                            subject,
                            "'%s' has %s=LogAppendTime".formatted(topic, TIMESTAMP_TYPE),
                            "Scored records keep the timestamp of their input only with"
                                    + " CreateTime"));
        }
    }

    private void transactions(String subject, TopicDescription topic)
            throws BrokerUnavailableException {
        if (!records) {
            return;
        }
        Duration several = config.checkpointing().interval().multipliedBy(LONG);
        Duration patience = several.compareTo(SHORTEST_PATIENCE) > 0 ? several : SHORTEST_PATIENCE;
        findings.addAll(OpenTransactions.look(admin, subject, topic, patience));
    }

    static String compared(Duration timeout, long mostMs) {
        return "'sink.transaction-timeout' is %s, the broker's %s is %s"
                .formatted(
                        Durations.format(timeout),
                        MAX_TRANSACTION_TIMEOUT,
                        Durations.format(Duration.ofMillis(mostMs)));
    }

    private void transactionTimeout(Duration timeout) throws BrokerUnavailableException {
        Optional<String> most = admin.brokerSetting(MAX_TRANSACTION_TIMEOUT);
        if (most.isEmpty()) {
            findings.add(
                    Finding.warning(
                            "transactions",
                            "the broker does not show " + MAX_TRANSACTION_TIMEOUT,
                            "Make sure it is at least %d (%s), 'sink.transaction-timeout'"
                                    .formatted(timeout.toMillis(), Durations.format(timeout))));
            return;
        }
        String comparison = compared(timeout, Long.parseLong(most.get()));
        findings.add(
                timeout.toMillis() <= Long.parseLong(most.get())
                        ? Finding.good("transactions", comparison)
                        : Finding.bad(
                                "transactions",
                                comparison,
                                "Lower the first or raise the second; the broker refuses every"
                                        + " transaction otherwise"));
    }
}
