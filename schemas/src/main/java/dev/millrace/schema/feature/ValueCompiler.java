package dev.millrace.schema.feature;

import dev.millrace.schema.TensorType;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/** Writes the steps that read one value and put it into a tensor. Compile time only. */
final class ValueCompiler {
    private final ProgramBuilder builder;
    private final SkipCompiler skips;
    private final ProgramTables tables;

    ValueCompiler(ProgramBuilder builder, SkipCompiler skips, ProgramTables tables) {
        this.builder = builder;
        this.skips = skips;
        this.tables = tables;
    }

    /** The value must fit the target, as {@link FeatureFit} says. */
    void value(Schema writer, Schema reader, FeatureTarget target, String path) {
        int type = Op.operand(target.type());
        switch (writer.getType()) {
            case FLOAT -> floatValue(target, path);
            case DOUBLE -> doubleValue(target, path);
            case INT -> builder.step(path, Op.INT, target.tensor(), target.offset(), type);
            case LONG -> builder.step(path, Op.LONG, target.tensor(), target.offset(), type);
            case BOOLEAN -> builder.step(path, Op.BOOLEAN, target.tensor(), target.offset(), type);
            case ENUM -> {
                int table = tables.symbols(symbolValues(writer, reader, target));
                builder.step(path, Op.ENUM, target.tensor(), target.offset(), type, table);
            }
            case STRING -> {
                int table = tables.keys(target.categories());
                builder.step(path, Op.STRING, target.tensor(), target.offset(), type, table);
            }
            case BYTES, FIXED -> bytes(writer, target, path);
            case ARRAY -> array(writer, reader, target, path);
            case UNION -> union(writer, reader, target, path);
            case NULL -> missing(target, path);
            case RECORD, MAP ->
                    throw new IllegalStateException("A " + writer.getType() + " is no value");
        }
    }

    void image(FeatureTarget target, byte[] image) {
        builder.step(
                target.feature().path(),
                Op.IMAGE,
                target.tensor(),
                target.offset(),
                tables.image(image));
    }

    private void missing(FeatureTarget target, String path) {
        Optional<byte[]> image = target.defaultImage();
        if (image.isEmpty()) {
            builder.step(path, Op.MISSING);
            return;
        }
        image(target, image.get());
    }

    private void floatValue(FeatureTarget target, String path) {
        if (target.type() == TensorType.FLOAT32) {
            copy(target, path, Float.BYTES, Float.BYTES);
            return;
        }
        builder.step(path, Op.FLOAT, target.tensor(), target.offset(), Op.operand(target.type()));
    }

    private void doubleValue(FeatureTarget target, String path) {
        switch (target.type()) {
            case FLOAT64 -> copy(target, path, Double.BYTES, Double.BYTES);
            case FLOAT32 ->
                    builder.step(path, Op.DOUBLES_TO_FLOATS, target.tensor(), target.offset(), 1);
            case INT8,
                    UINT8,
                    INT16,
                    UINT16,
                    INT32,
                    UINT32,
                    INT64,
                    UINT64,
                    BOOL,
                    FLOAT16,
                    BFLOAT16,
                    CATEGORY ->
                    builder.step(
                            path,
                            Op.DOUBLE,
                            target.tensor(),
                            target.offset(),
                            Op.operand(target.type()));
        }
    }

    private void copy(FeatureTarget target, String path, int bytes, int elementBytes) {
        builder.step(path, Op.COPY, target.tensor(), target.offset(), bytes, elementBytes);
    }

    private void bytes(Schema writer, FeatureTarget target, String path) {
        boolean unsigned = target.feature().mapping() == FeatureMapping.UNSIGNED_BYTES;
        if (writer.getType() == Schema.Type.BYTES) {
            builder.step(path, Op.EXPECT_LENGTH, unsigned ? target.elements() : target.bytes());
        }
        // Raw booleans go one by one too: a byte of 2 is no boolean.
        if (unsigned || target.type() == TensorType.BOOL) {
            builder.step(
                    path,
                    Op.UNSIGNED_BYTES,
                    target.tensor(),
                    target.offset(),
                    target.elements(),
                    Op.operand(target.type()));
            return;
        }
        copy(target, path, target.bytes(), target.type().bytes());
    }

