package dev.millrace.schema.feature;

import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * A feature and the elements of a tensor's row that it fills.
 *
 * @param tensor index of the tensor in the spec
 * @param offset byte offset of its first element in the row
 * @param elements how many elements it fills
 */
record FeatureTarget(Feature feature, TensorLayout layout, int tensor, int offset, int elements) {
    TensorType type() {
        return layout.type();
    }

    int bytes() {
        return elements * type().bytes();
    }

    /** The strings this target knows; empty where it takes numbers only. */
    List<String> categories() {
        return type() == TensorType.CATEGORY ? layout.categories() : feature.categories();
    }

    boolean takesStrings() {
        return type() == TensorType.CATEGORY || !feature.categories().isEmpty();
    }

    /** The feature's default as the bytes that fill its elements, in native byte order. */
    Optional<byte[]> defaultImage() {
        return feature.defaultValue().map(this::image);
    }

    /** A value as the bytes that fill the target's elements. */
    private byte[] image(Object value) {
        byte[] image = new byte[bytes()];
        ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.nativeOrder());
        RowWriter writer = new RowWriter(List.of(layout));
        writer.start(new ByteBuffer[] {buffer}, 0);
        for (int i = 0; i < elements; i++) {
            if (!put(writer, i * type().bytes(), value)) {
                throw new UnusableFeatureException(
                        "Default %s of feature %s does not fit input %s of type %s"
                                .formatted(value, feature.path(), layout.name(), type()));
            }
        }
        return image;
    }

    private boolean put(RowWriter writer, int at, Object value) {
        if (value instanceof String name) {
            int index = categories().indexOf(name);
            boolean known = index >= 0 || type() == TensorType.CATEGORY;
            return takesStrings() && known && writer.putLong(0, at, type(), index);
        }
        if (type() == TensorType.CATEGORY) {
            return false;
        }
        if (value instanceof Long number) {
            return writer.putLong(0, at, type(), number);
        }
        return writer.putDouble(0, at, type(), ((Number) value).doubleValue());
    }
}
