package dev.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.job.DeadLetterHeaders;
import dev.millrace.local.KafkaBroker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Holds what comes out of a lane, record by record, against what went in: {@link Numbers}. Fails at
 * the first record that is wrong, came before, or came after a later one of its partition.
 */
final class Account implements AutoCloseable {
    private final TopicReader results;
    private final Submitted submitted;
    private final Feeder feeder;
    private final long numbers;
    private final boolean exactlyOnce;
    private final LongFunction<Fate> fates;
    private final List<BitSet> seen = new ArrayList<>();
    private final long[] lastScored;
    private final long[] lastDead;
    private final AtomicLong count = new AtomicLong();
    private long repeated;

    private Account(
            KafkaBroker broker,
            int partitions,
            long numbers,
            long perSecond,
            boolean exactlyOnce,
            LongFunction<Fate> fates) {
        this.numbers = numbers;
        this.exactlyOnce = exactlyOnce;
        this.fates = fates;
        for (int partition = 0; partition < partitions; partition++) {
            seen.add(new BitSet());
        }
        lastScored = new long[partitions];
        lastDead = new long[partitions];
        Arrays.fill(lastScored, -1);
        Arrays.fill(lastDead, -1);
        results = new TopicReader(broker, partitions, Lane.SCORED, Lane.DEAD_LETTERS);
        submitted = new Submitted(broker, partitions);
        feeder = new Feeder(broker, partitions, numbers, perSecond, count::get);
    }

    /** Submits numbers from 0 on and sees that each comes out once, as its fate is, in order. */
    static Account exactlyOnce(
            KafkaBroker broker,
            int partitions,
            long numbers,
            long perSecond,
            LongFunction<Fate> fates) {
        return new Account(broker, partitions, numbers, perSecond, true, fates);
    }

    /**
     * Submits numbers from 0 on and sees that each comes out, in order when it comes out first, and
     * as its fate is however often it comes out.
     */
    static Account atLeastOnce(
            KafkaBroker broker,
            int partitions,
            long numbers,
            long perSecond,
            LongFunction<Fate> fates) {
        return new Account(broker, partitions, numbers, perSecond, false, fates);
    }

    /** Waits until so many records are out. */
    void await(long records) throws Exception {
        try {
            Eventually.await(
                    records + " records are out",
                    () -> {
                        look();
                        return count.get() >= records;
                    });
        } catch (AssertionError e) {
            throw new AssertionError(
                    "%d of %d records are out; missing: %s"
                            .formatted(count.get(), records, missing()),
                    e);
        }
    }

    /** Waits until everything that was submitted is out, and sees that nothing else is. */
    void closeBooks() throws Exception {
        Eventually.await(
                "everything is submitted",
                () -> {
                    look();
                    return feeder.isDone();
                });
        feeder.finish();
        assertThat(submitted.distinct()).as("different numbers submitted").isEqualTo(numbers);
        await(submitted.count());
        results.readToEnd(this::enter);
        assertThat(count.get()).as("records that are out").isEqualTo(submitted.count());
    }

    /** Reads what has come out since. */
    void look() {
        feeder.check();
        results.poll(this::enter);
    }

    /** Records that are out. */
    long count() {
        return count.get();
    }

    /** Records that came out although they were out. */
    long repeated() {
        return repeated;
    }

    private String missing() {
        List<String> gaps = new ArrayList<>();
        for (int partition = 0; partition < seen.size(); partition++) {
            gaps.add("%d:%d".formatted(partition, seen.get(partition).nextClearBit(0)));
        }
        return "from %s on".formatted(gaps);
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.topic().equals(Lane.SCORED)) {
                enterScored(record);
            } else {
                enterDeadLetter(record);
            }
        } catch (Exception e) {
            throw new IllegalStateException("Cannot enter " + record, e);
        }
    }

    private void enterScored(ConsumerRecord<byte[], byte[]> record) throws Exception {
        Scored scored = Scored.decode(record.value());
        long number = enter(scored.partition(), scored.offset(), lastScored, "scored");
        assertThat(fates.apply(number)).as("fate of %d, scored", number).isEqualTo(Fate.SCORED);
        assertThat(scored.scores())
                .as("scores of %d, at %d:%d", number, scored.partition(), scored.offset())
                .containsEntry("y", Numbers.scoreOf(number));
        assertThat(record.key()).isEqualTo(Numbers.key(number));
        assertThat(record.timestamp()).isEqualTo(Numbers.time(number));
        assertThat(record.partition()).isEqualTo(scored.partition());
    }

    private void enterDeadLetter(ConsumerRecord<byte[], byte[]> record) throws Exception {
        int partition = Integer.parseInt(Lane.header(record, DeadLetterHeaders.PARTITION));
        long offset = Long.parseLong(Lane.header(record, DeadLetterHeaders.OFFSET));
        long number = enter(partition, offset, lastDead, "a dead letter");
        assertThat(Lane.header(record, DeadLetterHeaders.KIND))
                .as("fate of %d, a dead letter", number)
                .isEqualTo(fates.apply(number).kind());
        assertThat(Lane.header(record, DeadLetterHeaders.MESSAGE)).isNotBlank();
        assertThat(Lane.header(record, DeadLetterHeaders.TOPIC)).isEqualTo(Lane.INPUT);
        assertThat(Lane.header(record, DeadLetterHeaders.PIPELINE)).isEqualTo(Lane.PIPELINE);
        assertThat(Instant.parse(Lane.header(record, DeadLetterHeaders.TIME)))
                .isBeforeOrEqualTo(Instant.now());
        assertThat(record.key()).isEqualTo(Numbers.key(number));
        assertThat(record.value()).isEqualTo(Numbers.value(number));
        assertThat(record.timestamp()).isEqualTo(Numbers.time(number));
        assertThat(Lane.header(record, Numbers.ID)).isEqualTo(Long.toString(number));
    }

    private long enter(int partition, long offset, long[] last, String what) throws Exception {
        long number = submitted.numberAt(partition, offset);
        if (seen.get(partition).get((int) offset)) {
            assertThat(exactlyOnce)
                    .as("%d at %d:%d is %s and was out", number, partition, offset, what)
                    .isFalse();
            repeated++;
            return number;
        }
        assertThat(offset)
                .as("offset in partition %d, where %d was %s", partition, last[partition], what)
                .isGreaterThan(last[partition]);
        seen.get(partition).set((int) offset);
        last[partition] = offset;
        count.incrementAndGet();
        return number;
    }

    @Override
    public void close() {
        feeder.close();
        submitted.close();
        results.close();
    }
}
