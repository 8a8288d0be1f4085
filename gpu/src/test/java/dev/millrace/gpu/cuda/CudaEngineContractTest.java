package dev.millrace.gpu.cuda;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineContractTest;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.HostMemory;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.testing.TestPlans;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CudaEngineContractTest extends EngineContractTest {
    @BeforeAll
    static void standin() throws Exception {
        StandinDriver.start();
    }

    @Override
    protected String backend() {
        return CudaBackend.NAME;
    }

    /**
     * Plans written by hand in place of the contract's models, whose operators come to the import.
     */
    @Override
    protected Engine open(ModelArtifact model, int capacity, int slots) throws EngineException {
        EngineOptions options =
                new EngineOptions(backend(), capacity, slots, Precision.FP32, 0, properties());
        return switch (model.version().name()) {
            case "embedding" ->
                    TestingEngines.open(TestPlans.embedding(new Random(3), 50, 4, 3), options);
            case "mlp" -> TestingEngines.open(TestPlans.mlp(new Random(3), 12, 24, 5), options);
            default -> super.open(model, capacity, slots);
        };
    }

    @Override
    protected Map<String, String> properties() {
        return TestingEngines.PROPERTIES;
    }

    @Override
    protected long nativeBytesHeld() {
        return HostMemory.heldBytes() + StandinDriver.held();
    }
}
