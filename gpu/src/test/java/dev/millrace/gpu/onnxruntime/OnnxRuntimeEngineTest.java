package dev.millrace.gpu.onnxruntime;

import dev.millrace.gpu.engine.EngineContractTest;

class OnnxRuntimeEngineTest extends EngineContractTest {
    @Override
    protected String backend() {
        return OnnxRuntimeBackend.NAME;
    }
}
