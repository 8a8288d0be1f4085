package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.TestModels;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;

/** What tests run in a JVM of its own: scores a model and prints what happened. */
public final class TestingProcess implements Callable<String>, AutoCloseable {
    private final Engine engine;

    public TestingProcess(String backend, String cache) throws EngineException {
        Map<String, String> properties = Map.of("cuda.kernel-cache", cache);
        engine =
                Engines.open(
                        TestModels.mlp(12, 24, 5),
                        new EngineOptions(backend, 64, 3, Precision.FP32, 0, properties));
    }

    /** The engine and a fingerprint of the scores. */
    @Override
    public String call() {
        Random random = new Random(17);
        byte[][] rows = new byte[64][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Rows.random(engine.signature(), random);
        }
        int fingerprint = 0;
        for (int round = 0; round < 20; round++) {
            byte[][] scores = Rows.score(engine, engine.slots().get(round % 3), rows);
            fingerprint = Arrays.deepHashCode(scores);
        }
        return engine.description() + " scores " + fingerprint;
    }

    @Override
    public void close() {
        engine.close();
    }

    /**
     * Prints a line per engine.
     *
     * @param arguments backend, kernel cache, and how many class loaders to do it in at once; 0 for
     *     this class's own
     */
    public static void main(String[] arguments) throws Exception {
        int loaders = Integer.parseInt(arguments[2]);
        if (loaders == 0) {
            try (TestingProcess process = new TestingProcess(arguments[0], arguments[1])) {
                System.out.println(process.call());
            } catch (EngineException e) {
                System.out.println("refused: " + e.getMessage());
            }
            return;
        }
        List<AutoCloseable> open = new ArrayList<>();
        for (int loader = 0; loader < loaders; loader++) {
            Class<?> type =
                    new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())
                            .loadClass(TestingProcess.class.getName());
            open.add(
                    (AutoCloseable)
                            type.getConstructor(String.class, String.class)
                                    .newInstance(arguments[0], arguments[1]));
        }
        for (AutoCloseable each : open) {
            System.out.println(((Callable<?>) each).call());
        }
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("millrace.cuda.constants.")) {
                System.out.println("weights held by " + System.getProperty(name).split(" ", -1)[0]);
            }
        }
        open.remove(0).close();
        for (AutoCloseable each : open) {
            System.out.println(((Callable<?>) each).call());
            each.close();
        }
    }

    private static URL[] classPath() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(new URL[0]);
    }
}
