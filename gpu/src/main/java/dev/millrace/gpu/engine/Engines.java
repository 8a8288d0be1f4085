package dev.millrace.gpu.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens engines: the factory, and the only way to a backend. */
public final class Engines {
    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    private Engines() {}

    /** All backends on the class path, in the order {@code auto} asks them. */
    public static List<EngineBackend> backends() {
        List<EngineBackend> backends = new ArrayList<>();
        ServiceLoader.load(EngineBackend.class, EngineBackend.class.getClassLoader())
                .forEach(backends::add);
        backends.sort(Comparator.comparingInt(EngineBackend::rank));
        return backends;
    }

    /**
     * Opens an engine for a model and says once, in the log, which backend was taken and why.
     *
     * @throws EngineException of kind {@link EngineException.Kind#MODEL} if no backend covers the
     *     model or the backend asked for does not, with every backend's reason
     */
    public static Engine open(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        Choice choice = choose(artifact, options);
        Engine engine = choice.backend().open(artifact, options, choice.reason());
        LOG.info("Model {} is scored by {}", artifact, engine.description());
        return engine;
    }

    private static void checkSettings(EngineOptions options) throws EngineException {
        List<String> known = new ArrayList<>(List.of(EngineOptions.DIMENSION_PREFIX));
        backends().forEach(backend -> known.add(backend.name() + "."));
        for (String key : options.properties().keySet()) {
            if (known.stream().noneMatch(key::startsWith)) {
                throw new EngineException(
                        EngineException.Kind.MODEL,
                        "Unknown engine property '%s'; they start with one of %s"
                                .formatted(key, String.join(", ", known)));
            }
        }
        for (EngineBackend backend : backends()) {
            backend.checkSettings(options);
        }
    }

    private record Choice(EngineBackend backend, String reason) {}

    private static Choice choose(ModelArtifact artifact, EngineOptions options)
            throws EngineException {
        checkSettings(options);
        boolean auto = options.backend().equals(EngineOptions.AUTO);
        List<String> refusals = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (EngineBackend backend : backends()) {
            names.add(backend.name());
            if (!auto && !backend.name().equals(options.backend())) {
                continue;
            }
            EngineBackend.Coverage coverage = backend.examine(artifact, options);
            if (coverage.covered()) {
                String reason = coverage.reason();
                if (!refusals.isEmpty()) {
                    reason = reason + "; not " + String.join("; not ", refusals);
                }
                return new Choice(backend, reason);
            }
            refusals.add(backend.name() + " (" + coverage.reason() + ")");
        }
        if (refusals.isEmpty()) {
            throw new EngineException(
                    EngineException.Kind.MODEL,
                    "No engine is called '%s'; choose one of auto, %s"
                            .formatted(options.backend(), String.join(", ", names)));
        }
        throw new EngineException(
                EngineException.Kind.MODEL,
                "No engine can score model %s: %s"
                        .formatted(artifact, String.join("; ", refusals)));
    }
}
