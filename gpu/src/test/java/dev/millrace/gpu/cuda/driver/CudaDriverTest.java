package dev.millrace.gpu.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gpu.cuda.StandinDriver;
import dev.millrace.gpu.cuda.StandinDriver.Counter;
import dev.millrace.gpu.cuda.compiler.KernelCompiler;
import dev.millrace.gpu.cuda.compiler.KernelSource;
import dev.millrace.gpu.cuda.compiler.Nvrtc;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CudaDriverTest {
    private static final String DOUBLING =
            """
            struct Args { const float* in; float* out; int count; };
            extern "C" __global__ void __launch_bounds__(64) reverse_doubled(const Args a) {
            #ifdef CUDA_EMULATION
              float* tile = (float*)standin_thread->block->shared;
            #else
              extern __shared__ __align__(16) float tile[];
            #endif
              if ((int)threadIdx.x < a.count) tile[threadIdx.x] = a.in[threadIdx.x];
              __syncthreads();
              const float mine = __shfl_xor_sync(0xffffffffu, tile[threadIdx.x], 0);
              (void)mine;
              if ((int)threadIdx.x < a.count) a.out[threadIdx.x] = 2.0f * tile[a.count - 1 - threadIdx.x];
            }
            """;

    private CudaContext context;

    @BeforeEach
    void open() throws Exception {
        StandinDriver.install();
        NativeLibraries.loadDriver();
        StandinDriver.faults("reset");
        context = CudaContext.open(0);
        context.makeCurrent();
    }

    @AfterEach
    void nothingLeaks() {
        if (context == null) {
            return;
        }
        StandinDriver.faults("reset");
        for (Counter counter : Counter.LIVE) {
            assertThat(StandinDriver.counter(counter)).as(counter.toString()).isZero();
        }
        assertThat(StandinDriver.counter(Counter.GUARD_VIOLATIONS)).isZero();
        context.close();
    }

    @Test
    void runsACapturedPipelineAgainAndAgain() throws Exception {
        Nvrtc nvrtc = new Nvrtc();
        KernelCompiler.Target target = nvrtc.targetFor(context.facts().capability());
        byte[] image = nvrtc.compile(new KernelSource(DOUBLING, Map.of()), target, false).image();
        try (CudaModule module = new CudaModule(image);
                CudaStream stream = new CudaStream();
                CudaEvent done = CudaEvent.forCompletion();
                PinnedMemory pinned = new PinnedMemory(1024);
                DeviceMemory device = new DeviceMemory(512)) {
            ByteBuffer bytes = pinned.view(0, 1024);
            bytes.putLong(512, pinned.address() + 520);
            bytes.putLong(520, device.address());
            bytes.putLong(528, device.address() + 256);
            bytes.putInt(536, 40);
            CudaModule.Function function = module.function("reverse_doubled", 256);
            try (CudaGraph graph =
                    stream.capture(
                            () -> {
                                stream.copyToDevice(device, 0, pinned, 0, 160);
                                stream.launch(function, 1, 64, 256, pinned, 512);
                                stream.copyToHost(pinned, 256, device, 256, 160);
                            })) {
                for (int round = 1; round <= 3; round++) {
                    for (int i = 0; i < 40; i++) {
                        bytes.putFloat(4 * i, round * i);
                    }
                    stream.launch(graph);
                    stream.record(done);
                    stream.synchronise();
                    assertThat(done.isReached()).isTrue();
                    for (int i = 0; i < 40; i++) {
                        assertThat(bytes.getFloat(256 + 4 * i)).isEqualTo(2f * round * (39 - i));
                    }
                }
            }
        }
        assertThat(StandinDriver.counter(Counter.PAGEABLE_COPIES)).isZero();
    }

    @Test
    void namesTheCallAndTheCodeOfAFailure() {
        StandinDriver.faults("oom@2");
        try (DeviceMemory first = new DeviceMemory(100)) {
            assertThat(first.bytes()).isEqualTo(100);
            assertThatThrownBy(() -> new DeviceMemory(100))
                    .isInstanceOfSatisfying(
                            CudaException.class,
                            e ->
                                    assertThat(e.severity())
                                            .isEqualTo(CudaException.Severity.OUT_OF_MEMORY))
                    .hasMessageContaining("cuMemAlloc of 100 bytes")
                    .hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY (2)");
        }
    }

    @Test
    void refusesADriverThatIsTooOld() {
        StandinDriver.faults("driver=11080");
        assertThatThrownBy(() -> CudaContext.open(0))
                .isInstanceOf(CudaUnavailableException.class)
                .hasMessageContaining("too old: it serves CUDA 11.8, Millrace needs 12.0");
    }

    @Test
    void saysThatThereIsNoDevice() {
        StandinDriver.faults("devices=0");
        assertThatThrownBy(() -> CudaContext.open(0))
                .isInstanceOf(CudaUnavailableException.class)
                .hasMessageContaining("found no usable device")
                .hasMessageContaining("nvidia-smi");
    }

    @Test
    void saysHowManyDevicesThereAre() {
        assertThatThrownBy(() -> CudaContext.open(3))
                .isInstanceOf(CudaUnavailableException.class)
                .hasMessageContaining("no CUDA device 3: the driver sees 1");
    }

    @Test
    void refusesPinnedAllocationsBeyondTheBinding() {
        assertThatThrownBy(() -> new PinnedMemory(1L << 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2147483648");
    }

    @Test
    void refusesDeviceCodeOfAnotherArchitecture() throws Exception {
        Nvrtc nvrtc = new Nvrtc();
        byte[] image =
                nvrtc.compile(
                                new KernelSource(DOUBLING, Map.of()),
                                new KernelCompiler.Target(75, true),
                                false)
                        .image();
        assertThatThrownBy(() -> new CudaModule(image))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("CUDA_ERROR_NO_BINARY_FOR_GPU");
    }
}
