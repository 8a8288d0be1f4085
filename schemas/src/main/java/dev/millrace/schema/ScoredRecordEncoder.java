package dev.millrace.schema;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes scored records in Avro binary: a pure function of the source position, the model version
 * and the outputs' bytes. Whatever is the same for every record of a pipeline and a model version
 * is encoded beforehand; of each record only the result is allocated.
 *
 * <p>Not thread-safe: one per task.
 */
public final class ScoredRecordEncoder {
    private static final byte[] NOTHING = {};

    private final byte[] prefix;
    private final ScoreColumn[] columns;

    /** What stands before each score's values: its name, its branch and what the last one left. */
    private final byte[][] heads;

    private final byte[] tail;
    private final int constantBytes;
    private final Map<String, byte[]> topics = new HashMap<>();
    private String lastTopic = "";
    private byte[] lastTopicBytes = AvroBytes.string("");

    /**
     * @param framing what stands before the record
     * @param pipeline the pipeline's name; not empty
     * @param precision the name of the model's arithmetic, for example {@code FP32}
     * @param scores the entries of the map of scores, in this order; at least one, names differ
     */
    public ScoredRecordEncoder(
            Framing framing,
            String pipeline,
            ModelIdentity model,
            String precision,
            List<ScoreField> scores) {
        check(pipeline, scores);
        ByteArrayOutputStream start = new ByteArrayOutputStream();
        start.writeBytes(framing.header());
        AvroBytes.appendString(start, pipeline);
        prefix = start.toByteArray();
        columns = scores.stream().map(ScoreColumn::new).toArray(ScoreColumn[]::new);
        heads = new byte[columns.length][];
        ByteArrayOutputStream head = origin(model, precision, columns.length);
        for (int i = 0; i < columns.length; i++) {
            heads[i] = head(head, scores.get(i), columns[i]);
            head.reset();
            end(head, columns[i]);
        }
        head.write(0);
        tail = head.toByteArray();
        int constant = prefix.length + tail.length;
        for (int i = 0; i < columns.length; i++) {
            constant += heads[i].length + columns[i].fixedBytes();
        }
        constantBytes = constant;
    }

    /**
     * One scored record.
     *
     * @param timestampMs the source record's timestamp, milliseconds since 1970
     * @param outputs the engine's output buffers, as the score fields index them; absolute access
     */
    public byte[] encode(
            String topic,
            int partition,
            long offset,
            long timestampMs,
            ByteBuffer[] outputs,
            int row) {
        return encode(topic, partition, offset, timestampMs, outputs, row, NOTHING);
    }

    /**
     * The same into an array that is no longer needed, if it has the right length: records of one
     * partition differ in length only where a variable-length number grows.
     *
     * @param reusable overwritten if its length is the record's
     * @return {@code reusable}, or a new array
     */
    public byte[] encode(
            String topic,
            int partition,
            long offset,
            long timestampMs,
            ByteBuffer[] outputs,
            int row,
            byte[] reusable) {
        byte[] topicBytes = topicBytes(topic);
        int bytes =
                constantBytes
                        + topicBytes.length
                        + AvroBytes.longBytes(partition)
                        + AvroBytes.longBytes(offset)
                        + AvroBytes.longBytes(timestampMs);
        for (ScoreColumn column : columns) {
            bytes += column.variableBytes(outputs, row);
        }
        byte[] result = reusable.length == bytes ? reusable : new byte[bytes];
        int at = put(result, 0, prefix);
        at = put(result, at, topicBytes);
        at = AvroBytes.putLong(result, at, partition);
        at = AvroBytes.putLong(result, at, offset);
        at = AvroBytes.putLong(result, at, timestampMs);
        for (int i = 0; i < columns.length; i++) {
            at = put(result, at, heads[i]);
            at = columns[i].write(outputs, row, result, at);
        }
        put(result, at, tail);
        return result;
    }

    private byte[] topicBytes(String topic) {
        if (topic.equals(lastTopic)) {
            return lastTopicBytes;
        }
        byte[] bytes = topics.get(topic);
        if (bytes == null) {
            bytes = AvroBytes.string(topic);
            topics.put(topic, bytes);
        }
        lastTopic = topic;
        lastTopicBytes = bytes;
        return bytes;
    }

    private static int put(byte[] target, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, target, at, bytes.length);
        return at + bytes.length;
    }

    private static void check(String pipeline, List<ScoreField> scores) {
        if (pipeline.isEmpty()) {
            throw new IllegalArgumentException("A pipeline without a name cannot sign its scores");
        }
        if (scores.isEmpty()) {
            throw new IllegalArgumentException(
                    "Pipeline " + pipeline + " writes no scores; name at least one output");
        }
        long names = scores.stream().map(ScoreField::name).distinct().count();
        if (names != scores.size()) {
            throw new IllegalArgumentException(
                    "Pipeline %s writes %d scores under %d names; rename some: %s"
                            .formatted(
                                    pipeline,
                                    scores.size(),
                                    names,
                                    scores.stream().map(ScoreField::name).toList()));
        }
    }

    private static ByteArrayOutputStream origin(ModelIdentity model, String precision, int scores) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AvroBytes.appendString(out, model.name());
        AvroBytes.appendString(out, model.version());
        out.writeBytes(HexFormat.of().parseHex(model.sha256()));
        AvroBytes.appendString(out, precision);
        AvroBytes.appendLong(out, scores);
        return out;
    }

    private static byte[] head(ByteArrayOutputStream out, ScoreField field, ScoreColumn column) {
        AvroBytes.appendString(out, field.name());
        ScoreType type = ScoreType.of(field.layout().type());
        AvroBytes.appendLong(out, type.branch(column.scalar()));
        if (!column.scalar() && column.count() > 0) {
            AvroBytes.appendLong(out, column.count());
        }
        return out.toByteArray();
    }

    private static void end(ByteArrayOutputStream out, ScoreColumn column) {
        if (!column.scalar()) {
            out.write(0);
        }
    }
}
