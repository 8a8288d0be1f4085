package dev.millrace.schema.wire;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.feature.FeaturePlan;
import java.nio.ByteBuffer;

/** Plain Avro: the value is one record of a schema known beforehand, and nothing else. */
public final class AvroRecordDecoder implements RecordDecoder {
    private final FeaturePlan plan;

    public AvroRecordDecoder(FeaturePlan plan) {
        this.plan = plan;
    }

    @Override
    public void decode(byte[] value, ByteBuffer[] tensors, int row) throws RecordDecodingException {
        WireValues.checkPresent(value);
        plan.decode(value, tensors, row);
    }
}
