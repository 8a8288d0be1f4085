package dev.millrace.local.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.local.demo.Ledger.Outcome;
import dev.millrace.schema.Contracts;
import java.io.IOException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Makes a readable line of a scored transaction or a dead letter, a few per second. The transaction
 * itself is made again from its number. One thread.
 */
final class SampleLines {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int LINES_PER_SECOND = 3;

    private final Transactions transactions;
    private final GenericDatumReader<GenericRecord> transactionReader;
    private final GenericDatumReader<GenericRecord> scoredReader =
            new GenericDatumReader<>(Contracts.scoredRecord());
    private long secondNanos = System.nanoTime();
    private long recordsThisSecond;
    private long recordsLastSecond;
    private int linesThisSecond;

    SampleLines(Plan plan, Schema transactionSchema) {
        transactions = new Transactions(plan.seed());
        transactionReader = new GenericDatumReader<>(transactionSchema);
    }

    /**
     * Whether the record that was just read is one to show: a few per second, and, as records come
     * in bursts, not all of them from the beginning of a burst.
     */
    boolean isDue(long nowNanos) {
        if (nowNanos - secondNanos >= SECOND_NANOS) {
            secondNanos = nowNanos;
            recordsLastSecond = recordsThisSecond;
            recordsThisSecond = 0;
            linesThisSecond = 0;
        }
        recordsThisSecond++;
        long next = linesThisSecond * recordsLastSecond / LINES_PER_SECOND;
        if (linesThisSecond == LINES_PER_SECOND || recordsThisSecond <= next) {
            return false;
        }
        linesThisSecond++;
        return true;
    }

    String line(Outcome outcome, ConsumerRecord<byte[], byte[]> found) {
        long number = DemoTopics.number(found.headers());
        if (outcome == Outcome.DEAD_LETTER) {
            return "tx-%010d  %s  dead letter: %s"
                    .formatted(number, text(found.key()), header(found, "millrace.error.message"));
        }
        try {
            GenericRecord scored =
                    scoredReader.read(
                            null, DecoderFactory.get().binaryDecoder(found.value(), null));
            GenericRecord payment =
                    transactionReader.read(
                            null,
                            DecoderFactory.get().binaryDecoder(transactions.encode(number), null));
            GenericRecord merchant = (GenericRecord) payment.get("merchant");
            return String.format(
                    Locale.ROOT,
                    "%s  %s  %9.2f €  %-24s %s  %-15s %s",
                    payment.get("id"),
                    payment.get("cardId"),
                    (double) payment.get("amount"),
                    merchant.get("name"),
                    merchant.get("country"),
                    payment.get("entryMode"),
                    scores((Map<?, ?>) scored.get("scores")));
        } catch (IOException e) {
            throw new DemoException("A scored record cannot be decoded: " + e.getMessage(), e);
        }
    }

    private static String scores(Map<?, ?> scores) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<?, ?> score : scores.entrySet()) {
            text.append(text.length() == 0 ? "" : "  ").append(score.getKey()).append(' ');
            text.append(score(score.getValue()));
        }
        return text.toString();
    }

    private static String score(Object value) {
        if (value instanceof Float || value instanceof Double) {
            return String.format(Locale.ROOT, "%.3f", ((Number) value).doubleValue());
        }
        if (value instanceof GenericRecord vector) {
            StringBuilder text = new StringBuilder();
            for (Object element : (Collection<?>) vector.get("values")) {
                text.append(text.length() == 0 ? "" : "/").append(score(element));
            }
            return text.toString();
        }
        return String.valueOf(value);
    }

    private static String header(ConsumerRecord<byte[], byte[]> found, String name) {
        Header header = found.headers().lastHeader(name);
        return header == null ? "no reason given" : text(header.value());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
