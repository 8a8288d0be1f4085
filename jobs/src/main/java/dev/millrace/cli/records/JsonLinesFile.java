package dev.millrace.cli.records;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** One JSON object a line; empty lines do not count. */
final class JsonLinesFile implements RecordFile {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Schema schema;
    private final AvroValues values;
    private final CountingInput input;
    private final BufferedReader reader;
    private long line;

    JsonLinesFile(Path file, Schema schema, boolean ignoreUnknown) throws IOException {
        this.schema = schema;
        this.values = new AvroValues(ignoreUnknown);
        this.input = new CountingInput(Files.newInputStream(file));
        this.reader = Utf8.reader(input);
    }

    @Override
    public Optional<GenericRecord> next() throws RefusedRecordException, IOException {
        String text = reader.readLine();
        line++;
        while (text != null && text.isBlank()) {
            text = reader.readLine();
            line++;
        }
        if (text == null) {
            return Optional.empty();
        }
        return Optional.of(values.record(schema, parse(text)));
    }

    private static JsonNode parse(String text) throws RefusedRecordException, IOException {
        if (Utf8.isBroken(text)) {
            throw new RefusedRecordException(Utf8.BROKEN);
        }
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonNode record = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw new RefusedRecordException(
                        "column %d: another value begins; one record a line"
                                .formatted(parser.currentTokenLocation().getColumnNr()));
            }
            return record;
        } catch (JsonProcessingException e) {
            throw new RefusedRecordException("not JSON: " + JsonFaults.ofLine(e));
        }
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public long bytesRead() {
        return input.count();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
