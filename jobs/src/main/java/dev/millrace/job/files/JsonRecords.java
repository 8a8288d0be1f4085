package dev.millrace.job.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Lines of a file as values; empty ones do not count. What is no JSON becomes a dead letter. */
final class JsonRecords implements ArchiveFormat.RecordReader {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path path;
    private final String topic;
    private final ArchiveFields fields;
    private final FSDataInputStream stream;
    private final BufferedReader reader;
    private long number;
    private long lines;

    JsonRecords(Path path, String topic, ArchiveFields fields) throws IOException {
        this.path = path;
        this.topic = topic;
        this.fields = fields;
        this.stream = path.getFileSystem().open(path);
        this.reader = new BufferedReader(new InputStreamReader(stream, UTF_8));
    }

    @Override
    public Optional<ConsumerRecord<byte[], byte[]>> next() throws IOException {
        String line = readLine();
        while (line != null && line.isBlank()) {
            line = readLine();
        }
        if (line == null) {
            return Optional.empty();
        }
        JsonNode node = fields.none() ? MissingNode.getInstance() : parse(line);
        // What is no object has no fields; the pipeline makes a dead letter of it.
        ArchiveFields asked = node.isObject() ? fields : ArchiveFields.NONE;
        try {
            ConsumerRecord<byte[], byte[]> record =
                    ArchivedRecord.of(
                            topic, number, asked, 1, new Values(node), line.getBytes(UTF_8));
            number++;
            return Optional.of(record);
        } catch (UnplacedRecordException e) {
            throw new IOException("%s, line %d: %s".formatted(path, lines, e.getMessage()), e);
        }
    }

    private String readLine() throws IOException {
        lines++;
        return reader.readLine();
    }

    private static JsonNode parse(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private record Values(JsonNode node) implements ArchivedRecord.Values {
        @Override
        public boolean has(String field) {
            return node.has(field);
        }

        @Override
        public Object get(String field) {
            JsonNode value = node.get(field);
            if (value.isNull()) {
                return null;
            }
            return value.isContainerNode() ? value.toString() : value.asText();
        }
    }

    @Override
    public long bytesRead() throws IOException {
        return stream.getPos();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
