package dev.millrace.gpu.cuda.compiler;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Device code on disk, by the hash of everything that decides it: source, headers, options,
 * architecture, compiler version. An entry carries the hash of its own contents; one that does not
 * match is dropped and made again. Entries are written beside and renamed into place, so processes
 * may share a folder. A folder that cannot be written costs a compilation, nothing else.
 */
public final class KernelCache {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);
    private static final int HASH_BYTES = 32;

    private final Path folder;
    private final KernelCompiler compiler;

    public KernelCache(Path folder, KernelCompiler compiler) {
        this.folder = folder;
        this.compiler = compiler;
    }

    /** {@code XDG_CACHE_HOME} or {@code ~/.cache}, then {@code millrace/kernels}. */
    public static Path defaultFolder() {
        String cacheHome = System.getenv("XDG_CACHE_HOME");
        Path base =
                cacheHome != null && !cacheHome.isBlank()
                        ? Path.of(cacheHome)
                        : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("millrace").resolve("kernels");
    }

    /** The device code for a program: from the folder, or compiled and put there. */
    public byte[] imageFor(KernelSource source, KernelCompiler.Target target) {
        Path entry = folder.resolve(key(source, target) + (target.binary() ? ".cubin" : ".ptx"));
        byte[] cached = readIntact(entry);
        if (cached != null) {
            return cached;
        }
        byte[] image = compiler.compile(source, target, false).image();
        write(entry, image);
        return image;
    }

    private String key(KernelSource source, KernelCompiler.Target target) {
        String identity = compiler.version() + '\0' + target + '\0' + source.fingerprintText();
        return HexFormat.of().formatHex(sha256(identity.getBytes(StandardCharsets.UTF_8)));
    }

    /** Null where there is no entry that can be trusted. */
    private static byte[] readIntact(Path entry) {
        try {
            byte[] content = Files.readAllBytes(entry);
            if (content.length > HASH_BYTES) {
                byte[] image = Arrays.copyOfRange(content, HASH_BYTES, content.length);
                if (Arrays.equals(sha256(image), Arrays.copyOf(content, HASH_BYTES))) {
                    return image;
                }
            }
            LOG.warn(
                    "Kernel cache entry {} is damaged ({} bytes): compiled again",
                    entry,
                    content.length);
        } catch (NoSuchFileException e) {
            LOG.debug("No kernel cache entry {}", entry);
        } catch (IOException e) {
            LOG.warn("Kernel cache entry {} cannot be read: compiled again", entry, e);
        }
        return null;
    }

    private static void write(Path entry, byte[] image) {
        ByteArrayOutputStream content = new ByteArrayOutputStream(HASH_BYTES + image.length);
        content.writeBytes(sha256(image));
        content.writeBytes(image);
        try {
            Files.createDirectories(entry.getParent());
            Path temporary = Files.createTempFile(entry.getParent(), "compile", ".tmp");
            Files.write(temporary, content.toByteArray());
            Files.move(temporary, entry, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("Kernel cache entry {} cannot be written: compiled at every start", entry, e);
        }
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
