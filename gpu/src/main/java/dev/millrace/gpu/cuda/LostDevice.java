package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaException;
import dev.millrace.gpu.engine.CompletionListener;
import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Slot;
import dev.millrace.gpu.model.Plan;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of submissions once the device is lost: the twin scores them, or they fail. */
final class LostDevice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LostDevice.class);
    private static final String WAY_OUT = "; restart the process to use the device again";

    private final String message;
    private final CudaException cause;
    private final Optional<Twin> twin;
    private final Completion completion;

    private LostDevice(
            String message, CudaException cause, Optional<Twin> twin, Completion completion) {
        this.message = message;
        this.cause = cause;
        this.twin = twin;
        this.completion = completion;
    }

    /**
     * @param cause what the driver said, or null if it said nothing
     */
    static LostDevice of(
            String message,
            CudaException cause,
            String name,
            Plan plan,
            EngineOptions options,
            CudaSettings settings,
            Completion completion) {
        Optional<Twin> twin = Optional.empty();
        if (settings.fallback()) {
            try {
                twin = Optional.of(Twin.open(name, plan, options, message + WAY_OUT));
                LOG.error("{}; the CPU scores from here on, to the same bits{}", message, WAY_OUT);
            } catch (EngineException e) {
                LOG.error("{}, and the CPU cannot take over{}", message, WAY_OUT, e);
            }
        } else {
            LOG.error("{}, and cuda.fallback is none{}", message, WAY_OUT);
        }
        return new LostDevice(message, cause, twin, completion);
    }

    /** Of the twin, if there is one. */
    Optional<EngineDescription> description() {
        return twin.map(Twin::description);
    }

    long bytes() {
        return twin.map(Twin::bytes).orElse(0L);
    }

    void score(CudaSlot slot) {
        if (twin.isEmpty()) {
            completion.fail(
                    slot,
                    new EngineException(
                            EngineException.Kind.DEVICE_FATAL, message + WAY_OUT, cause));
            return;
        }
        long start = System.nanoTime();
        twin.get()
                .score(
                        slot,
                        new CompletionListener() {
                            @Override
                            public void onScored(Slot twins) {
                                completion.byTwin(slot, System.nanoTime() - start, null);
                            }

                            @Override
                            public void onFailed(Slot twins, EngineException failure) {
                                completion.byTwin(slot, System.nanoTime() - start, failure);
                            }
                        });
    }

    @Override
    public void close() {
        twin.ifPresent(Twin::close);
    }
}
