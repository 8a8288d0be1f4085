package dev.millrace.schema.wire;

import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.feature.JsonFeaturePlan;
import java.nio.ByteBuffer;

/** JSON: the value is one object in UTF-8, with no header. */
public final class JsonRecordDecoder implements RecordDecoder {
    private final JsonFeaturePlan plan;

    public JsonRecordDecoder(JsonFeaturePlan plan) {
        this.plan = plan;
    }

    @Override
    public void decode(byte[] value, ByteBuffer[] tensors, int row) throws RecordDecodingException {
        WireValues.checkPresent(value);
        plan.decode(value, tensors, row);
    }
}
