package dev.millrace.cli.records;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.config.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A table whose first row names the fields; dots reach into nested records. */
final class CsvFile implements RecordFile {
    private final Schema schema;
    private final AvroValues values;
    private final CountingInput input;
    private final CsvReader reader;
    private final List<String> columns;

    CsvFile(Path file, Schema schema, boolean ignoreUnknown)
            throws IOException, UnreadableFileException {
        this.schema = schema;
        this.values = new AvroValues(true);
        this.input = new CountingInput(Files.newInputStream(file));
        this.reader = new CsvReader(Utf8.reader(input));
        try {
            this.columns = columns(ignoreUnknown);
        } catch (IOException | UnreadableFileException e) {
            input.close();
            throw e;
        }
    }

    private List<String> columns(boolean ignoreUnknown)
            throws IOException, UnreadableFileException {
        Optional<List<String>> header = reader.next();
        if (header.isEmpty()) {
            throw new UnreadableFileException("it is empty; the first row names the fields");
        }
        if (header.get().stream().anyMatch(Utf8::isBroken)) {
            throw new UnreadableFileException("line %d: %s".formatted(line(), Utf8.BROKEN));
        }
        List<String> known = new ArrayList<>();
        collect(schema, "", known);
        List<String> names = header.get().stream().map(String::strip).toList();
        for (String name : names) {
            if (!known.contains(name) && !ignoreUnknown) {
                throw new UnreadableFileException(
                        "line 1: the schema has no field '%s'%s"
                                .formatted(
                                        name,
                                        Nearest.to(name, known)
                                                .map(", did you mean '%s'?"::formatted)
                                                .orElse("; --ignore-unknown leaves it out")));
            }
        }
        return names;
    }

    private static void collect(Schema schema, String prefix, List<String> paths) {
        Schema type = withoutNull(schema);
        if (type.getType() != Schema.Type.RECORD) {
            paths.add(prefix);
            return;
        }
        for (Schema.Field field : type.getFields()) {
            collect(
                    field.schema(),
                    prefix.isEmpty() ? field.name() : prefix + "." + field.name(),
                    paths);
        }
    }

    private static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION || schema.getTypes().size() != 2) {
            return schema;
        }
        List<Schema> types = schema.getTypes();
        return types.get(0).getType() == Schema.Type.NULL ? types.get(1) : types.get(0);
    }

    @Override
    public Optional<GenericRecord> next()
            throws RefusedRecordException, UnreadableFileException, IOException {
        Optional<List<String>> row = reader.next();
        return row.isEmpty() ? Optional.empty() : Optional.of(record(row.get()));
    }

    private GenericRecord record(List<String> cells) throws RefusedRecordException {
        if (cells.stream().anyMatch(Utf8::isBroken)) {
            throw new RefusedRecordException(Utf8.BROKEN);
        }
        if (cells.size() != columns.size()) {
            throw new RefusedRecordException(
                    "%d cells for %d columns".formatted(cells.size(), columns.size()));
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < cells.size(); i++) {
            String[] names = columns.get(i).split("\\.", -1);
            ObjectNode parent = root;
            for (int depth = 0; depth < names.length - 1; depth++) {
                parent =
                        parent.get(names[depth]) instanceof ObjectNode child
                                ? child
                                : parent.putObject(names[depth]);
            }
            parent.put(names[names.length - 1], cells.get(i));
        }
        return values.record(schema, root);
    }

    @Override
    public long line() {
        return reader.rowLine();
    }

    @Override
    public long bytesRead() {
        return input.count();
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
