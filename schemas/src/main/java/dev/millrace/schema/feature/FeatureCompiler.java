package dev.millrace.schema.feature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Walks a writer's schema along the paths of a spec and writes the steps of a {@link FeaturePlan}.
 * Collects every problem before it gives up. Compile time only.
 */
final class FeatureCompiler {
    private final ProgramBuilder builder = new ProgramBuilder();
    private final SkipCompiler skips = new SkipCompiler(builder);
    private final ProgramTables tables = new ProgramTables();
    private final ValueCompiler values = new ValueCompiler(builder, skips, tables);
    private final List<String> problems = new ArrayList<>();
    private final List<PendingMap> maps = new ArrayList<>();

    private FeatureCompiler() {}

    static Program compile(Schema writer, Schema reader, FeatureSpec spec) {
        PathNode paths = PathNode.of(spec);
        paths.allTargets().forEach(FeatureTarget::defaultImage);
        PathCheck.check(reader, paths);
        if (writer.getType() != Schema.Type.RECORD) {
            throw new UnusableFeatureException(
                    "The writer's schema is a %s, not a record"
                            .formatted(writer.getType().getName()));
        }
        FeatureCompiler compiler = new FeatureCompiler();
        compiler.record(writer, reader, paths, false);
        int[] code = compiler.builder.finish();
        if (!compiler.problems.isEmpty()) {
            throw new UnusableFeatureException(
                    String.join("\n", compiler.problems.stream().distinct().toList()));
        }
        List<MapSteps> maps =
                compiler.maps.stream().map(map -> map.resolve(compiler.builder)).toList();
        return compiler.tables.program(code, compiler.builder.paths(), maps);
    }

    /**
     * @param optional whether other records may stand in this one's place, so that what it lacks is
     *     the record's fault and not the schema's
     */
    private void value(Schema writer, Schema reader, PathNode node, boolean optional) {
        if (writer.isUnion()) {
            union(writer, reader, node);
            return;
        }
        if (writer.getType() == Schema.Type.NULL) {
            missing(node);
            return;
        }
        Optional<String> problem = FeatureFit.problem(writer, node);
        if (problem.isPresent()) {
            problems.add(problem.get());
            return;
        }
        switch (writer.getType()) {
            case RECORD -> record(writer, reader, node, optional);
            case MAP -> map(writer, reader, node);
            case NULL,
                    BOOLEAN,
                    INT,
                    LONG,
                    FLOAT,
                    DOUBLE,
                    STRING,
                    BYTES,
                    FIXED,
                    ENUM,
                    ARRAY,
                    UNION ->
                    leaf(writer, reader, node);
        }
    }

    private void record(Schema writer, Schema reader, PathNode node, boolean optional) {
        Schema readerRecord = readerRecord(writer, reader);
        Map<String, String> wantedByWriterName = new HashMap<>();
        for (String name : node.children().keySet()) {
            writerField(writer, readerRecord, name)
                    .ifPresent(field -> wantedByWriterName.put(field.name(), name));
        }
        for (Schema.Field field : writer.getFields()) {
            String wanted = wantedByWriterName.get(field.name());
            if (wanted == null) {
                skips.skip(field.schema(), below(node, field.name()));
                continue;
            }
            Schema.Field readerField = readerRecord.getField(wanted);
            Schema readerSchema = readerField == null ? field.schema() : readerField.schema();
            value(field.schema(), readerSchema, node.children().get(wanted), optional);
        }
        for (Map.Entry<String, PathNode> child : node.children().entrySet()) {
            if (!wantedByWriterName.containsValue(child.getKey())) {
                absent(writer, readerRecord.getField(child.getKey()), child.getValue(), optional);
            }
        }
    }

    /** What happens to features of a field that the writer's record does not have. */
    private void absent(Schema writer, Schema.Field readerField, PathNode node, boolean optional) {
        if (readerField != null && readerField.hasDefaultValue()) {
            int value = tables.readerDefault(readerField);
            Schema schema = readerField.schema();
            int program = builder.subprogram(() -> value(schema, schema, node, optional));
            builder.step(node.path(), Op.DEFAULT, value);
            builder.reference(program);
            return;
        }
        boolean defaults =
                node.allTargets().stream().allMatch(t -> t.feature().defaultValue().isPresent());
        if (defaults || optional) {
            missing(node);
            return;
        }
        problems.add(
                "Feature %s: the writer's schema %s has no such field, and neither the reader's schema nor the feature has a default"
                        .formatted(node.path(), writer.getFullName()));
    }

    private void missing(PathNode node) {
        for (FeatureTarget target : node.allTargets()) {
            Optional<byte[]> image = target.defaultImage();
            if (image.isEmpty()) {
                builder.step(target.feature().path(), Op.MISSING);
                return;
            }
            values.image(target, image.get());
        }
    }

