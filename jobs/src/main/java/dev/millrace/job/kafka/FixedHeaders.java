package dev.millrace.job.kafka;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Headers that many records share and nobody can change. */
public final class FixedHeaders implements Headers {
    private final Header[] headers;

    /**
     * Shares an array.
     *
     * @param headers passes to this object, which hands it to producers
     */
    public FixedHeaders(Header... headers) {
        this.headers = headers;
    }

    @Override
    public Headers add(Header header) {
        throw readOnly();
    }

    @Override
    public Headers add(String key, byte[] value) {
        throw readOnly();
    }

    @Override
    public Headers remove(String key) {
        throw readOnly();
    }

    /** As Kafka's own headers say it once a producer has them. */
    private static IllegalStateException readOnly() {
        return new IllegalStateException("These headers are shared by many records: read-only");
    }

    /** The last header of a name; null where there is none, as Kafka's contract has it. */
    @Override
    public Header lastHeader(String key) {
        for (int i = headers.length - 1; i >= 0; i--) {
            if (headers[i].key().equals(key)) {
                return headers[i];
            }
        }
        return null;
    }

    @Override
    public Iterable<Header> headers(String key) {
        List<Header> named = new ArrayList<>();
        for (Header header : headers) {
            if (header.key().equals(key)) {
                named.add(header);
            }
        }
        return named;
    }

    /** The shared array itself, so that sending a record copies nothing. */
    @Override
    public Header[] toArray() {
        return headers;
    }

    @Override
    public Iterator<Header> iterator() {
        return Arrays.asList(headers).iterator();
    }
}
