package dev.millrace.job.kafka;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** How the parts that consumer and producer records share are written. */
final class RecordFields {
    private static final int NULL = -1;

    private RecordFields() {}

    static void writeBytes(byte[] bytes, DataOutputView target) throws IOException {
        if (bytes == null) {
            target.writeInt(NULL);
            return;
        }
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    /** Key, value and header values of a Kafka record may be null, and come back as null. */
    static byte[] readBytes(DataInputView source) throws IOException {
        int length = source.readInt();
        if (length == NULL) {
            return null;
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        return bytes;
    }

    static void writeHeaders(Headers headers, DataOutputView target) throws IOException {
        Header[] all = headers.toArray();
        target.writeInt(all.length);
        for (Header header : all) {
            target.writeUTF(header.key());
            writeBytes(header.value(), target);
        }
    }

    static Headers readHeaders(DataInputView source) throws IOException {
        RecordHeaders headers = new RecordHeaders();
        for (int left = source.readInt(); left > 0; left--) {
            headers.add(new RecordHeader(source.readUTF(), readBytes(source)));
        }
        return headers;
    }
}
