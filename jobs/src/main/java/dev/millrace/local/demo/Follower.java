package dev.millrace.local.demo;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Follows a running demo to its end and shows how it stands. One thread. */
final class Follower {
    private static final long POLL_NANOS = 50_000_000;

    /** More than a checkpoint's interval, so that the job never waits for records. */
    private static final double LEAD_SECONDS = 2;

    private static final long DISK_CHECK_NANOS = 5_000_000_000L;

    private final DemoOptions options;
    private final StateDirectory state;
    private final BooleanSupplier stopAsked;
    private final DemoView view;
    private final long beginNanos = System.nanoTime();
    private long shownNanos = beginNanos;
    private long diskCheckedNanos = beginNanos;
    private String phase = "running";

    Follower(DemoOptions options, StateDirectory state, BooleanSupplier stopAsked, DemoView view) {
        this.options = options;
        this.state = state;
        this.stopAsked = stopAsked;
        this.view = view;
    }

    /** Returns when everything that was submitted is out, and nothing more will be submitted. */
    void follow(Submitter submitter, Watch watch, DemoJob job) {
        Progress progress = new Progress(beginNanos, submitter.count(), watch.totals().accounted());
        while (!(submitter.done() && watch.totals().accounted() >= submitter.count())) {
            submitter.check();
            watch.check();
            job.check();
            stopWhereDue(submitter);
            long now = System.nanoTime();
            progress.look(now, submitter.count(), watch.totals().accounted());
            submitter.setLead((long) (LEAD_SECONDS * progress.donePerSecond()));
            if (now - shownNanos >= view.intervalMs() * 1_000_000) {
                show(submitter, watch, job, progress);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        submitter.check();
        phase = "done";
        show(submitter, watch, job, progress);
    }

    private void stopWhereDue(Submitter submitter) {
        if (submitter.done()) {
            phase = "finishing";
            return;
        }
        if (stopAsked.getAsBoolean()) {
            submitter.stop();
            return;
        }
        long now = System.nanoTime();
        if (now - diskCheckedNanos < DISK_CHECK_NANOS) {
            return;
        }
        diskCheckedNanos = now;
        long sizeBytes = state.sizeBytes();
        if (sizeBytes > options.maxDiskBytes()) {
            view.say(
                    "%s has reached %s MB, so no more is submitted (--max-disk)"
                            .formatted(state.root(), Texts.count(sizeBytes >> 20)));
            submitter.stop();
        }
    }

    private void show(Submitter submitter, Watch watch, DemoJob job, Progress progress) {
        shownNanos = System.nanoTime();
        Ledger.Totals totals = watch.totals();
        Optional<String> trouble = job.trouble();
        view.show(
                new DemoStatus(
                        (shownNanos - beginNanos) / 1_000_000_000,
                        trouble.map(cause -> "recovering: " + cause).orElse(phase),
                        submitter.count(),
                        state.plan().records(),
                        totals,
                        progress.submittedPerSecond(),
                        progress.donePerSecond(),
                        progress.curve(),
                        watch.latestLatency(),
                        job.operator().batching(),
                        job.operator().engine(),
                        watch.samples()));
    }
}