    private void array(Schema writer, Schema reader, FeatureTarget target, String path) {
        Schema item = writer.getElementType();
        Schema.Type type = item.getType();
        boolean floats = type == Schema.Type.FLOAT && target.type() == TensorType.FLOAT32;
        boolean doubles = type == Schema.Type.DOUBLE && target.type() == TensorType.FLOAT64;
        if (floats || doubles) {
            builder.step(
                    path,
                    Op.ARRAY_COPY,
                    target.tensor(),
                    target.offset(),
                    target.elements(),
                    target.type().bytes());
            return;
        }
        if (type == Schema.Type.DOUBLE && target.type() == TensorType.FLOAT32) {
            builder.step(
                    path,
                    Op.ARRAY_DOUBLES_TO_FLOATS,
                    target.tensor(),
                    target.offset(),
                    target.elements());
            return;
        }
        items(item, readerItem(reader, item), target, path);
    }

    private void items(Schema item, Schema readerItem, FeatureTarget target, String path) {
        boolean nested = Branches.of(item).stream().anyMatch(b -> b.getType() == Schema.Type.ARRAY);
        FeatureTarget part = nested ? ArrayShape.inner(target, item) : ArrayShape.item(target);
        int program = builder.subprogram(() -> value(item, readerItem, part, path + "[]"));
        builder.step(
                path,
                Op.ARRAY,
                target.elements() / part.elements(),
                part.bytes(),
                skips.sizes().least(item));
        builder.reference(program);
    }

    /** A union inside an array: null takes the default, what does not fit is refused. */
    private void union(Schema writer, Schema reader, FeatureTarget target, String path) {
        int end = builder.newLabel();
        List<Integer> labels = writer.getTypes().stream().map(b -> builder.newLabel()).toList();
        builder.step(path, Op.UNION, labels.size());
        labels.forEach(builder::reference);
        for (int i = 0; i < labels.size(); i++) {
            builder.place(labels.get(i));
            Schema branch = writer.getTypes().get(i);
            Optional<String> reason = FeatureFit.problem(branch, target);
            if (branch.getType() != Schema.Type.NULL && reason.isPresent()) {
                builder.step(path, Op.REFUSE, tables.message(reason.get()));
            } else {
                value(branch, reader, target, path);
            }
            builder.step(path, Op.JUMP);
            builder.reference(end);
        }
        builder.place(end);
    }

    private static Schema readerItem(Schema reader, Schema writerItem) {
        return Branches.of(reader).stream()
                .filter(branch -> branch.getType() == Schema.Type.ARRAY)
                .findFirst()
                .map(Schema::getElementType)
                .orElse(writerItem);
    }

    /** What each symbol of the writer stands for: its category, or its ordinal at the reader. */
    private static int[] symbolValues(Schema writer, Schema reader, FeatureTarget target) {
        Schema ordinals =
                Branches.of(reader).stream()
                        .filter(branch -> branch.getType() == Schema.Type.ENUM)
                        .findFirst()
                        .orElse(writer);
        return writer.getEnumSymbols().stream()
                .mapToInt(
                        symbol ->
                                target.takesStrings()
                                        ? category(symbol, target)
                                        : ordinal(symbol, ordinals))
                .toArray();
    }

    private static int category(String symbol, FeatureTarget target) {
        int index = target.categories().indexOf(symbol);
        boolean unknown = index < 0 && target.type() != TensorType.CATEGORY;
        return unknown ? Program.UNKNOWN_SYMBOL : index;
    }

    private static int ordinal(String symbol, Schema reader) {
        if (reader.hasEnumSymbol(symbol)) {
            return reader.getEnumOrdinal(symbol);
        }
        return reader.getEnumDefault() == null
                ? Program.UNKNOWN_SYMBOL
                : reader.getEnumOrdinal(reader.getEnumDefault());
    }
}
