package dev.millrace.job.release;

import dev.millrace.operator.inference.LogContext;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Follows a control topic for one task: holds back what new releases claim, loads them, votes, and
 * decides if this is the task with index 0. One thread reads; another loads.
 */
@SuppressWarnings("try") // closing waits for threads, and may be interrupted
final class ReleaseListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseListener.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PATIENCE_MS = 60_000;

    private final ReleaseSettings settings;
    private final ReleaseSession session;
    private final int subtask;
    private final int parallelism;
    private final ReleaseLog log = new ReleaseLog();
    private final TopicPartition partition;
    private final Set<String> voted = new HashSet<>();
    private final Map<String, Long> pendingSince = new HashMap<>();
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final ExecutorService loader =
            Executors.newSingleThreadExecutor(task -> daemon(task, "millrace-release-loader"));
    private final Thread thread;

    private KafkaConsumer<byte[], byte[]> consumer;
    private KafkaProducer<byte[], byte[]> producer;
    private volatile boolean closing;
    private volatile Exception failure;

    ReleaseListener(
            ReleaseSettings settings, ReleaseSession session, int subtask, int parallelism) {
        this.settings = settings;
        this.session = session;
        this.subtask = subtask;
        this.parallelism = parallelism;
        this.partition = new TopicPartition(settings.topic(), 0);
        this.thread = daemon(this::run, "millrace-releases-" + subtask);
    }

    /** A thread whose lines carry the pipeline of whoever makes it. */
    private static Thread daemon(Runnable task, String name) {
        String pipeline = MDC.get(LogContext.PIPELINE);
        Thread thread =
                new Thread(
                        () -> {
                            if (pipeline != null) {
                                MDC.put(LogContext.PIPELINE, pipeline);
                            }
                            task.run();
                        },
                        name);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns once all that is in the topic now was read: the history before the first record. */
    void start() throws Exception {
        Map<String, Object> common = new HashMap<>(settings.clientProperties());
        common.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        common.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        consumer =
                new KafkaConsumer<>(
                        common, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        if (!settings.readOnly()) {
            Map<String, Object> sending = new HashMap<>(settings.clientProperties());
            sending.put(ProducerConfig.ACKS_CONFIG, "all");
            producer =
                    new KafkaProducer<>(
                            sending, new ByteArraySerializer(), new ByteArraySerializer());
        }
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        thread.start();
        if (!caughtUp.await(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    "The control topic '%s' could not be read within %d s"
                            .formatted(settings.topic(), PATIENCE_MS / 1000));
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void run() {
        try {
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (!closing) {
                consumer.poll(POLL).forEach(log::add);
                boolean complete = consumer.position(partition) >= end;
                if (settings.readOnly()) {
                    if (complete) {
                        session.history(log.history());
                        return;
                    }
                    continue;
                }
                if (complete) {
                    step();
                    caughtUp.countDown();
                }
            }
        } catch (WakeupException e) {
            LOG.debug("The task is ending", e);
        } catch (KafkaException | IllegalStateException e) {
            LOG.error("The control topic '{}' cannot be followed", settings.topic(), e);
            failure =
                    new IllegalStateException(
                            "The control topic '%s' cannot be followed: %s"
                                    .formatted(settings.topic(), e.getMessage()),
                            e);
            session.fail(failure);
        } finally {
            caughtUp.countDown();
            consumer.close();
        }
    }

    /** Takes what was read into account: history first, then what is still claimed. */
    private void step() {
        warnOfUnreadable();
        session.counts(log.counts());
        ReleaseHistory history = log.history();
        int news = history.accepted().size() - session.history().accepted().size();
        if (news > 0) {
            session.history(history);
            LOG.info(
                    "Releases in force: {}",
                    history.accepted().stream()
                            .map(accepted -> ReleaseTopic.id(accepted.release()))
                            .toList());
        }
        List<ReleaseLog.Item> undecided = log.undecided();
        long from = Long.MAX_VALUE;
        for (ReleaseLog.Item item : undecided) {
            from = Math.min(from, item.release().map(r -> ms(r)).orElse(Long.MAX_VALUE));
        }
        session.claimFrom(from);
        // Read after the claim was written: see the session.
        long greatest = session.greatestMs();
        for (ReleaseLog.Item item : undecided) {
            if (item.release().isPresent() && voted.add(item.id())) {
                vote(item, item.release().get(), greatest);
            }
            if (subtask == 0) {
                lead(item);
            }
        }
    }

    private void warnOfUnreadable() {
        int unreadable = log.unreadable();
        if (unreadable > session.counts().unreadable()) {
            LOG.warn(
                    "The control topic '{}' holds {} records that are neither release nor vote nor decision; they say nothing and are skipped",
                    settings.topic(),
                    unreadable);
        }
    }

    private static long ms(ModelRelease release) {
        return release.activeFrom().toEpochMilli();
    }

    private void vote(ReleaseLog.Item item, ModelRelease release, long greatest) {
        String id = item.id();
        loader.execute(
                () -> {
                    String cause = "";
                    if (greatest < ms(release)) {
                        try {
                            session.versions()
                                    .load(
                                            Optional.of(release),
                                            release.role() == ReleaseRole.SHADOW);
                        } catch (ReleaseLoader.UnfitException | RuntimeException e) {
                            LOG.warn("Release {} cannot serve: {}", id, e.getMessage());
                            cause = String.valueOf(e.getMessage());
                        }
                    }
                    cast(id, new ReleaseTopic.Vote(subtask, parallelism, greatest, cause));
                });
    }

    private void cast(String id, ReleaseTopic.Vote vote) {
        if (closing) {
            return;
        }
        try {
            send(ReleaseTopic.vote(settings.topic(), id, vote));
        } catch (KafkaException e) {
            session.fail(e);
        }
    }

    /** Returns once the record is safe. */
    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }

    private void lead(ReleaseLog.Item item) {
        long since = pendingSince.computeIfAbsent(item.id(), id -> System.nanoTime());
        if (item.release().isEmpty()) {
            decide(item, "it cannot be read: " + item.malformed(), 0);
            return;
        }
        TreeSet<Integer> missing = new TreeSet<>();
        TreeSet<String> failures = new TreeSet<>();
        long greatest = Long.MIN_VALUE;
        for (int task = 0; task < parallelism; task++) {
            ReleaseTopic.Vote vote = item.votes().get(task);
            if (vote == null || vote.parallelism() != parallelism) {
                missing.add(task);
                continue;
            }
            greatest = Math.max(greatest, vote.greatestMs());
            if (!vote.failure().isEmpty()) {
                failures.add(vote.failure());
            }
        }
        if (greatest >= ms(item.release().get())) {
            decide(
                    item,
                    "records up to %s were scored before it was known"
                            .formatted(Instant.ofEpochMilli(greatest)),
                    greatest + 1);
        } else if (!failures.isEmpty()) {
            decide(item, String.join("; ", failures), 0);
        } else if (missing.isEmpty()) {
            decide(item, "", 0);
        } else if (System.nanoTime() - since
                > TimeUnit.MILLISECONDS.toNanos(settings.timeoutMs())) {
            decide(
                    item,
                    "tasks %s of %d did not answer within %d s"
                            .formatted(missing, parallelism, settings.timeoutMs() / 1000),
                    0);
        }
    }

    private void decide(ReleaseLog.Item item, String refusal, long earliestMs) {
        boolean accepted = refusal.isEmpty();
        ReleaseTopic.Decision decision =
                new ReleaseTopic.Decision(
                        accepted,
                        accepted ? log.nextSequence() : 0,
                        refusal,
                        earliestMs,
                        Instant.now());
        if (accepted) {
            LOG.info("Release {} is accepted", item.id());
        } else {
            LOG.warn("Release {} is refused: {}", item.id(), refusal);
        }
        send(ReleaseTopic.decision(settings.topic(), item.id(), decision));
        log.decideOnce(item, decision);
    }

    @Override
    public void close() throws Exception {
        closing = true;
        loader.shutdownNow();
        if (consumer != null) {
            consumer.wakeup();
        }
        thread.join(PATIENCE_MS);
        // A load under way may hold an engine that is not in the versions yet; it closes its own.
        var unused = loader.awaitTermination(PATIENCE_MS, TimeUnit.MILLISECONDS);
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
    }
}
