package dev.millrace.job.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ModelRelease;
import dev.millrace.schema.ReleaseRole;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class ReleaseHistoryTest {
    private static ModelRelease release(int version, ReleaseRole role, double share, long fromMs) {
        return new ModelRelease(
                new ModelIdentity("fraud", String.valueOf(version), "ab".repeat(32)),
                URI.create("file:///m.onnx"),
                Instant.ofEpochMilli(fromMs),
                role,
                share,
                List.of());
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, long offset) {
        byte[] bytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        return new ConsumerRecord<>("payments", 0, offset, bytes, new byte[0]);
    }

    @Test
    void theChampionBeforeIsThatOfTheTimeBefore() {
        ReleaseHistory history = ReleaseHistory.EMPTY;
        assertThat(history.beforeChampionAt(5)).isEmpty();
        history = history.with(accepted(1, release(8, ReleaseRole.CHAMPION, 1, 10)));
        history = history.with(accepted(2, release(9, ReleaseRole.CHALLENGER, 0.1, 15)));
        history = history.with(accepted(3, release(8, ReleaseRole.CHAMPION, 1, 20)));
        history = history.with(accepted(4, release(10, ReleaseRole.CHAMPION, 1, 30)));
        assertThat(history.beforeChampionAt(5)).isEmpty();
        // The pipeline's own, which has no release; 10 is not there yet.
        assertThat(history.beforeChampionAt(25).orElseThrow().champion()).isEmpty();
        assertThat(history.beforeChampionAt(40).orElseThrow().champion().orElseThrow().model())
                .extracting(ModelIdentity::version)
                .isEqualTo("8");
    }

    private static ReleaseHistory.Accepted accepted(long sequence, ModelRelease release) {
        return new ReleaseHistory.Accepted(release, sequence);
    }

    /** Whatever order releases arrive in, the choice is that of a walk through all of them. */
    @Test
    void choosesAsAWalkThroughAllReleasesDoes() {
        long seed = System.nanoTime();
        System.out.println("ReleaseHistoryTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<ReleaseHistory.Accepted> releases = new ArrayList<>();
            for (int i = 0; i < random.nextInt(8); i++) {
                ReleaseRole role = List.of(ReleaseRole.values()).get(random.nextInt(3));
                double share = role == ReleaseRole.CHALLENGER ? 0.3 : 1;
                releases.add(
                        new ReleaseHistory.Accepted(
                                release(i, role, share, random.nextInt(20)), i + 1));
            }
            List<ReleaseHistory.Accepted> shuffled = new ArrayList<>(releases);
            Collections.shuffle(shuffled, random);
            ReleaseHistory history = ReleaseHistory.EMPTY;
            for (ReleaseHistory.Accepted accepted : shuffled) {
                history = history.with(accepted);
            }
            for (long timestamp = -2; timestamp < 22; timestamp++) {
                for (double share : new double[] {0, 0.29, 0.3, 0.99}) {
                    ReleaseHistory.Span span = history.at(timestamp);
                    assertThat(span.main(share))
                            .isEqualTo(naive(releases, timestamp, share, ReleaseRole.CHAMPION));
                    assertThat(span.shadow())
                            .isEqualTo(naive(releases, timestamp, share, ReleaseRole.SHADOW));
                }
            }
        }
    }

    private static Optional<ModelRelease> naive(
            List<ReleaseHistory.Accepted> releases, long timestamp, double share, ReleaseRole of) {
        List<ReleaseHistory.Accepted> before =
                releases.stream()
                        .filter(a -> a.release().activeFrom().toEpochMilli() <= timestamp)
                        .sorted(
                                Comparator.comparing(
                                                (ReleaseHistory.Accepted a) ->
                                                        a.release().activeFrom())
                                        .thenComparingLong(ReleaseHistory.Accepted::sequence))
                        .toList();
        ModelRelease champion = null;
        ModelRelease challenger = null;
        ModelRelease shadow = null;
        for (ReleaseHistory.Accepted accepted : before) {
            switch (accepted.release().role()) {
                case CHAMPION -> {
                    champion = accepted.release();
                    challenger = null;
                    shadow = null;
                }
                case CHALLENGER -> challenger = accepted.release();
                case SHADOW -> shadow = accepted.release();
            }
        }
        if (of == ReleaseRole.SHADOW) {
            return Optional.ofNullable(shadow);
        }
        return Optional.ofNullable(
                challenger != null && share < challenger.share() ? challenger : champion);
    }

    @Test
    void aKeyHasItsPlaceForEverAndPlacesAreEven() {
        // A place that was written down: audits of old scores depend on it.
        assertThat(KeyShare.of(record("card-1", 0))).isEqualTo(KeyShare.of(record("card-1", 9)));
        int below = 0;
        for (int i = 0; i < 20_000; i++) {
            double place = KeyShare.of(record("card-" + i, i));
            assertThat(place).isBetween(0.0, 1.0);
            below += place < 0.05 ? 1 : 0;
        }
        assertThat(below).isBetween(850, 1150);
        assertThat(KeyShare.of(record(null, 1))).isNotEqualTo(KeyShare.of(record(null, 2)));
    }

    /** Within one partition, whose number comes from the same hash, shares are even too. */
    @Test
    void placesAreEvenWithinAPartition() {
        int total = 0;
        int below = 0;
        for (int i = 0; i < 80_000; i++) {
            byte[] key = ("card-" + i).getBytes(StandardCharsets.UTF_8);
            int hash = Utils.murmur2(key) & 0x7fffffff;
            if (hash % 8 == 3) {
                total++;
                below += KeyShare.of(record("card-" + i, i)) < 0.1 ? 1 : 0;
            }
        }
        assertThat(below / (double) total).isBetween(0.085, 0.115);
    }

    @Test
    void logTakesARecordOnceAndReadsWhatItWrote() {
        ReleaseLog log = new ReleaseLog();
        ModelRelease release = release(8, ReleaseRole.CHALLENGER, 0.05, 1000);
        String id = ReleaseTopic.id(release);
        log.add(read(ReleaseTopic.release("control", release)));
        log.add(read(ReleaseTopic.release("control", release)));
        assertThat(log.undecided()).hasSize(1);
        log.add(read(ReleaseTopic.vote("control", id, new ReleaseTopic.Vote(1, 2, 17, "no"))));
        assertThat(log.undecided().get(0).votes())
                .containsEntry(1, new ReleaseTopic.Vote(1, 2, 17, "no"));
        log.add(
                read(
                        ReleaseTopic.decision(
                                "control",
                                id,
                                new ReleaseTopic.Decision(true, 1, "", 0, Instant.EPOCH))));
        log.add(
                read(
                        ReleaseTopic.decision(
                                "control",
                                id,
                                new ReleaseTopic.Decision(false, 0, "late", 5, Instant.EPOCH))));
        assertThat(log.undecided()).isEmpty();
        assertThat(log.history().accepted()).hasSize(1);
        assertThat(log.nextSequence()).isEqualTo(2);
    }

    /** As a compacted topic has it when a release was sent again after its decision. */
    @Test
    void aReleaseBehindItsDecisionCountsAsBefore() {
        ModelRelease release = release(8, ReleaseRole.CHAMPION, 1, 1000);
        ReleaseTopic.Decision accepted = new ReleaseTopic.Decision(true, 3, "", 0, Instant.EPOCH);
        ReleaseLog log = new ReleaseLog();
        log.add(read(ReleaseTopic.decision("control", ReleaseTopic.id(release), accepted)));
        log.add(read(ReleaseTopic.release("control", release)));
        log.add(read(ReleaseTopic.release("control", release)));
        assertThat(log.history().accepted())
                .containsExactly(new ReleaseHistory.Accepted(release, 3));
        assertThat(log.nextSequence()).isEqualTo(4);
    }

    /** Compaction would otherwise put the second in the first one's place. */
    @Test
    void releasesThatDifferInAnythingHaveIdsOfTheirOwn() {
        assertThat(ReleaseTopic.id(release(8, ReleaseRole.CHALLENGER, 0.05, 1000)))
                .isNotEqualTo(ReleaseTopic.id(release(8, ReleaseRole.CHALLENGER, 0.2, 1000)))
                .isEqualTo(ReleaseTopic.id(release(8, ReleaseRole.CHALLENGER, 0.05, 1000)))
                .startsWith("fraud:8|challenger|1970-01-01T00:00:01Z|");
    }

    @Test
    void whatSaysNothingIsCountedAndTheDeletionOfARecordIsNot() {
        ReleaseLog log = new ReleaseLog();
        byte[] key = "decision|x".getBytes(StandardCharsets.UTF_8);
        byte[] noTime = "{\"accepted\": true, \"at\": \"soon\"}".getBytes(StandardCharsets.UTF_8);
        log.add(new ConsumerRecord<>("control", 0, 0, null, new byte[1]));
        log.add(new ConsumerRecord<>("control", 0, 1, key, noTime));
        log.add(new ConsumerRecord<>("control", 0, 2, key, null));
        assertThat(log.unreadable()).isEqualTo(2);
        assertThat(log.items()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsUndecidedAndHarmsNobody() {
        ReleaseLog log = new ReleaseLog();
        ConsumerRecord<byte[], byte[]> malformed =
                new ConsumerRecord<>(
                        "control",
                        0,
                        0,
                        "release|fraud:9|champion|x".getBytes(StandardCharsets.UTF_8),
                        new byte[] {1, 2, 3});
        log.add(malformed);
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] value = new byte[random.nextInt(60)];
            random.nextBytes(value);
            String kind = List.of("release|", "vote|", "decision|", "", "x").get(i % 5);
            log.add(
                    new ConsumerRecord<>(
                            "control",
                            0,
                            i,
                            (kind + random.nextInt(5)).getBytes(StandardCharsets.UTF_8),
                            value));
        }
        assertThat(log.counts().pending()).isPositive();
        assertThat(log.items().get(0).malformed()).isNotEmpty();
        assertThat(log.history().accepted()).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> read(ProducerRecord<byte[], byte[]> sent) {
        return new ConsumerRecord<>("control", 0, 0, sent.key(), sent.value());
    }
}
