package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.driver.NativeLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Asks for the driver from a class loader of its own, as the code of a Flink job does, drops the
 * loader and prints whether the collector could have it.
 */
public final class TestingCaller implements Runnable {
    static final String DROPPED = "the caller's class loader was collected";

    private static final class Loader extends ClassLoader {
        Loader() {
            super(TestingCaller.class.getClassLoader());
        }

        Class<?> define() throws IOException {
            String name = TestingCaller.class.getName();
            try (InputStream file =
                    TestingCaller.class.getResourceAsStream("TestingCaller.class")) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            }
        }
    }

    @Override
    public void run() {
        try {
            NativeLibraries.loadDriver();
            System.out.println("there is a driver");
        } catch (CudaUnavailableException e) {
            System.out.println(e.getMessage());
        }
    }

    public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
        // Logging has begun before any job: its shutdown hook would hold who began it.
        LoggerFactory.getLogger(TestingCaller.class);
        WeakReference<ClassLoader> loader = new WeakReference<>(callFromItsOwnLoader());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (loader.get() != null && System.nanoTime() < deadline) {
            System.gc();
        }
        System.out.println(loader.get() == null ? DROPPED : "something holds the caller");
    }

    private static ClassLoader callFromItsOwnLoader()
            throws ReflectiveOperationException, IOException {
        Class<?> caller = new Loader().define();
        ((Runnable) caller.getConstructor().newInstance()).run();
        return caller.getClassLoader();
    }
}
