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
    private final ArchiveFields fields;
    private final FSDataInputStream stream;
    private final BufferedReader reader;
    private long number;

    JsonRecords(Path path, ArchiveFields fields) throws IOException {
        this.path = path;
        this.fields = fields;
        this.stream = path.getFileSystem().open(path);
        this.reader = new BufferedReader(new InputStreamReader(stream, UTF_8));
    }

    @Override
    public Optional<ConsumerRecord<byte[], byte[]>> next() throws IOException {
        String line = reader.readLine();
        while (line != null && line.isBlank()) {
            line = reader.readLine();
        }
        if (line == null) {
            return Optional.empty();
        }
        JsonNode node = fields.none() ? MissingNode.getInstance() : parse(line);
        ConsumerRecord<byte[], byte[]> record =
                ArchivedRecord.of(
                        path,
                        number,
                        fields,
                        1,
                        name -> scalar(node.path(name)),
                        line.getBytes(UTF_8));
        number++;
        return Optional.of(record);
    }

    private static JsonNode parse(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private static Object scalar(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? null : node.asText();
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
