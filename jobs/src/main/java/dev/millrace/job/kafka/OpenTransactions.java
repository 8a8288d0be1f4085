package dev.millrace.job.kafka;

import dev.millrace.job.config.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;

/**
 * Looks for transactions that hold back the readers of committed records in a topic: those that
 * stay open longer than they should, and those that nobody will ever end, because their coordinator
 * takes them for ended. Changes nothing.
 */
final class OpenTransactions {
    private static final Comparator<Open> BY_PLACE =
            Comparator.<Open>comparingInt(open -> open.partition().partition())
                    .thenComparingLong(Open::startOffset)
                    .thenComparingLong(Open::producerId);

    private final BrokerAdmin admin;
    private final String subject;
    private final Duration patience;
    private final List<Finding> findings = new ArrayList<>();

    /** A transaction that was open in a partition, as its leader sees it. */
    private record Open(TopicPartition partition, long producerId, long startOffset) {
        static Optional<Open> of(TopicPartition partition, ProducerState producer) {
            return producer.currentTransactionStartOffset().isPresent()
                    ? Optional.of(
                            new Open(
                                    partition,
                                    producer.producerId(),
                                    producer.currentTransactionStartOffset().getAsLong()))
                    : Optional.empty();
        }
    }

    private OpenTransactions(BrokerAdmin admin, String subject, Duration patience) {
        this.admin = admin;
        this.subject = subject;
        this.patience = patience;
    }

    /**
     * Looks at the partitions of a topic.
     *
     * @param subject what the topic is to the pipeline
     * @param patience for how long a transaction may be open without a word
     */
    static List<Finding> look(
            BrokerAdmin admin, String subject, TopicDescription topic, Duration patience)
            throws BrokerUnavailableException {
        OpenTransactions transactions = new OpenTransactions(admin, subject, patience);
        Set<TopicPartition> partitions =
                topic.partitions().stream()
                        .map(p -> new TopicPartition(topic.name(), p.partition()))
                        .collect(Collectors.toSet());
        transactions.look(partitions);
        return transactions.findings;
    }

    private void look(Set<TopicPartition> partitions) throws BrokerUnavailableException {
        Set<Open> open = open(partitions);
        if (open.isEmpty()) {
            return;
        }
        Map<Open, TransactionDescription> known = known(open);
        // Those that ended while their coordinators were asked are no news.
        open.retainAll(open(partitions));
        long now = System.currentTimeMillis();
        for (Open transaction : open) {
            TransactionDescription description = known.get(transaction);
            if (description == null) {
                findings.add(hanging(transaction));
                continue;
            }
            long millis = now - description.transactionStartTimeMs().orElse(now);
            if (millis > patience.toMillis()) {
                findings.add(old(transaction, description, millis));
            }
        }
    }

    private Set<Open> open(Set<TopicPartition> partitions) throws BrokerUnavailableException {
        Set<Open> open = new TreeSet<>(BY_PLACE);
        admin.producers(partitions)
                .forEach(
                        (partition, producers) ->
                                producers.forEach(p -> Open.of(partition, p).ifPresent(open::add)));
        return open;
    }

    /** The transactions that a coordinator has under way in that very partition. */
    private Map<Open, TransactionDescription> known(Set<Open> open)
            throws BrokerUnavailableException {
        Set<Long> producers = open.stream().map(Open::producerId).collect(Collectors.toSet());
        Map<Open, TransactionDescription> known = new HashMap<>();
        for (TransactionListing listing : admin.transactionsUnderWay(producers)) {
            Optional<TransactionDescription> found = admin.transaction(listing.transactionalId());
            for (Open transaction : open) {
                found.filter(t -> t.producerId() == transaction.producerId())
                        .filter(t -> t.topicPartitions().contains(transaction.partition()))
                        .ifPresent(t -> known.put(transaction, t));
            }
        }
        return known;
    }

    private Finding hanging(Open transaction) throws BrokerUnavailableException {
        return Finding.bad(
                subject,
                "%s, by a transaction of producer %d that no coordinator has under way: it will"
                                .formatted(held(transaction), transaction.producerId())
                        + " not end by itself",
                ("kafka-transactions.sh abort --topic %s --partition %d --start-offset %d ends it"
                                + " (docs/reliability.md)")
                        .formatted(
                                transaction.partition().topic(),
                                transaction.partition().partition(),
                                transaction.startOffset()));
    }

    private Finding old(Open transaction, TransactionDescription description, long millis)
            throws BrokerUnavailableException {
        return Finding.warning(
                subject,
                "%s, by a transaction that has been open for %s"
                        .formatted(
                                held(transaction),
                                Durations.format(Duration.ofSeconds(millis / 1000))),
                "Checkpoints fail, or its writer is down: it ends when the writer is back, else %s"
                                .formatted(
                                        Durations.format(
                                                Duration.ofMillis(
                                                        description.transactionTimeoutMs())))
                        + " after it began");
    }

    private String held(Open transaction) throws BrokerUnavailableException {
        TopicPartition partition = transaction.partition();
        Map<TopicPartition, OffsetSpec> latest = Map.of(partition, OffsetSpec.latest());
        long visible = admin.offsets(latest).get(partition);
        long end = admin.uncommittedOffsets(latest).get(partition);
        return "readers of committed records are held back in partition %d of '%s' at offset %d of %d"
                .formatted(partition.partition(), partition.topic(), visible, end);
    }
}
