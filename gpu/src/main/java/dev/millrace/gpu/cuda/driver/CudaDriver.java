package dev.millrace.gpu.cuda.driver;

import static dev.millrace.gpu.cuda.driver.CudaCall.check;

import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** The driver calls Millrace makes: all of them, each checked by name. */
final class CudaDriver {
    static final int STREAM_NON_BLOCKING = 1;
    static final int EVENT_DEFAULT = 0;
    static final int EVENT_DISABLE_TIMING = 2;
    static final int ATTRIBUTE_MULTIPROCESSORS = 16;
    static final int ATTRIBUTE_CAPABILITY_MAJOR = 75;
    static final int ATTRIBUTE_CAPABILITY_MINOR = 76;
    static final int ATTRIBUTE_SHARED_PER_BLOCK_OPT_IN = 97;

    private static final int PCI_BUS_ID_CHARACTERS = 32;
    private static final int HOST_ALLOC_PORTABLE = 1;
    private static final int CAPTURE_MODE_THREAD_LOCAL = 1;
    private static final int FUNCTION_MAX_DYNAMIC_SHARED = 8;

    private CudaDriver() {}

    /** Works before {@code cuInit} and on every driver. */
    static int driverVersion() {
        int[] version = new int[1];
        check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0];
    }

    static void initialise() {
        // With exceptions on, cuEventQuery throws on NOT_READY; the flag is process-wide.
        JCudaDriver.setExceptionsEnabled(false);
        check(JCudaDriver.cuInit(0), "cuInit");
    }

    static int deviceCount() {
        int[] count = new int[1];
        check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        return count[0];
    }

    static CUdevice device(int ordinal) {
        CUdevice device = new CUdevice();
        check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
        return device;
    }

    static byte[] deviceName(CUdevice device) {
        byte[] name = new byte[256];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        return name;
    }

    static String devicePciBusId(CUdevice device) {
        String[] id = new String[1];
        check(
                JCudaDriver.cuDeviceGetPCIBusId(id, PCI_BUS_ID_CHARACTERS, device),
                "cuDeviceGetPCIBusId");
        return id[0];
    }

    static int deviceAttribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        check(
                JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
                "cuDeviceGetAttribute(" + attribute + ")");
        return value[0];
    }

    static CUcontext retainPrimaryContext(CUdevice device) {
        CUcontext context = new CUcontext();
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    static void releasePrimaryContext(CUdevice device) {
        check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    }

    static void setCurrent(CUcontext context) {
        check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    static void memoryInfo(long[] free, long[] total) {
        check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    }

    static CUdeviceptr allocate(long bytes) {
        CUdeviceptr pointer = new CUdeviceptr();
        check(JCudaDriver.cuMemAlloc(pointer, bytes), "cuMemAlloc of " + bytes + " bytes");
        return pointer;
    }

    static void free(CUdeviceptr pointer) {
        check(JCudaDriver.cuMemFree(pointer), "cuMemFree");
    }

    static Pointer allocatePinned(long bytes) {
        Pointer pointer = new Pointer();
        check(
                JCudaDriver.cuMemHostAlloc(pointer, bytes, HOST_ALLOC_PORTABLE),
                "cuMemHostAlloc of " + bytes + " bytes");
        return pointer;
    }

    static void freePinned(Pointer pointer) {
        check(JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost");
    }

    static void copyToDevice(CUdeviceptr to, Pointer from, long bytes, CUstream stream) {
        check(JCudaDriver.cuMemcpyHtoDAsync(to, from, bytes, stream), "cuMemcpyHtoDAsync");
    }

    static void copyToHost(Pointer to, CUdeviceptr from, long bytes, CUstream stream) {
        check(JCudaDriver.cuMemcpyDtoHAsync(to, from, bytes, stream), "cuMemcpyDtoHAsync");
    }

    static CUstream createStream() {
        CUstream stream = new CUstream();
        check(JCudaDriver.cuStreamCreate(stream, STREAM_NON_BLOCKING), "cuStreamCreate");
        return stream;
    }

    static void destroyStream(CUstream stream) {
        check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
    }

    static void synchronise(CUstream stream) {
        check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    static CUevent createEvent(int flags) {
        CUevent event = new CUevent();
        check(JCudaDriver.cuEventCreate(event, flags), "cuEventCreate");
        return event;
    }

    static void destroyEvent(CUevent event) {
        check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
    }

    static void record(CUevent event, CUstream stream) {
        check(JCudaDriver.cuEventRecord(event, stream), "cuEventRecord");
    }

    /** Whether all work recorded before the event is done. */
    static boolean isReached(CUevent event) {
        int result = JCudaDriver.cuEventQuery(event);
        if (result == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        check(result, "cuEventQuery");
        return true;
    }

    static float elapsedMillis(CUevent from, CUevent to) {
        float[] millis = new float[1];
        check(JCudaDriver.cuEventElapsedTime(millis, from, to), "cuEventElapsedTime");
        return millis[0];
    }

    /**
     * @param image a CUBIN, or PTX closed by a zero byte, in native memory: a heap array would hold
     *     the garbage collector while the driver loads
     * @param noOptions any native pointer; JCuda would replace null by a heap array
     */
    static CUmodule loadModule(Pointer image, Pointer noOptions) {
        CUmodule module = new CUmodule();
        check(
                JCudaDriver.cuModuleLoadDataEx(module, image, 0, new int[0], noOptions),
                "cuModuleLoadDataEx");
        return module;
    }

    static void unloadModule(CUmodule module) {
        check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
    }

    static CUfunction function(CUmodule module, String name) {
        CUfunction function = new CUfunction();
        check(
                JCudaDriver.cuModuleGetFunction(function, module, name),
                "cuModuleGetFunction of " + name);
        return function;
    }

    static void allowDynamicShared(CUfunction function, int bytes) {
        check(
                JCudaDriver.cuFuncSetAttribute(function, FUNCTION_MAX_DYNAMIC_SHARED, bytes),
                "cuFuncSetAttribute(dynamic shared memory, " + bytes + ")");
    }

    /**
     * @param parameters native memory: one pointer per parameter, each to the parameter's value
     */
    static void launch(
            CUfunction function,
            int blocks,
            int threads,
            int sharedBytes,
            CUstream stream,
            Pointer parameters) {
        check(
                JCudaDriver.cuLaunchKernel(
                        function,
                        blocks,
                        1,
                        1,
                        threads,
                        1,
                        1,
                        sharedBytes,
                        stream,
                        parameters,
                        null),
                "cuLaunchKernel");
    }

    static void beginCapture(CUstream stream) {
        check(
                JCudaDriver.cuStreamBeginCapture(stream, CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
    }

    static CUgraph endCapture(CUstream stream) {
        CUgraph graph = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        return graph;
    }

    static CUgraphExec instantiate(CUgraph graph) {
        CUgraphExec executable = new CUgraphExec();
        check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        return executable;
    }

    static void destroyGraph(CUgraph graph) {
        check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
    }

    static void destroyExecutable(CUgraphExec executable) {
        check(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }

    static void launchGraph(CUgraphExec executable, CUstream stream) {
        check(JCudaDriver.cuGraphLaunch(executable, stream), "cuGraphLaunch");
    }
}
