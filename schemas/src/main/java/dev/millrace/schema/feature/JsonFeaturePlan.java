package dev.millrace.schema.feature;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.RecordDecodingException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * A feature spec compiled for JSON objects: reads the tokens once and writes the features straight
 * into a row, building no tree.
 *
 * <p>A number is a long where it is written without fraction and exponent, else a double, and
 * converts from there as {@link FeatureSpec} says. Fields that no feature needs are skipped; a
 * field that a feature needs must not come twice. Null takes the feature's default, an absent field
 * the schema's, then the feature's. Strings {@code "NaN"}, {@code "Infinity"} and {@code
 * "-Infinity"} are numbers. Nesting ends at {@value FeaturePlan#MAX_DEPTH} levels.
 *
 * <p>Not thread-safe: one per task.
 */
public final class JsonFeaturePlan {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(FeaturePlan.MAX_DEPTH)
                                    .build())
                    .build();

    private final JsonStep root;
    private final RowWriter row;

    private JsonParser parser;
    private long readings;

    /** Elements of the current array that were read. */
    private int items;

    private JsonFeaturePlan(JsonStep root, RowWriter row) {
        this.root = root;
        this.row = row;
    }

    /** Compiles a spec for objects without a schema: what is wrong shows with the first record. */
    public static JsonFeaturePlan compile(FeatureSpec spec) {
        return compile(spec, Optional.empty());
    }

    /**
     * Compiles a spec for objects that follow a schema: paths are checked, names of enum symbols
     * stand for their ordinals, and the schema's defaults and aliases count.
     *
     * @throws UnusableFeatureException if the schema lacks a feature or cannot feed it; names all
     */
    public static JsonFeaturePlan compile(FeatureSpec spec, Schema schema) {
        return compile(spec, Optional.of(schema));
    }

    private static JsonFeaturePlan compile(FeatureSpec spec, Optional<Schema> schema) {
        JsonStep root = JsonCompiler.compile(spec, schema);
        return new JsonFeaturePlan(
                root, new RowWriter(spec.tensors().stream().map(TensorFeatures::layout).toList()));
    }

    /**
     * Decodes one JSON object, in UTF-8, into a row. After an exception the row's contents are
     * undefined.
     *
     * @param tensors one buffer per tensor of the spec, in native byte order
     */
    public void decode(byte[] value, ByteBuffer[] tensors, int rowIndex)
            throws RecordDecodingException {
        row.start(tensors, rowIndex);
        try (JsonParser opened = FACTORY.createParser(value)) {
            parser = opened;
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw fault(Kind.MALFORMED, "", "is " + describe() + ", not a JSON object");
            }
            object(root);
            if (parser.nextToken() != null) {
                throw fault(Kind.MALFORMED, "", "more follows the JSON object: " + describe());
            }
        } catch (JacksonException e) {
            throw new RecordDecodingException(
                    Kind.MALFORMED,
                    "The record, byte %d of %d: not JSON: %s"
                            .formatted(position(e), value.length, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new RecordDecodingException(
                    Kind.MALFORMED, "The record is not JSON: " + e.getMessage(), e);
        }
    }

    private void object(JsonStep step) throws IOException, RecordDecodingException {
        long reading = ++readings;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            JsonStep child = step.byName.get(parser.currentName());
            parser.nextToken();
            if (child == null) {
                parser.skipChildren();
                continue;
            }
            if (child.seen == reading) {
                throw fault(Kind.MALFORMED, child.path, "comes twice");
            }
            value(child);
            child.seen = reading;
        }
        for (JsonStep child : step.children) {
            if (child.seen != reading) {
                absent(child);
            }
        }
    }

    private void value(JsonStep step) throws IOException, RecordDecodingException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            missing(step);
            return;
        }
        if (token == JsonToken.START_OBJECT) {
            if (step.targets.length > 0) {
                throw fault(
                        Kind.MALFORMED,
                        step.path,
                        "is an object where a value is needed; name a field of it in the path");
            }
            object(step);
            return;
        }
        if (!step.children.isEmpty()) {
            throw fault(
                    Kind.MALFORMED,
                    step.path,
                    "is "
                            + describe()
                            + " where an object is needed, for "
                            + step.children.get(0).path);
        }
        if (token == JsonToken.START_ARRAY && !takesBytes(step)) {
            items = 0;
            array(step, true);
            return;
        }
        for (JsonTarget target : step.targets) {
            single(step, target);
        }
    }

    private static boolean takesBytes(JsonStep step) {
        for (JsonTarget target : step.targets) {
            if (target.takesBytes()) {
                return true;
            }
        }
        return false;
    }

    private void absent(JsonStep step) throws IOException, RecordDecodingException {
        if (step.schemaDefault.length == 0) {
            missing(step);
            return;
        }
        JsonParser record = parser;
        try (JsonParser standIn = FACTORY.createParser(step.schemaDefault)) {
            parser = standIn;
            parser.nextToken();
            value(step);
        } finally {
            parser = record;
        }
    }

    private void missing(JsonStep step) throws RecordDecodingException {
        for (JsonTarget target : step.targets) {
            if (!target.putDefault(row)) {
                throw fault(
                        Kind.MISSING, step.path, "null or missing, and the feature has no default");
            }
        }
        for (JsonStep child : step.children) {
            missing(child);
        }
    }

    /** A value that is no array: fills a target of one element, or of bytes. */
    private void single(JsonStep step, JsonTarget target)
            throws IOException, RecordDecodingException {
        if (target.takesBytes()) {
            bytes(step, target);
            return;
        }
        if (target.elements() != 1) {
            throw fault(
                    Kind.WRONG_SHAPE,
                    step.path,
                    "is %s, input %s takes %d values"
                            .formatted(describe(), target.inputName(), target.elements()));
        }
        element(step, target, 0);
    }

    /**
     * Reads an array, in row-major order where arrays are nested.
     *
     * @return how many levels of arrays it has, itself included
     */
    private int array(JsonStep step, boolean outermost)
            throws IOException, RecordDecodingException {
        int first = items;
        int levels = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean nested = parser.currentToken() == JsonToken.START_ARRAY;
            int itemLevels = nested ? array(step, false) : item(step);
            if (levels != 0 && levels != itemLevels + 1) {
                throw fault(
                        Kind.WRONG_SHAPE, step.path, "has arrays and single values side by side");
            }
            levels = itemLevels + 1;
        }
        levels = Math.max(levels, 1);
        for (JsonTarget target : step.targets) {
            int wanted = outermost ? target.elements() : innerLength(target, levels);
            if (items - first != wanted) {
                throw wrongLength(step, target, levels, items - first, wanted);
            }
        }
        return levels;
    }

    private int item(JsonStep step) throws IOException, RecordDecodingException {
        for (JsonTarget target : step.targets) {
            if (items >= target.elements()) {
                throw wrongLength(step, target, 1, items + 1, target.elements());
            }
            if (parser.currentToken() != JsonToken.VALUE_NULL) {
                element(step, target, items);
            } else if (!target.putDefault(row, items)) {
                throw fault(Kind.MISSING, step.path, "has a null, and the feature has no default");
            }
        }
        items++;
        return 0;
    }

    /** The size of an inner array with so many levels: the last dimensions of the row. */
    private static int innerLength(JsonTarget target, int levels) {
        int dimensions = target.rowShape().size();
        if (dimensions <= levels) {
            return -1;
        }
        int length = 1;
        for (int i = dimensions - levels; i < dimensions; i++) {
            length *= target.rowShape().get(i);
        }
        return length;
    }

    private void element(JsonStep step, JsonTarget target, int element)
            throws IOException, RecordDecodingException {
        boolean fits =
                switch (parser.currentToken()) {
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                            !target.takesStrings() && number(target, element);
                    case VALUE_TRUE -> !target.takesStrings() && target.putLong(row, element, 1);
                    case VALUE_FALSE -> !target.takesStrings() && target.putLong(row, element, 0);
                    case VALUE_STRING -> string(target, element);
                    case VALUE_NULL,
                            VALUE_EMBEDDED_OBJECT,
                            START_OBJECT,
                            END_OBJECT,
                            START_ARRAY,
                            END_ARRAY,
                            FIELD_NAME,
                            NOT_AVAILABLE ->
                            false;
                };
        if (!fits) {
            throw fault(
                    Kind.OUT_OF_RANGE,
                    step.path,
                    "%s does not fit input %s of type %s"
                            .formatted(describe(), target.inputName(), target.type()));
        }
    }

    private boolean number(JsonTarget target, int element) throws IOException {
        boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
        if (whole && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return target.putLong(row, element, parser.getLongValue());
        }
        double value = parser.getDoubleValue();
        return Double.isFinite(value) && target.putDouble(row, element, value);
    }

    private boolean string(JsonTarget target, int element) throws IOException {
        String text = parser.getText();
        if (target.hasSymbols()) {
            return target.putSymbol(row, element, text);
        }
        return switch (text) {
            case "NaN" -> target.putDouble(row, element, Double.NaN);
            case "Infinity" -> target.putDouble(row, element, Double.POSITIVE_INFINITY);
            case "-Infinity" -> target.putDouble(row, element, Double.NEGATIVE_INFINITY);
            default -> false;
        };
    }

    private void bytes(JsonStep step, JsonTarget target)
            throws IOException, RecordDecodingException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw fault(Kind.MALFORMED, step.path, "is " + describe() + ", not a string of base64");
        }
        byte[] bytes;
        try {
            bytes = JsonTarget.base64(parser.getText());
        } catch (IllegalArgumentException e) {
            throw fault(Kind.MALFORMED, step.path, "is not base64: " + e.getMessage());
        }
        if (bytes.length != target.wantedBytes()) {
            throw fault(
                    Kind.WRONG_SHAPE,
                    step.path,
                    "has %d bytes, input %s takes %d"
                            .formatted(bytes.length, target.inputName(), target.wantedBytes()));
        }
        if (!target.putBytes(row, bytes)) {
            throw fault(
                    Kind.OUT_OF_RANGE,
                    step.path,
                    "a byte does not fit input %s of type %s"
                            .formatted(target.inputName(), target.type()));
        }
    }

    // Faults.

    private RecordDecodingException wrongLength(
            JsonStep step, JsonTarget target, int levels, int length, int wanted) {
        String expected =
                wanted < 0
                        ? "has row shape " + target.rowShape() + ", too flat for arrays of arrays"
                        : "takes " + wanted;
        return fault(
                Kind.WRONG_SHAPE,
                step.path,
                "array of %d values%s, input %s %s"
                        .formatted(
                                length,
                                levels > 1 ? " in " + levels + " levels" : "",
                                target.inputName(),
                                expected));
    }

    private RecordDecodingException fault(Kind kind, String path, String message) {
        String field = path.isEmpty() ? "The record" : "Field " + path;
        return new RecordDecodingException(
                kind,
                "%s, byte %d: %s"
                        .formatted(field, parser.currentTokenLocation().getByteOffset(), message));
    }

    private static long position(JacksonException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getByteOffset();
    }

    /** The current token in words. */
    private String describe() {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "empty";
        }
        if (token.isNumeric()) {
            return "a number";
        }
        if (token.isBoolean()) {
            return "a boolean";
        }
        return switch (token) {
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_NULL -> "null";
            case VALUE_STRING -> "a string";
            case FIELD_NAME,
                    VALUE_EMBEDDED_OBJECT,
                    NOT_AVAILABLE,
                    VALUE_NUMBER_INT,
                    VALUE_NUMBER_FLOAT,
                    VALUE_TRUE,
                    VALUE_FALSE ->
                    token.toString();
        };
    }
}