    private void union(Schema writer, Schema reader, PathNode node) {
        List<Optional<String>> unfit =
                writer.getTypes().stream().map(branch -> unfit(branch, node)).toList();
        List<String> reasons = unfit.stream().flatMap(Optional::stream).toList();
        boolean anyFits = false;
        for (int i = 0; i < unfit.size(); i++) {
            boolean isNull = writer.getTypes().get(i).getType() == Schema.Type.NULL;
            anyFits |= unfit.get(i).isEmpty() && !isNull;
        }
        if (!anyFits && !reasons.isEmpty()) {
            problems.add(reasons.get(0));
            return;
        }
        int end = builder.newLabel();
        List<Integer> labels = writer.getTypes().stream().map(b -> builder.newLabel()).toList();
        builder.step(node.path(), Op.UNION, labels.size());
        labels.forEach(builder::reference);
        for (int i = 0; i < labels.size(); i++) {
            builder.place(labels.get(i));
            Optional<String> reason = unfit.get(i);
            if (reason.isPresent()) {
                builder.step(node.path(), Op.REFUSE, tables.message(reason.get()));
            } else {
                value(writer.getTypes().get(i), reader, node, true);
            }
            builder.step(node.path(), Op.JUMP);
            builder.reference(end);
        }
        builder.place(end);
    }

    private static Optional<String> unfit(Schema branch, PathNode node) {
        return branch.getType() == Schema.Type.NULL
                ? Optional.empty()
                : FeatureFit.problem(branch, node);
    }

    private void map(Schema writer, Schema reader, PathNode node) {
        Schema writerValue = writer.getValueType();
        Schema readerValue =
                Branches.of(reader).stream()
                        .filter(branch -> branch.getType() == Schema.Type.MAP)
                        .findFirst()
                        .map(Schema::getValueType)
                        .orElse(writerValue);
        List<Integer> valuePrograms = new ArrayList<>();
        List<Integer> missingPrograms = new ArrayList<>();
        for (PathNode child : node.children().values()) {
            valuePrograms.add(
                    builder.subprogram(() -> value(writerValue, readerValue, child, true)));
            missingPrograms.add(builder.subprogram(() -> missing(child)));
        }
        maps.add(
                new PendingMap(
                        new ByteKeys(List.copyOf(node.children().keySet())),
                        valuePrograms,
                        missingPrograms,
                        skips.program(writerValue, below(node, "*")),
                        1 + skips.sizes().least(writerValue)));
        builder.step(node.path(), Op.MAP, maps.size() - 1);
    }

    private void leaf(Schema writer, Schema reader, PathNode node) {
        List<FeatureTarget> targets = node.targets();
        for (FeatureTarget target : targets.subList(0, targets.size() - 1)) {
            int program =
                    builder.subprogram(() -> values.value(writer, reader, target, node.path()));
            builder.step(node.path(), Op.PEEK);
            builder.reference(program);
        }
        values.value(writer, reader, targets.get(targets.size() - 1), node.path());
    }

    /** The writer's field for a name of the reader's record: by name, else by an alias. */
    private static Optional<Schema.Field> writerField(
            Schema writer, Schema readerRecord, String name) {
        if (writer.getField(name) != null) {
            return Optional.of(writer.getField(name));
        }
        Schema.Field readerField = readerRecord.getField(name);
        if (readerField == null) {
            return Optional.empty();
        }
        return readerField.aliases().stream()
                .filter(alias -> writer.getField(alias) != null)
                .map(writer::getField)
                .findFirst();
    }

    /** The record of the reader's schema that a writer's record is read as. */
    private static Schema readerRecord(Schema writer, Schema reader) {
        List<Schema> records =
                Branches.of(reader).stream()
                        .filter(branch -> branch.getType() == Schema.Type.RECORD)
                        .toList();
        return records.stream()
                .filter(branch -> branch.getFullName().equals(writer.getFullName()))
                .findFirst()
                .orElseGet(() -> records.isEmpty() ? writer : records.get(0));
    }

    private static String below(PathNode node, String name) {
        return node.path().isEmpty() ? name : node.path() + "." + name;
    }

    /** A map's steps, whose programs have labels and no addresses yet. */
    private record PendingMap(
            ByteKeys keys,
            List<Integer> valuePrograms,
            List<Integer> missingPrograms,
            int skipProgram,
            int leastEntryBytes) {
        MapSteps resolve(ProgramBuilder builder) {
            return new MapSteps(
                    keys,
                    valuePrograms.stream().mapToInt(builder::address).toArray(),
                    missingPrograms.stream().mapToInt(builder::address).toArray(),
                    builder.address(skipProgram),
                    leastEntryBytes);
        }
    }
}
