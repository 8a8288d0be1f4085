package dev.millrace.gpu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.testing.TestModels;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnginesTest {
    private static EngineOptions options(String backend, Map<String, String> settings) {
        return new EngineOptions(backend, 4, 1, Precision.FP32, 0, settings);
    }

    /** Otherwise the engine that refuses it is passed over, and other bits come out. */
    @ParameterizedTest
    @CsvSource({
        "auto, cpu.thread, 2, cpu.threads",
        "auto, cpu.threads, two, 1..1024",
        "auto, cuda.fallback, maybe, cpu or none",
        "cpu, onnxruntime.pading, true, onnxruntime.padding",
        "auto, gpu.threads, 1, cuda.",
    })
    void refusesSettingsThatNoEngineHas(String backend, String key, String value, String hint) {
        assertThatThrownBy(
                        () ->
                                Engines.open(
                                        TestModels.mlp(3, 2), options(backend, Map.of(key, value))))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(hint);
    }

    @Test
    void takesSettingsOfEnginesThatAreNotChosen() throws Exception {
        try (Engine engine =
                Engines.open(
                        TestModels.mlp(3, 2), options("onnxruntime", Map.of("cpu.threads", "2")))) {
            assertThat(engine.description().backend()).isEqualTo("onnxruntime");
        }
    }
}
