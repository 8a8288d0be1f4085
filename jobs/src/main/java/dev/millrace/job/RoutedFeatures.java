package dev.millrace.job;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.job.release.ReleaseSession;
import dev.millrace.job.release.VersionedEngine;
import dev.millrace.job.release.VersionedEngineProvider;
import dev.millrace.operator.inference.FeatureWriter;
import dev.millrace.operator.inference.ServedModel;
import java.nio.ByteBuffer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Writes a record's features and, behind them, the versions that score it. */
final class RoutedFeatures implements FeatureWriter<ConsumerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    private final RecordFeatures features;
    private transient ReleaseSession session;
    private transient int routeInput;

    RoutedFeatures(RecordFeatures features) {
        this.features = features;
    }

    @Override
    public void open(ServedModel model, RuntimeContext context) {
        session = VersionedEngineProvider.session(context);
        routeInput = model.signature().inputs().size() - 1;
        features.open(session.lane(0), context);
    }

    @Override
    public void write(ConsumerRecord<byte[], byte[]> record, Slot slot, int row) throws Exception {
        features.write(record, slot, row);
        long choice = session.choose(record);
        ByteBuffer route = slot.input(routeInput);
        int at = row * VersionedEngine.ROUTE_BYTES;
        route.putInt(at, ReleaseSession.main(choice));
        route.putInt(at + Integer.BYTES, ReleaseSession.shadow(choice));
    }
}
