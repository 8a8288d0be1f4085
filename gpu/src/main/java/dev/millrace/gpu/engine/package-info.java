/**
 * What the rest of Millrace sees of the GPU module: engines that score micro-batches with one
 * model.
 *
 * <p><b>Separation.</b> No type of a backend (JCuda, ONNX Runtime) appears here, and nothing
 * outside this module imports a backend: backends are found through {@link
 * dev.millrace.gpu.engine.EngineBackend} by {@link java.util.ServiceLoader}.
 *
 * <p><b>Threads.</b> One caller thread submits to an engine (in Flink the task thread); completions
 * arrive on a thread of the engine.
 *
 * <p><b>May import:</b> the JDK and slf4j.
 */
package dev.millrace.gpu.engine;
