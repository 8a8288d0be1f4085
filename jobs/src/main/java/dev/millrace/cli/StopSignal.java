package dev.millrace.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/**
 * Completes when the user presses Ctrl-C or the system ends this process, so that a command can
 * stop in its own time and say how. A second signal ends the process at once.
 */
final class StopSignal {
    private static final int INTERRUPTED = 130;

    private final CompletableFuture<String> received = new CompletableFuture<>();

    private StopSignal() {}

    /**
     * Listens from now on; where the runtime does not allow it, signals end the process as ever.
     */
    static StopSignal install() {
        StopSignal signal = new StopSignal();
        signal.handle("INT");
        signal.handle("TERM");
        return signal;
    }

    CompletableFuture<String> received() {
        return received;
    }

    /** The JDK's signal classes are no public interface of it, hence by name. */
    private void handle(String name) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler =
                    Proxy.newProxyInstance(
                            StopSignal.class.getClassLoader(),
                            new Class<?>[] {handlerType},
                            (proxy, method, arguments) -> {
                                if (!received.complete(name)) {
                                    Runtime.getRuntime().halt(INTERRUPTED);
                                }
                                return null;
                            });
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            System.err.println("Ctrl-C will end this process without a savepoint: " + e);
        }
    }
}
