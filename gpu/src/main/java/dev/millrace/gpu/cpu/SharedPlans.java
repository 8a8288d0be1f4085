package dev.millrace.gpu.cpu;

import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.interpreter.PreparedPlan;
import dev.millrace.gpu.lowering.PlanImporter;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The prepared plans of this process, so that engines of the same model hold its weights once. A
 * plan goes when the last engine that leased it is closed. Any thread.
 */
final class SharedPlans {
    private static final Map<Key, Entry> PLANS = new HashMap<>();

    /**
     * What makes two engines' plans the same.
     *
     * @param sha256 of the model file
     * @param dimensions the sizes given to its free dimensions
     */
    private record Key(String sha256, Map<String, String> dimensions, DenseLayers layers) {}

    private static final class Entry {
        private final PreparedPlan plan;
        private int leases;

        Entry(PreparedPlan plan) {
            this.plan = plan;
        }
    }

    /** One engine's hold on a plan. Closing is idempotent; one thread at a time. */
    static final class Lease implements AutoCloseable {
        private final Key key;
        private final PreparedPlan plan;
        private boolean closed;

        private Lease(Key key, PreparedPlan plan) {
            this.key = key;
            this.plan = plan;
        }

        PreparedPlan plan() {
            return plan;
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            release(key);
        }
    }

    private SharedPlans() {}

    /** Leases the plan of a model, importing it if nobody holds it. */
    static Lease lease(ModelArtifact artifact, EngineOptions options) throws EngineException {
        DenseLayers layers = CpuSettings.of(options).layers();
        Key key = key(artifact, options, layers);
        synchronized (PLANS) {
            Entry entry = PLANS.get(key);
            if (entry == null) {
                entry =
                        new Entry(
                                CpuScorer.prepare(
                                        PlanImporter.importModel(artifact, options), layers));
                PLANS.put(key, entry);
            }
            entry.leases++;
            return new Lease(key, entry.plan);
        }
    }

    /** Whether some engine scores this very model at present. */
    static boolean holds(ModelArtifact artifact, EngineOptions options) throws EngineException {
        Key key = key(artifact, options, CpuSettings.of(options).layers());
        synchronized (PLANS) {
            return PLANS.containsKey(key);
        }
    }

    /** Plans held at present: zero when every engine is closed. */
    static int held() {
        synchronized (PLANS) {
            return PLANS.size();
        }
    }

    private static void release(Key key) {
        synchronized (PLANS) {
            Entry entry = PLANS.get(key);
            if (--entry.leases == 0) {
                PLANS.remove(key);
            }
        }
    }

    private static Key key(ModelArtifact artifact, EngineOptions options, DenseLayers layers) {
        Map<String, String> dimensions = new TreeMap<>();
        options.properties()
                .forEach(
                        (name, value) -> {
                            if (name.startsWith(EngineOptions.DIMENSION_PREFIX)) {
                                dimensions.put(name, value.strip());
                            }
                        });
        return new Key(artifact.version().sha256(), dimensions, layers);
    }
}
