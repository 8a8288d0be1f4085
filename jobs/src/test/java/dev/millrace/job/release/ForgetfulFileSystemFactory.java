package dev.millrace.job.release;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * The scheme {@code forgetful}: files of this machine that cannot be opened as often as a test
 * says. Found by Flink as those of S3 and others are.
 */
public final class ForgetfulFileSystemFactory implements FileSystemFactory {
    static final String SCHEME = "forgetful";
    private static final AtomicInteger FAILURES = new AtomicInteger();

    /** So many attempts from now on fail. */
    static void failNext(int count) {
        FAILURES.set(count);
    }

    /** Failures that are still to come. */
    static int failuresLeft() {
        return Math.max(0, FAILURES.get());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem create(URI address) {
        return new ForgetfulFileSystem(address);
    }

    private static final class ForgetfulFileSystem extends FileSystem {
        private final LocalFileSystem local = new LocalFileSystem();
        private final URI address;

        ForgetfulFileSystem(URI address) {
            this.address = address;
        }

        private static Path local(Path path) {
            return new Path("file://" + path.getPath());
        }

        @Override
        public FSDataInputStream open(Path path) throws IOException {
            if (FAILURES.getAndDecrement() > 0) {
                throw new FileNotFoundException("the store is away");
            }
            return local.open(local(path));
        }

        @Override
        public FSDataInputStream open(Path path, int bufferSize) throws IOException {
            return open(path);
        }

        @Override
        public Path getWorkingDirectory() {
            return local.getWorkingDirectory();
        }

        @Override
        public Path getHomeDirectory() {
            return local.getHomeDirectory();
        }

        @Override
        public URI getUri() {
            return address;
        }

        @Override
        public FileStatus getFileStatus(Path path) throws IOException {
            return local.getFileStatus(local(path));
        }

        @Override
        public FileStatus[] listStatus(Path path) throws IOException {
            return local.listStatus(local(path));
        }

        @Override
        public boolean delete(Path path, boolean recursive) throws IOException {
            return local.delete(local(path), recursive);
        }

        @Override
        public boolean mkdirs(Path path) throws IOException {
            return local.mkdirs(local(path));
        }

        @Override
        public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
            return local.create(local(path), mode);
        }

        @Override
        public boolean rename(Path from, Path to) throws IOException {
            return local.rename(local(from), local(to));
        }

        @Override
        public boolean isDistributedFS() {
            return true;
        }

        @Override
        public org.apache.flink.core.fs.BlockLocation[] getFileBlockLocations(
                FileStatus file, long start, long length) throws IOException {
            return local.getFileBlockLocations(file, start, length);
        }
    }
}
