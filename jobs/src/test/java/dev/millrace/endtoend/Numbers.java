package dev.millrace.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * The records most tests submit: number {@code id} goes to partition {@code id % partitions}; every
 * hundredth cannot be decoded.
 */
final class Numbers {
    static final Schema SCHEMA =
            SchemaBuilder.record("Number")
                    .fields()
                    .requiredLong("id")
                    .requiredString("note")
                    .endRecord();

    /** The header that holds the number, also of what cannot be decoded. */
    static final String ID = "id";

    private static final long FIRST_TIME = 1_700_000_000_000L;
    private static final int POISON_EVERY = 100;
    private static final int POISON_AT = 37;

    private Numbers() {}

    /** What {@link TestingBackend} makes of a number. */
    static long scoreOf(long id) {
        return 2 * id + 1;
    }

    /** When the numbers that cannot be decoded are all that go wrong. */
    static Fate fate(long id) {
        return poisoned(id) ? Fate.UNDECODABLE : Fate.SCORED;
    }

    static long time(long id) {
        return FIRST_TIME + id;
    }

    static boolean poisoned(long id) {
        return id % POISON_EVERY == POISON_AT;
    }

    static ProducerRecord<byte[], byte[]> record(long id, int partitions) {
        return new ProducerRecord<>(
                Lane.INPUT,
                (int) (id % partitions),
                time(id),
                key(id),
                value(id),
                List.of(new RecordHeader(ID, Long.toString(id).getBytes(UTF_8))));
    }

    static byte[] key(long id) {
        return ("key-" + id % 1000).getBytes(UTF_8);
    }

    static byte[] value(long id) {
        byte[] good = encode(id, "number " + id);
        return poisoned(id) ? Arrays.copyOf(good, good.length - 1) : good;
    }

    static byte[] encode(long id, String note) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            encoder.writeLong(id);
            encoder.writeString(note);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
