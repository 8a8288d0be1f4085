package dev.millrace.gpu.cuda.driver;

import jcuda.driver.CUresult;

/** Checks what driver calls return. The only place that turns a code into an exception. */
final class CudaCall {
    private CudaCall() {}

    /**
     * @param result what the call returned
     * @param call the call's name in the driver API
     */
    static void check(int result, String call) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new CudaException(call, result, CUresult.stringFor(result));
        }
    }
}
