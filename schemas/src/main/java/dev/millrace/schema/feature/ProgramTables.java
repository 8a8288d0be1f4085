package dev.millrace.schema.feature;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The constants of a plan under construction. Compile time only. */
final class ProgramTables {
    private final List<byte[]> images = new ArrayList<>();
    private final List<int[]> enums = new ArrayList<>();
    private final List<ByteKeys> keys = new ArrayList<>();
    private final List<byte[]> defaults = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();

    int image(byte[] image) {
        images.add(image);
        return images.size() - 1;
    }

    int symbols(int[] values) {
        enums.add(values);
        return enums.size() - 1;
    }

    int keys(List<String> names) {
        keys.add(new ByteKeys(names));
        return keys.size() - 1;
    }

    int message(String message) {
        messages.add(message);
        return messages.size() - 1;
    }

    /** The default of a reader's field, in Avro binary of that field's schema. */
    int readerDefault(Schema.Field field) {
        Object value = GenericData.get().getDefaultValue(field);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<>(field.schema()).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Default of field " + field.name(), e);
        }
        defaults.add(out.toByteArray());
        return defaults.size() - 1;
    }

    Program program(int[] code, String[] paths, List<MapSteps> maps) {
        return new Program(
                code,
                paths,
                images.toArray(byte[][]::new),
                enums.toArray(int[][]::new),
                keys.toArray(ByteKeys[]::new),
                maps.toArray(MapSteps[]::new),
                defaults.toArray(byte[][]::new),
                messages.toArray(String[]::new));
    }
}
