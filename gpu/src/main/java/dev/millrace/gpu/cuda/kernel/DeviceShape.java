package dev.millrace.gpu.cuda.kernel;

/**
 * What the generator needs to know of a device.
 *
 * @param multiprocessors number of multiprocessors
 * @param sharedBytesPerBlock the most shared memory one block can opt into
 */
public record DeviceShape(int multiprocessors, int sharedBytesPerBlock) {
    /** Two blocks per multiprocessor hide each other's barriers, so a block takes half. */
    int sharedBudget() {
        return sharedBytesPerBlock / 2;
    }
}
