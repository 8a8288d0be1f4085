package dev.millrace.gpu.cuda;

import dev.millrace.gpu.cuda.compiler.KernelCompiler;
import dev.millrace.gpu.cuda.compiler.Nvrtc;
import dev.millrace.gpu.cuda.driver.CudaContext;
import dev.millrace.gpu.cuda.driver.CudaModule;
import dev.millrace.gpu.cuda.driver.CudaStream;
import dev.millrace.gpu.cuda.driver.DeviceMemory;
import dev.millrace.gpu.cuda.driver.PinnedMemory;
import dev.millrace.gpu.cuda.kernel.DeviceShape;
import dev.millrace.gpu.cuda.kernel.KernelProgram;
import dev.millrace.gpu.model.Plan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Runs a plan's program once, call by call, without an engine around it. */
final class ProgramRun {
    private ProgramRun() {}

    /** Runs and waits; returns the first row at fault, or -1. */
    static int run(
            CudaContext context, Plan plan, ByteBuffer[] inputs, ByteBuffer[] outputs, int rows)
            throws Exception {
        CudaContext.DeviceFacts facts = context.facts();
        KernelProgram program =
                KernelProgram.of(
                        plan,
                        new DeviceShape(facts.multiprocessors(), facts.sharedBytesPerBlock()));
        Nvrtc nvrtc = new Nvrtc();
        KernelCompiler.Target target = nvrtc.targetFor(facts.capability());
        byte[] image = nvrtc.compile(program.source(), target, false).image();
        List<AutoCloseable> open = new ArrayList<>();
        try (CudaModule module = new CudaModule(image);
                CudaStream stream = new CudaStream()) {
            long[] addresses = new long[program.buffers()];
            PinnedMemory[] pinned = new PinnedMemory[program.buffers()];
            DeviceMemory[] device = new DeviceMemory[program.buffers()];
            for (int i = 0; i < program.buffers(); i++) {
                ByteBuffer bytes = i < inputs.length ? inputs[i] : outputs[i - inputs.length];
                pinned[i] = keep(open, new PinnedMemory(Math.max(1, bytes.capacity())));
                device[i] = keep(open, new DeviceMemory(Math.max(1, bytes.capacity())));
                addresses[i] = device[i].address();
                if (i < inputs.length && bytes.capacity() > 0) {
                    pinned[i].view(0, bytes.capacity()).put(0, bytes, 0, bytes.capacity());
                    stream.copyToDevice(device[i], 0, pinned[i], 0, bytes.capacity());
                }
            }
            PinnedMemory header = keep(open, new PinnedMemory(KernelProgram.HEADER_BYTES));
            DeviceMemory deviceHeader = keep(open, new DeviceMemory(KernelProgram.HEADER_BYTES));
            header.view(0, 8).putInt(0, rows).putInt(4, KernelProgram.NO_FAULT);
            stream.copyToDevice(deviceHeader, 0, header, 0, 8);
            int constantBytes = (int) Math.max(1, program.constants().bytes());
            PinnedMemory staging = keep(open, new PinnedMemory(constantBytes));
            DeviceMemory constants = keep(open, new DeviceMemory(constantBytes));
            program.constants().read(0, staging.view(0, constantBytes));
            stream.copyToDevice(constants, 0, staging, 0, constantBytes);
            long scratchBytes = Math.max(1, (long) program.scratchBytesPerRow() * rows);
            DeviceMemory scratch = keep(open, new DeviceMemory(scratchBytes));
            PinnedMemory arguments = keep(open, new PinnedMemory(16 + program.argumentBytes()));
            ByteBuffer text = arguments.view(0, arguments.bytes());
            text.putLong(0, arguments.address() + 16);
            program.putArguments(
                    text,
                    16,
                    deviceHeader.address(),
                    constants.address(),
                    scratch.address(),
                    rows,
                    addresses);
            for (KernelProgram.Launch launch : program.launches()) {
                stream.launch(
                        module.function(launch.kernel(), launch.sharedBytes()),
                        launch.blocks(rows),
                        launch.threads(),
                        launch.sharedBytes(),
                        arguments,
                        0);
            }
            stream.copyToHost(header, 0, deviceHeader, 0, 8);
            for (int i = inputs.length; i < program.buffers(); i++) {
                int bytes = outputs[i - inputs.length].capacity();
                if (bytes > 0) {
                    stream.copyToHost(pinned[i], 0, device[i], 0, bytes);
                }
            }
            stream.synchronise();
            for (int i = inputs.length; i < program.buffers(); i++) {
                ByteBuffer to = outputs[i - inputs.length];
                to.put(0, pinned[i].view(0, to.capacity()), 0, to.capacity());
            }
            int fault = header.view(0, 8).getInt(4);
            return fault == KernelProgram.NO_FAULT ? -1 : fault;
        } finally {
            for (AutoCloseable each : open) {
                each.close();
            }
        }
    }

    private static <T extends AutoCloseable> T keep(List<AutoCloseable> open, T each) {
        open.add(each);
        return each;
    }
}
