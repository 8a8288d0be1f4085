package dev.millrace.gpu.cuda.compiler;

import dev.millrace.gpu.cuda.driver.CudaUnavailableException;
import dev.millrace.gpu.cuda.driver.NativeLibraries;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/** NVIDIA's run-time compiler, loaded. Needs no driver and no device. */
public final class Nvrtc implements KernelCompiler {
    private static boolean verified;

    private final String version;
    private final int[] architectures;

    public Nvrtc() throws CudaUnavailableException {
        NativeLibraries.loadNvrtc();
        JNvrtc.setExceptionsEnabled(false);
        int[] major = new int[1];
        int[] minor = new int[1];
        check(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion", "");
        this.version = major[0] + "." + minor[0];
        int[] count = new int[1];
        check(JNvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "");
        this.architectures = new int[count[0]];
        check(JNvrtc.nvrtcGetSupportedArchs(architectures), "nvrtcGetSupportedArchs", "");
        Arrays.sort(architectures);
    }

    /**
     * Compiles next to nothing, once per process, to see that the compiler is complete.
     *
     * @throws CudaUnavailableException if it is not: without its builtins it loads, but fails then
     */
    public void verify() throws CudaUnavailableException {
        synchronized (Nvrtc.class) {
            if (verified) {
                return;
            }
            try {
                KernelSource nothing =
                        new KernelSource("extern \"C\" __global__ void k() {}\n", Map.of());
                compile(nothing, new Target(architectures[0], false), false);
            } catch (KernelCompilationException e) {
                throw new CudaUnavailableException(
                        "NVRTC %s loads but compiles nothing; put libnvrtc-builtins.so.12.* of the same CUDA version beside libnvrtc.so.12: %s"
                                .formatted(version, e.getMessage().replace('\n', ' ')),
                        e);
            }
            verified = true;
        }
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Target targetFor(int capability) throws CudaUnavailableException {
        int best = 0;
        for (int architecture : architectures) {
            if (architecture <= capability) {
                best = architecture;
            }
        }
        if (best == 0) {
            throw new CudaUnavailableException(
                    "NVRTC %s knows no architecture up to compute capability %d.%d, only %s"
                            .formatted(
                                    version,
                                    capability / 10,
                                    capability % 10,
                                    Arrays.toString(architectures)));
        }
        // Device code of one major generation runs on the later minors of it and nowhere else; PTX
        // is compiled by the driver for whatever comes later.
        return new Target(best, best / 10 == capability / 10);
    }

    @Override
    public Compiled compile(KernelSource source, Target target, boolean verbose) {
        List<String> options = new ArrayList<>(KernelSource.EXACT_OPTIONS);
        options.add(
                "--gpu-architecture=" + (target.binary() ? "sm_" : "compute_") + target.number());
        if (verbose) {
            options.add("--ptxas-options=-v");
        }
        nvrtcProgram program = createProgram(source);
        try {
            int result =
                    JNvrtc.nvrtcCompileProgram(
                            program, options.size(), options.toArray(new String[0]));
            String log = log(program);
            check(result, "nvrtcCompileProgram", "\n" + log);
            return new Compiled(target.binary() ? cubin(program) : ptx(program), log);
        } finally {
            check(JNvrtc.nvrtcDestroyProgram(program), "nvrtcDestroyProgram", "");
        }
    }

    private static nvrtcProgram createProgram(KernelSource source) {
        nvrtcProgram program = new nvrtcProgram();
        List<String> names = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Map.Entry<String, String> header : source.headers().entrySet()) {
            names.add(header.getKey());
            texts.add(header.getValue());
        }
        check(
                JNvrtc.nvrtcCreateProgram(
                        program,
                        source.text(),
                        "model.cu",
                        names.size(),
                        texts.toArray(new String[0]),
                        names.toArray(new String[0])),
                "nvrtcCreateProgram",
                "");
        return program;
    }

    private static String log(nvrtcProgram program) {
        String[] log = new String[1];
        check(JNvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog", "");
        return log[0] == null ? "" : log[0].strip();
    }

    private static byte[] cubin(nvrtcProgram program) {
        long[] bytes = new long[1];
        check(JNvrtc.nvrtcGetCUBINSize(program, bytes), "nvrtcGetCUBINSize", "");
        byte[] cubin = new byte[(int) bytes[0]];
        check(JNvrtc.nvrtcGetCUBIN(program, cubin), "nvrtcGetCUBIN", "");
        return cubin;
    }

    private static byte[] ptx(nvrtcProgram program) {
        String[] ptx = new String[1];
        check(JNvrtc.nvrtcGetPTX(program, ptx), "nvrtcGetPTX", "");
        return (ptx[0] + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private static void check(int result, String call, String log) {
        if (result == nvrtcResult.NVRTC_SUCCESS) {
            return;
        }
        throw new KernelCompilationException(
                call + " failed with " + nvrtcResult.stringFor(result) + log);
    }
}
