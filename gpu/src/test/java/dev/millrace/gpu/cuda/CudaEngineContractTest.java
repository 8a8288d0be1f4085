package dev.millrace.gpu.cuda;

import dev.millrace.gpu.check.Golden;
import dev.millrace.gpu.engine.EngineContractTest;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.HostMemory;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    @Override
    protected Map<String, String> properties() {
        return TestingEngines.PROPERTIES;
    }

    @Override
    protected long nativeBytesHeld() {
        return HostMemory.heldBytes() + StandinDriver.held();
    }

    @Test
    void scoresGoldenVectors() throws EngineException {
        Golden.check(backend(), properties());
    }
}
