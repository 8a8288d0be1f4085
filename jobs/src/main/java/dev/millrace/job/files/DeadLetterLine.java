package dev.millrace.job.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** A dead letter as one line of JSON: key and value in base64, headers as text. */
final class DeadLetterLine {
    private DeadLetterLine() {}

    static String of(ProducerRecord<byte[], byte[]> record) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("timestamp", record.timestamp());
        node.put("key", base64(record.key()));
        node.put("value", base64(record.value()));
        ObjectNode headers = node.putObject("headers");
        for (Header header : record.headers()) {
            headers.put(
                    header.key(),
                    header.value() == null ? null : new String(header.value(), UTF_8));
        }
        return node.toString();
    }

    private static String base64(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }
}
