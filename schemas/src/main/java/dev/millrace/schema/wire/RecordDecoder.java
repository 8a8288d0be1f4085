package dev.millrace.schema.wire;

import dev.millrace.schema.RecordDecodingException;
import java.nio.ByteBuffer;

/**
 * Turns one Kafka value into one row of a model's input tensors. Not thread-safe: one per task.
 *
 * <p>A decoder whose format names schemas of a registry may block on the registry when it meets a
 * new schema id, and throws {@link SchemaRegistryUnavailableException} where that fails: the record
 * is not to blame and must not become a dead letter.
 */
public interface RecordDecoder {
    /**
     * Writes the features of a record into a row. After an exception the row's contents are
     * undefined and may be written again.
     *
     * @param value the Kafka value; null for a tombstone, which no model can score
     * @param tensors one buffer per tensor of the feature spec, in its order, in native byte order;
     *     accessed by absolute position only
     * @param row the row to write
     * @throws RecordDecodingException if the record cannot be scored, whoever tries again
     */
    void decode(byte[] value, ByteBuffer[] tensors, int row) throws RecordDecodingException;
}
