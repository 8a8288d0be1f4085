package dev.millrace.job.release;

import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Stands before the inference and lets records through in their order, but none that a pending
 * release claims. Its state is the greatest timestamp that went through, of all tasks together, so
 * that a release is held against it after a restore at any parallelism.
 */
public final class ReleaseGate
        extends RichMapFunction<ConsumerRecord<byte[], byte[]>, ConsumerRecord<byte[], byte[]>>
        implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final ReleaseSettings settings;
    private transient ReleaseSession session;
    private transient ReleaseListener listener;
    private transient ListState<Long> greatest;
    private transient long restoredMs;

    public ReleaseGate(ReleaseSettings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        greatest =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>("greatest-timestamp", Types.LONG));
        restoredMs = Long.MIN_VALUE;
        for (long timestamp : greatest.get()) {
            restoredMs = Math.max(restoredMs, timestamp);
        }
    }

    @Override
    public void open(OpenContext context) throws Exception {
        session = VersionedEngineProvider.session(getRuntimeContext());
        session.restore(restoredMs);
        ReleaseMetrics.register(getRuntimeContext().getMetricGroup(), session);
        listener =
                new ReleaseListener(
                        settings,
                        session,
                        getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                        getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks());
        listener.start();
    }

    @Override
    public ConsumerRecord<byte[], byte[]> map(ConsumerRecord<byte[], byte[]> record)
            throws Exception {
        session.pass(record.timestamp());
        return record;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        greatest.update(List.of(session.greatestMs()));
    }

    @Override
    public void close() throws Exception {
        if (listener != null) {
            listener.close();
        }
    }
}
