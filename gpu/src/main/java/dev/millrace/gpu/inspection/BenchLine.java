package dev.millrace.gpu.inspection;

/**
 * How fast an engine scored micro-batches of one size.
 *
 * @param engine the backend
 * @param device what it ran on
 * @param rows records per micro-batch
 * @param recordsPerSecond with all copies
 * @param copiesPerSecond records whose inputs and outputs a plain copy of memory moved
 * @param h2dMicros copy to the device per micro-batch, 0 where the engine copies nothing
 * @param kernelMicros computation per micro-batch
 * @param d2hMicros copy from the device per micro-batch, 0 where the engine copies nothing
 */
public record BenchLine(
        String engine,
        String device,
        int rows,
        double recordsPerSecond,
        double copiesPerSecond,
        double h2dMicros,
        double kernelMicros,
        double d2hMicros) {
    /** Speed as a share of the copy limit. */
    public double ratio() {
        return recordsPerSecond / copiesPerSecond;
    }
}
