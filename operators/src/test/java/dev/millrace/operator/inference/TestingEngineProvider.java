package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Opens testing engines, also in a job that runs in this process: a copy that came by way of the
 * job graph opens its engines here, and {@link #opened} shows them to the test.
 */
public final class TestingEngineProvider implements EngineProvider {
    static final ModelVersion VERSION = new ModelVersion("testing", "1", "0".repeat(64));

    private static final long serialVersionUID = 1L;
    private static final Map<UUID, Function<EngineRequest, TestingEngine>> FACTORIES =
            new ConcurrentHashMap<>();
    private static final Map<UUID, List<TestingEngine>> OPENED = new ConcurrentHashMap<>();

    private final UUID id = UUID.randomUUID();

    public TestingEngineProvider(Function<EngineRequest, TestingEngine> factory) {
        FACTORIES.put(id, factory);
        OPENED.put(id, new ArrayList<>());
    }

    /** Engines on a thread of their own, as large as asked for. */
    public TestingEngineProvider() {
        this(
                request ->
                        new TestingEngine(request.maxBatchSize(), request.slots())
                                .completeOnThread());
    }

    @Override
    public ModelVersion modelVersion() {
        return VERSION;
    }

    @Override
    public Engine open(EngineRequest request) {
        TestingEngine engine = FACTORIES.get(id).apply(request);
        List<TestingEngine> opened = OPENED.get(id);
        synchronized (opened) {
            opened.add(engine);
        }
        return engine;
    }

    /** All engines opened so far. */
    public List<TestingEngine> opened() {
        List<TestingEngine> opened = OPENED.get(id);
        synchronized (opened) {
            return List.copyOf(opened);
        }
    }
}
