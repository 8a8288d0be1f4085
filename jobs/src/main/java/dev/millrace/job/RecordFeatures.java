package dev.millrace.job;

import dev.millrace.gpu.engine.Slot;
import dev.millrace.operator.deadletter.RejectedRecordException;
import dev.millrace.operator.inference.FeatureWriter;
import dev.millrace.operator.inference.ServedModel;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.wire.RecordDecoder;
import java.nio.ByteBuffer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes a record's value straight into a row of a micro-batch. */
final class RecordFeatures implements FeatureWriter<ConsumerRecord<byte[], byte[]>> {
    private static final long serialVersionUID = 1L;

    private final WireFormat format;
    private final FeatureSelection features;
    private transient RecordDecoder decoder;
    private transient SlotBuffers inputs;

    RecordFeatures(WireFormat format, FeatureSelection features) {
        this.format = format;
        this.features = features;
    }

    @Override
    public void open(ServedModel model, RuntimeContext context) {
        decoder = format.newDecoder(features.forModel(model.signature()));
        inputs = SlotBuffers.ofInputs(model.signature());
    }

    @Override
    public void write(ConsumerRecord<byte[], byte[]> record, Slot slot, int row)
            throws RejectedRecordException {
        ByteBuffer[] tensors = inputs.of(slot);
        try {
            decoder.decode(record.value(), tensors, row);
        } catch (RecordDecodingException e) {
            throw new RejectedRecordException(e.getMessage(), e);
        }
    }
}
