package dev.millrace.gpu.engine;

/**
 * Cumulative figures of one engine. A snapshot: fields were read one after another.
 *
 * @param submissions micro-batches completed, failed ones included
 * @param rows rows completed
 * @param h2dNanos time spent copying inputs to the device; zero where nothing is copied
 * @param kernelNanos time spent computing
 * @param d2hNanos time spent copying outputs back; zero where nothing is copied
 * @param outOfMemoryBackoffs times the batch limit was halved for lack of device memory
 * @param fallbackActive whether the twin scores instead of the device
 * @param pinnedBytes page-locked (or direct) host memory held
 * @param deviceBytes device memory held
 */
public record EngineStatistics(
        long submissions,
        long rows,
        long h2dNanos,
        long kernelNanos,
        long d2hNanos,
        long outOfMemoryBackoffs,
        boolean fallbackActive,
        long pinnedBytes,
        long deviceBytes) {}
