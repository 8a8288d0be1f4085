package dev.millrace.gpu.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.millrace.gpu.engine.EngineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime in this process: its environment, of which there can be only one, with a global pool
 * of one thread that does not spin and with telemetry off.
 *
 * <p><b>Telemetry.</b> Measured on 1.29.0 for Linux: the Java interface turns events off only after
 * the environment exists, by when a telemetry thread runs and a database lies in {@code
 * ~/.cache/Microsoft}. Only {@code ORT_DISABLE_TELEMETRY=1} in the environment of the process keeps
 * both away, and Java cannot set that for itself: launchers do, and its absence is logged.
 */
final class OrtProcess {
    private static final Logger LOG = LoggerFactory.getLogger(OrtProcess.class);
    private static final String TELEMETRY_SWITCH = "ORT_DISABLE_TELEMETRY";
    private static OrtProcess instance;

    private final OrtEnvironment environment;
    private final boolean globalPool;

    private OrtProcess(OrtEnvironment environment, boolean globalPool) {
        this.environment = environment;
        this.globalPool = globalPool;
    }

    /**
     * Loads the native library at the first call.
     *
     * @throws EngineException of kind MODEL if it cannot be loaded on this machine
     */
    static synchronized OrtProcess get() throws EngineException {
        if (instance == null) {
            if (!"1".equals(System.getenv(TELEMETRY_SWITCH))) {
                LOG.warn(
                        "ONNX Runtime starts its telemetry: set {}=1 in the environment of this process",
                        TELEMETRY_SWITCH);
            }
            try {
                instance = start();
                instance.environment.setTelemetry(false);
            } catch (OrtException | IllegalStateException | LinkageError e) {
                throw new EngineException(
                        EngineException.Kind.MODEL,
                        "ONNX Runtime does not load on this machine: " + e.getMessage(),
                        e);
            }
        }
        return instance;
    }

    private static OrtProcess start() throws OrtException {
        try (OrtEnvironment.ThreadingOptions threading = new OrtEnvironment.ThreadingOptions()) {
            threading.setGlobalIntraOpNumThreads(1);
            threading.setGlobalInterOpNumThreads(1);
            threading.setGlobalSpinControl(false);
            return new OrtProcess(
                    OrtEnvironment.getEnvironment(
                            OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "millrace", threading),
                    true);
        } catch (IllegalStateException e) {
            LOG.info(
                    "This process has an ONNX Runtime environment of its own; engines get their own threads");
            return new OrtProcess(OrtEnvironment.getEnvironment(), false);
        }
    }

    OrtEnvironment environment() {
        return environment;
    }

    String version() {
        return environment.getVersion();
    }

    /** Options of a session that computes with so many threads, the calling one included. */
    SessionOptions sessionOptions(int threads) throws OrtException {
        SessionOptions options = new SessionOptions();
        options.setDeterministicCompute(true);
        options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
        if (threads == 1 && globalPool) {
            options.disablePerSessionThreads();
        } else {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
        }
        return options;
    }
}
