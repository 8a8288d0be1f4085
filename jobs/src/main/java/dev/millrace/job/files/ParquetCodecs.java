package dev.millrace.job.files;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * What Parquet pages are compressed with, by the libraries that Kafka's client brings. Parquet's
 * own factory asks Hadoop for its codecs, which takes all of Hadoop.
 */
final class ParquetCodecs implements CompressionCodecFactory {
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("Parquet files are read here, never written");
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Pages((bytes, size) -> bytes);
            case SNAPPY -> new Pages((bytes, size) -> Snappy.uncompress(bytes));
            case GZIP -> new Pages(ParquetCodecs::unzip);
            case ZSTD -> new Pages(Zstd::decompress);
            case LZ4_RAW ->
                    new Pages(
                            (bytes, size) ->
                                    LZ4Factory.safeInstance()
                                            .safeDecompressor()
                                            .decompress(bytes, size));
            case BROTLI, LZ4, LZO ->
                    throw new IllegalArgumentException(
                            "it is compressed with %s, which cannot be read; write it with SNAPPY, GZIP, ZSTD, LZ4_RAW or UNCOMPRESSED"
                                    .formatted(codec));
        };
    }

    private static byte[] unzip(byte[] bytes, int size) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readNBytes(size);
        }
    }

    @Override
    public void release() {
        // Pages hold nothing.
    }

    /** Bytes of a page, and how many they are when they are decompressed. */
    private interface Page {
        byte[] decompress(byte[] bytes, int size) throws IOException;
    }

    private record Pages(Page page) implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int size) throws IOException {
            return BytesInput.from(whole(bytes.toInputStream().readAllBytes(), size));
        }

        private byte[] whole(byte[] bytes, int size) throws IOException {
            byte[] whole;
            try {
                whole = page.decompress(bytes, size);
            } catch (LZ4Exception | com.github.luben.zstd.ZstdException e) {
                throw new IOException("a page cannot be decompressed: " + e.getMessage(), e);
            }
            if (whole.length != size) {
                throw new IOException(
                        "a page of %d bytes has %d when it is decompressed"
                                .formatted(size, whole.length));
            }
            return whole;
        }

        @Override
        public void decompress(ByteBuffer in, int inSize, ByteBuffer out, int outSize)
                throws IOException {
            byte[] bytes = new byte[inSize];
            in.get(bytes);
            out.put(whole(bytes, outSize));
        }

        @Override
        public void release() {
            // Nothing is held.
        }
    }
}
