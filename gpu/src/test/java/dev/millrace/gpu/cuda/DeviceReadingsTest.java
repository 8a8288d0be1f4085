package dev.millrace.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.gpu.monitor.DeviceSensor;
import dev.millrace.gpu.monitor.DeviceSensors;
import dev.millrace.gpu.monitor.DeviceSilentException;
import dev.millrace.gpu.testing.TestPlans;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readings of the device that a cuda engine runs on, through NVML; here a stand-in for it. */
@Timeout(120)
class DeviceReadingsTest {
    private static final int GPU_IS_LOST = 15;

    private static NativeLibrary nvml;

    @BeforeAll
    static void standin() throws Exception {
        StandinDriver.start();
        Path library = StandinDriver.install().resolve("libnvidia-ml.so.1");
        nvml = NativeLibrary.getInstance(library.toString());
    }

    @AfterEach
    void answersAgain() {
        call("standin_nvml_fail", 0);
        call("standin_nvml_without_energy", 0);
    }

    private static void call(String name, int argument) {
        assertThat(nvml.getFunction(name).invokeInt(new Object[] {argument})).isZero();
    }

    private static DeviceSensor sensor() throws Exception {
        try (Engine engine =
                TestingEngines.open(
                        TestPlans.mlp(new Random(1), 4, 4, 1),
                        new EngineOptions(
                                CudaBackend.NAME,
                                16,
                                2,
                                Precision.FP32,
                                0,
                                TestingEngines.PROPERTIES))) {
            return DeviceSensors.of(engine.deviceId().orElseThrow()).orElseThrow();
        }
    }

    @Test
    void saysWhatTheEnginesDeviceIsDoing() throws Exception {
        DeviceSensor sensor = sensor();
        DeviceReading reading = sensor.read();
        assertThat(reading.utilisation()).isEqualTo(0.87);
        assertThat(reading.memoryUsedBytes()).isEqualTo(20L << 30);
        assertThat(reading.memoryTotalBytes()).isEqualTo(80L << 30);
        assertThat(reading.temperatureCelsius()).isEqualTo(54);
        assertThat(reading.powerWatts()).isEqualTo(250);
        DeviceReading later = sensor.read();
        while (later.energyJoules() == reading.energyJoules()) {
            later = sensor.read();
        }
        assertThat(later.energyJoules()).isGreaterThan(reading.energyJoules());
    }

    @Test
    void whatAKindOfGpuDoesNotTellIsUnknown() throws Exception {
        DeviceSensor sensor = sensor();
        call("standin_nvml_without_energy", 1);
        assertThat(sensor.read().energyJoules()).isNaN();
        assertThat(sensor.read().powerWatts()).isEqualTo(250);
    }

    @Test
    void aLostGpuIsSilentAndSaysWhy() throws Exception {
        DeviceSensor sensor = sensor();
        call("standin_nvml_fail", GPU_IS_LOST);
        assertThatThrownBy(sensor::read)
                .isInstanceOf(DeviceSilentException.class)
                .hasMessage("nvmlDeviceGetUtilizationRates: GPU is lost (15)");
    }

    @Test
    void thereIsNoSensorOfWhatNvmlDoesNotKnow() {
        assertThat(DeviceSensors.of("0000:66:00.0")).isEmpty();
        assertThat(DeviceSensors.of("a device of another maker")).isEmpty();
    }
}
