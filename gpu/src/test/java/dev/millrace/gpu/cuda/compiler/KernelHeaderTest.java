package dev.millrace.gpu.cuda.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.cuda.StandinDriver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The headers of generated kernels compile, and what they refuse shows. */
class KernelHeaderTest {
    @BeforeAll
    static void standin() {
        StandinDriver.install();
    }

    @Test
    void compileIntoAKernel() throws Exception {
        String kernel =
                """
                #include "millrace_kernels.cuh"
                struct Args { int* header; const void* in; void* out; };
                extern "C" __global__ void __launch_bounds__(32) k(const Args a) {
                  const int row = threadIdx.x;
                  if (row >= a.header[0]) return;
                  const mr_i64 at = mr_checked(MrInt64::get(a.in, row), 7, row, a.header + 1);
                  const mr_i64 found = mr_search<MrFloat16>(a.in, at, 3, mr_tanh(0.5f));
                  const bool go = mr_branch(1, mr_max64(0.5, fmod(7.0, 3.0)), 1.0);
                  MrBfloat16::put(a.out, row, mr_pow(2.0f, (float)mr_div_i64(found, go)));
                }
                """;
        Map<String, String> headers =
                Map.of(
                        "millrace_kernels.cuh", header("millrace_kernels.cuh"),
                        "millrace_math.cuh", header("millrace_math.cuh"));
        Nvrtc nvrtc = new Nvrtc();
        KernelCompiler.Compiled compiled =
                nvrtc.compile(new KernelSource(kernel, headers), nvrtc.targetFor(86), false);
        assertThat(compiled.image()).startsWith(0x7f, 'E', 'L', 'F');
    }

    private static String header(String name) throws IOException {
        String path = "/dev/millrace/gpu/cuda/kernels/" + name;
        try (InputStream stream = KernelHeaderTest.class.getResourceAsStream(path)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
