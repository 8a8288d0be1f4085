package dev.millrace.schema.feature;

import dev.millrace.schema.SmallFloats;
import dev.millrace.schema.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericRecord;

/**
 * What a row must hold, worked out the slow way from the record that Avro's own reader gives. An
 * answer of false means that the record must be refused.
 */
final class Oracle {
    private Oracle() {}

    static boolean fill(Object record, FeatureSpec spec, ByteBuffer[] tensors) {
        for (int t = 0; t < tensors.length; t++) {
            TensorFeatures input = spec.tensors().get(t);
            int at = 0;
            for (Feature feature : input.features()) {
                Object value = find(record, feature.segments());
                int elements = input.elements(feature);
                if (!put(value, feature, input, elements, tensors[t], at)) {
                    return false;
                }
                at += elements * input.layout().type().bytes();
            }
        }
        return true;
    }

    private static Object find(Object from, List<String> path) {
        Object value = from;
        for (String name : path) {
            if (value instanceof GenericRecord record) {
                value = record.hasField(name) ? record.get(name) : null;
            } else if (value instanceof Map<?, ?> map) {
                Object found = null;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (entry.getKey().toString().equals(name)) {
                        found = entry.getValue();
                    }
                }
                value = found;
            } else {
                return null;
            }
        }
        return value;
    }

    private static boolean put(
            Object value,
            Feature feature,
            TensorFeatures input,
            int elements,
            ByteBuffer out,
            int at) {
        TensorType type = input.layout().type();
        if (value instanceof List<?> list) {
            return putList(list, feature, input, elements, out, at);
        }
        if (value instanceof ByteBuffer || value instanceof GenericData.Fixed) {
            byte[] bytes = bytes(value);
            boolean image = feature.mapping() == FeatureMapping.UNSIGNED_BYTES;
            if (bytes.length != (image ? elements : elements * type.bytes())) {
                return false;
            }
            for (int i = 0; image && i < elements; i++) {
                if (!number(bytes[i] & 0xFF, type, out, at + i * type.bytes())) {
                    return false;
                }
            }
            for (int i = 0; !image && i < bytes.length; i++) {
                out.put(at + i, bytes[i]);
            }
            return true;
        }
        if (value == null) {
            if (feature.defaultValue().isEmpty()) {
                return false;
            }
            for (int i = 0; i < elements; i++) {
                if (!single(
                        feature.defaultValue().get(), feature, input, out, at + i * type.bytes())) {
                    return false;
                }
            }
            return true;
        }
        return elements == 1 && single(value, feature, input, out, at);
    }

    private static boolean putList(
            List<?> list,
            Feature feature,
            TensorFeatures input,
            int elements,
            ByteBuffer out,
            int at) {
        if (list.isEmpty() || elements % list.size() != 0) {
            return false;
        }
        int stride = elements / list.size();
        List<Integer> shape = input.layout().rowShape();
        if (list.get(0) instanceof List<?>) {
            // An array of arrays: as many as the tensor's first dimension.
            if (list.size() != shape.get(0)) {
                return false;
            }
        } else if (stride != 1) {
            return false;
        }
        for (int i = 0; i < list.size(); i++) {
            int offset = at + i * stride * input.layout().type().bytes();
            if (!put(list.get(i), feature, input, stride, out, offset)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(Object value) {
        if (value instanceof GenericData.Fixed fixed) {
            return fixed.bytes();
        }
        ByteBuffer buffer = ((ByteBuffer) value).duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static boolean single(
            Object value, Feature feature, TensorFeatures input, ByteBuffer out, int at) {
        TensorType type = input.layout().type();
        if (value instanceof Boolean bool) {
            return number(bool ? 1 : 0, type, out, at);
        }
        if (value instanceof Float bits && type == TensorType.FLOAT32) {
            // A float stays as it is, to the payload of a NaN.
            out.order(ByteOrder.nativeOrder()).putInt(at, Float.floatToRawIntBits(bits));
            return feature.categories().isEmpty();
        }
        if (value instanceof Number number) {
            boolean whole = number instanceof Integer || number instanceof Long;
            if (type == TensorType.CATEGORY || !feature.categories().isEmpty()) {
                return false;
            }
            return whole
                    ? number(number.longValue(), type, out, at)
                    : real(number.doubleValue(), type, out, at);
        }
        if (!(value instanceof CharSequence) && !(value instanceof GenericEnumSymbol<?>)) {
            return false;
        }
        String name = value.toString();
        if (type == TensorType.CATEGORY) {
            return number(input.layout().categories().indexOf(name), type, out, at);
        }
        if (!feature.categories().isEmpty()) {
            int index = feature.categories().indexOf(name);
            return index >= 0 && number(index, type, out, at);
        }
        if (value instanceof GenericEnumSymbol<?> symbol) {
            return number(symbol.getSchema().getEnumOrdinal(name), type, out, at);
        }
        return false;
    }

    private static boolean number(long value, TensorType type, ByteBuffer out, int at) {
        out.order(ByteOrder.nativeOrder());
        switch (type) {
            case FLOAT32 -> out.putFloat(at, (float) value);
            case FLOAT64 -> out.putDouble(at, (double) value);
            case FLOAT16 -> out.putShort(at, SmallFloats.toFloat16(value));
            case BFLOAT16 -> out.putShort(at, SmallFloats.toBfloat16(value));
            case INT64, UINT64 -> out.putLong(at, value);
            case INT32, UINT32, CATEGORY -> out.putInt(at, (int) value);
            case INT16, UINT16 -> out.putShort(at, (short) value);
            case INT8, UINT8, BOOL -> out.put(at, (byte) value);
        }
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT64 -> true;
            case UINT64 -> value >= 0;
            case INT32, CATEGORY -> value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE;
            case UINT32 -> value >= 0 && value < 1L << 32;
            case INT16 -> value >= -32768 && value < 32768;
            case UINT16 -> value >= 0 && value < 65536;
            case INT8 -> value >= -128 && value < 128;
            case UINT8 -> value >= 0 && value < 256;
            case BOOL -> value == 0 || value == 1;
        };
    }

    private static boolean real(double value, TensorType type, ByteBuffer out, int at) {
        out.order(ByteOrder.nativeOrder());
        switch (type) {
            case FLOAT32 -> out.putFloat(at, (float) value);
            case FLOAT64 -> out.putDouble(at, value);
            case FLOAT16 -> out.putShort(at, SmallFloats.toFloat16(value));
            case BFLOAT16 -> out.putShort(at, SmallFloats.toBfloat16(value));
            case INT64, UINT64, INT32, UINT32, CATEGORY, INT16, UINT16, INT8, UINT8, BOOL -> {
                // 2^63 itself does not fit, and (double) (long) 2^63 is 2^63 by saturation.
                boolean whole = (double) (long) value == value && value != 0x1p63;
                return whole && number((long) value, type, out, at);
            }
        }
        return true;
    }
}
