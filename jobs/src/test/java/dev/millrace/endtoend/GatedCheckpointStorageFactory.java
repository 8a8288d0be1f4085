package dev.millrace.endtoend;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.CheckpointMetadataOutputStream;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.CheckpointStorageAccess;
import org.apache.flink.runtime.state.CheckpointStorageFactory;
import org.apache.flink.runtime.state.CheckpointStorageLocation;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;

/** Checkpoints in files, as usual, that wait at the {@link CheckpointGate}. */
public final class GatedCheckpointStorageFactory
        implements CheckpointStorageFactory<CheckpointStorage> {
    @Override
    public CheckpointStorage createFromConfig(ReadableConfig config, ClassLoader classLoader) {
        return new GatedStorage(FileSystemCheckpointStorage.createFromConfig(config, classLoader));
    }

    private record GatedStorage(CheckpointStorage files) implements CheckpointStorage {
        @Override
        public CompletedCheckpointStorageLocation resolveCheckpoint(String externalPointer)
                throws IOException {
            return files.resolveCheckpoint(externalPointer);
        }

        @Override
        public CheckpointStorageAccess createCheckpointStorage(JobID job) throws IOException {
            return gated(CheckpointStorageAccess.class, files.createCheckpointStorage(job));
        }
    }

    /** The same object, but what it says of where checkpoints are leads to gated streams. */
    private static <T> T gated(Class<T> type, T original) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> gate(call(original, method, arguments)));
        return type.cast(proxy);
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object gate(Object result) {
        if (result instanceof CheckpointStorageLocation location) {
            return gated(CheckpointStorageLocation.class, location);
        }
        if (result instanceof CheckpointMetadataOutputStream stream) {
            return new GatedStream(stream);
        }
        return result;
    }

    /** The stream whose end makes a checkpoint complete. */
    private static final class GatedStream extends CheckpointMetadataOutputStream {
        private final CheckpointMetadataOutputStream stream;

        GatedStream(CheckpointMetadataOutputStream stream) {
            this.stream = stream;
        }

        @Override
        public CompletedCheckpointStorageLocation closeAndFinalizeCheckpoint() throws IOException {
            CheckpointGate.pass(CheckpointGate.Moment.PREPARED);
            CompletedCheckpointStorageLocation location = stream.closeAndFinalizeCheckpoint();
            CheckpointGate.pass(CheckpointGate.Moment.COMPLETE);
            return location;
        }

        @Override
        public long getPos() throws IOException {
            return stream.getPos();
        }

        @Override
        public void write(int value) throws IOException {
            stream.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            stream.flush();
        }

        @Override
        public void sync() throws IOException {
            stream.sync();
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
