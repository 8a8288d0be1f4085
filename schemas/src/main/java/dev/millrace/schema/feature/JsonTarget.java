package dev.millrace.schema.feature;

import dev.millrace.schema.TensorType;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/** Puts values of JSON into a target's elements. Immutable. */
final class JsonTarget {
    private static final byte[] NO_DEFAULT = {};

    private final FeatureTarget target;
    private final Map<String, Integer> symbols;
    private final int unknownSymbol;
    private final byte[] image;
    private final byte[] elementImage;

    /**
     * @param enumeration the schema's enum at this path, whose ordinals count where the target has
     *     no categories of its own
     */
    JsonTarget(FeatureTarget target, Optional<Schema> enumeration) {
        this.target = target;
        this.image = target.defaultImage().orElse(NO_DEFAULT);
        this.elementImage =
                image == NO_DEFAULT ? NO_DEFAULT : Arrays.copyOf(image, target.type().bytes());
        boolean ordinals = !target.takesStrings() && enumeration.isPresent();
        List<String> names = ordinals ? enumeration.get().getEnumSymbols() : target.categories();
        this.symbols = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            symbols.putIfAbsent(names.get(i), i);
        }
        this.unknownSymbol = unknownSymbol(target, ordinals, enumeration);
    }

    private static int unknownSymbol(
            FeatureTarget target, boolean ordinals, Optional<Schema> enumeration) {
        if (target.type() == TensorType.CATEGORY) {
            return ByteKeys.ABSENT;
        }
        if (ordinals && enumeration.get().getEnumDefault() != null) {
            return enumeration.get().getEnumOrdinal(enumeration.get().getEnumDefault());
        }
        return Program.UNKNOWN_SYMBOL;
    }

    int elements() {
        return target.elements();
    }

    TensorType type() {
        return target.type();
    }

    String inputName() {
        return target.layout().name();
    }

    List<Integer> rowShape() {
        return target.layout().rowShape();
    }

    boolean takesStrings() {
        return target.takesStrings();
    }

    boolean takesBytes() {
        return target.feature().mapping() != FeatureMapping.VALUE;
    }

    /** Fills all elements with the default; answers false where there is none. */
    boolean putDefault(RowWriter row) {
        row.copy(target.tensor(), target.offset(), image, 0, image.length);
        return image != NO_DEFAULT;
    }

    /** Fills one element with the default; answers false where there is none. */
    boolean putDefault(RowWriter row, int element) {
        row.copy(target.tensor(), offset(element), elementImage, 0, elementImage.length);
        return elementImage != NO_DEFAULT;
    }

    boolean putLong(RowWriter row, int element, long value) {
        return row.putLong(target.tensor(), offset(element), target.type(), value);
    }

    boolean putDouble(RowWriter row, int element, double value) {
        return row.putDouble(target.tensor(), offset(element), target.type(), value);
    }

    /** Whether strings stand for numbers here: categories, or symbols of an enum. */
    boolean hasSymbols() {
        return target.takesStrings() || !symbols.isEmpty();
    }

    boolean putSymbol(RowWriter row, int element, String symbol) {
        int index = symbols.getOrDefault(symbol, unknownSymbol);
        return index != Program.UNKNOWN_SYMBOL && putLong(row, element, index);
    }

    /** How many bytes the target takes as base64. */
    int wantedBytes() {
        boolean unsigned = target.feature().mapping() == FeatureMapping.UNSIGNED_BYTES;
        return unsigned ? target.elements() : target.bytes();
    }

    /** Decodes base64 strictly: the standard alphabet, padded, nothing else. */
    static byte[] base64(String text) {
        return Base64.getDecoder().decode(text);
    }

    /** Writes as many bytes as wanted; answers false where one does not fit the type. */
    boolean putBytes(RowWriter row, byte[] bytes) {
        boolean unsigned = target.feature().mapping() == FeatureMapping.UNSIGNED_BYTES;
        if (!unsigned && target.type() != TensorType.BOOL) {
            row.copyLittleEndian(
                    target.tensor(), target.offset(), bytes, 0, bytes.length, type().bytes());
            return true;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (!putLong(row, i, bytes[i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    private int offset(int element) {
        return target.offset() + element * target.type().bytes();
    }
}
