package dev.millrace.operator.inference;

import static dev.millrace.operator.inference.MetricDescription.Type.COUNTER;
import static dev.millrace.operator.inference.MetricDescription.Type.GAUGE;
import static dev.millrace.operator.inference.MetricDescription.Type.HISTOGRAM;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.EngineStatistics;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.gpu.monitor.DeviceReading;
import dev.millrace.operator.batch.FlushReason;
import dev.millrace.operator.deadletter.DeadLetter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * All metrics of the operator: {@code
 * <host>.taskmanager.<id>.<job>.<operator>.<subtask>.millrace.<name>}.
 *
 * <p>Updated per micro-batch by the task thread; a counter may trail the stream by one micro-batch.
 */
public final class InferenceMetrics {
    /** The group that all names are in. */
    public static final String GROUP = "millrace";

    private static final String DEVICE_LABEL = "gpu";
    private static final List<MetricDescription> DECLARED = new ArrayList<>();
    private static final List<MetricDescription> OF_RELEASES = new ArrayList<>();

    public static final MetricDescription RECORDS_IN =
            declare("recordsIn", COUNTER, "records", "Records taken in, dead letters included.");
    public static final MetricDescription RECORDS_SCORED =
            declare("recordsScored", COUNTER, "records", "Records emitted with their scores.");
    public static final MetricDescription RETRIES =
            declare(
                    "retries",
                    COUNTER,
                    "submissions",
                    "Submissions repeated after a retryable failure of the engine.");
    public static final MetricDescription BISECTIONS =
            declare(
                    "bisections",
                    COUNTER,
                    "micro-batches",
                    "Micro-batches searched for records that the engine cannot score.");
    public static final MetricDescription BACKPRESSURE =
            declare(
                    "backpressureMicros",
                    COUNTER,
                    "microseconds",
                    "Time the task waited for a free slot because the in-flight window was full.");
    public static final MetricDescription MICRO_BATCH_ROWS =
            declare("microBatchRows", HISTOGRAM, "records", "Size of released micro-batches.");
    public static final MetricDescription FILL =
            declare(
                    "fillMicros",
                    HISTOGRAM,
                    "microseconds",
                    "From a micro-batch's first record to its submission: the linger it really"
                            + " had.");
    public static final MetricDescription SERVICE =
            declare(
                    "serviceMicros",
                    HISTOGRAM,
                    "microseconds",
                    "From a micro-batch's submission to its completion: queue of the engine, copies"
                            + " and kernels; retries and bisection included.");
    public static final MetricDescription QUEUE =
            declare(
                    "queueMicros",
                    HISTOGRAM,
                    "microseconds",
                    "From a micro-batch's completion to its release: wait for earlier micro-batches"
                            + " and for the task thread.");
    public static final MetricDescription LATENCY =
            declare(
                    "latencyMicros",
                    HISTOGRAM,
                    "microseconds",
                    "From a micro-batch's first record to the release of its scores.");
    public static final MetricDescription RECORD_AGE =
            declare(
                    "recordAgeMillis",
                    GAUGE,
                    "milliseconds",
                    "Age of the record released last, by its own timestamp: how far the pipeline is"
                            + " behind its producers. -1 where records have no timestamps.");
    public static final MetricDescription DRAIN =
            declare(
                    "drainMicros",
                    HISTOGRAM,
                    "microseconds",
                    "Time a checkpoint waited for the in-flight window to empty.");
    public static final MetricDescription IN_FLIGHT =
            declare("inFlight", GAUGE, "micro-batches", "Submitted, not released.");
    public static final MetricDescription SLOTS =
            declare("slots", GAUGE, "micro-batches", "Most that can be filled or in flight.");
    public static final MetricDescription TARGET_ROWS =
            declare("targetRows", GAUGE, "records", "Size that micro-batches aim for at present.");
    public static final MetricDescription LINGER =
            declare(
                    "lingerMicros",
                    GAUGE,
                    "microseconds",
                    "Longest wait of a micro-batch's first record at present.");
    public static final MetricDescription BATCH_LIMIT =
            declare(
                    "engineBatchLimit",
                    GAUGE,
                    "records",
                    "Most records the engine wants in a micro-batch at present.");
    public static final MetricDescription MODEL_VERSION =
            declare("modelVersion", GAUGE, "text", "Name and version of the model that serves.");
    public static final MetricDescription ENGINE =
            declare(
                    "engine",
                    GAUGE,
                    "text",
                    "Backend, device, precision and exactness of the engine, and why it was"
                            + " chosen.");

    public static final MetricDescription SERVING =
            declareIn(
                    "serving",
                    List.of("model", "version", "backend", "device", "precision", "exactness"),
                    GAUGE,
                    "0 or 1",
                    "1 for the model version and the engine that score at present, which the labels"
                            + " name; 0 for those they took over from.");
    public static final MetricDescription VERSION_RECORDS =
            declareIn(
                    "records",
                    List.of("model", "version", "role"),
                    COUNTER,
                    "records",
                    "Scores by model version; the role is `main` or `shadow`.");
    public static final MetricDescription GPU_ANSWERS =
            device("answers", "0 or 1", "0 while the GPU cannot be read: it is lost, for example.");
    public static final MetricDescription GPU_UTILISATION =
            device(
                    "utilisation",
                    "0 to 1",
                    "Share of the time in which the GPU ran a kernel of whomever.");
    public static final MetricDescription GPU_MEMORY_USED =
            device("memoryUsedBytes", "bytes", "Device memory in use, by all processes.");
    public static final MetricDescription GPU_MEMORY_TOTAL =
            device("memoryTotalBytes", "bytes", "Device memory there is.");
    public static final MetricDescription GPU_TEMPERATURE =
            device("temperatureCelsius", "degrees Celsius", "Temperature of the chip.");
    public static final MetricDescription GPU_POWER = device("powerWatts", "watts", "Power drawn.");
    public static final MetricDescription GPU_ENERGY =
            device("energyJoules", "joules", "Energy drawn since the driver was loaded.");
    public static final MetricDescription GPU_JOULES_PER_THOUSAND =
            device(
                    "joulesPerThousandRecords",
                    "joules",
                    "Energy drawn for each thousand records that this process scored on the GPU, by"
                            + " whomever it was drawn, in the last 10 seconds or so that had"
                            + " records.");

    public static final MetricDescription RELEASES_ACCEPTED =
            release("releasesAccepted", "releases", "Releases that the job has accepted.");
    public static final MetricDescription RELEASES_REFUSED =
            release(
                    "releasesRefused",
                    "releases",
                    "Releases that the job has refused; the control topic says why.");
    public static final MetricDescription RELEASES_PENDING =
            release(
                    "releasesPending",
                    "releases",
                    "Releases that are not decided yet; records that they claim wait.");
    public static final MetricDescription RELEASE_MESSAGES_UNREADABLE =
            release(
                    "releaseMessagesUnreadable",
                    "records",
                    "Records of the control topic that are neither release nor vote nor decision.");
    public static final MetricDescription CHAMPION =
            release(
                    "champion",
                    "text",
                    "Name and version of the champion at the timestamp of the last record.");
    public static final MetricDescription CHALLENGER =
            release(
                    "challenger",
                    "text",
                    "The challenger's at that timestamp; empty where there is none.");
    public static final MetricDescription SHADOW =
            release("shadow", "text", "The shadow's at that timestamp; empty where there is none.");
    public static final MetricDescription VERSION_TURNS =
            release(
                    "versionTurns",
                    "engines",
                    "Engines closed because there was no memory for another version beside them.");

    /** Registered by a replay's source: its enumerator has a part and each of its readers. */
    public static final MetricDescription REPLAY_REMAINING =
            new MetricDescription(
                    "replayRemaining",
                    List.of(),
                    GAUGE,
                    "records of topics, bytes of files",
                    "What a replay has still to read.");

    private static final Map<DeadLetter.Kind, MetricDescription> DEAD_LETTERS =
            new EnumMap<>(DeadLetter.Kind.class);
    private static final Map<FlushReason, MetricDescription> FLUSHES =
            new EnumMap<>(FlushReason.class);
    private static final Map<MetricDescription, ToLongFunction<EngineStatistics>> ENGINE_FIGURES =
            new LinkedHashMap<>();

    static {
        for (DeadLetter.Kind kind : DeadLetter.Kind.values()) {
            DEAD_LETTERS.put(
                    kind,
                    declare(
                            "deadLetters" + camelCase(kind),
                            COUNTER,
                            "records",
                            "Dead letters of kind " + kind + "."));
        }
        for (FlushReason reason : FlushReason.values()) {
            FLUSHES.put(
                    reason,
                    declare(
                            "flushes" + camelCase(reason),
                            COUNTER,
                            "micro-batches",
                            "Micro-batches submitted for the reason " + reason + "."));
        }
        engine(
                "engineSubmissions",
                "submissions",
                "Submissions that the engine has completed, failed ones included.",
                EngineStatistics::submissions);
        engine("engineRows", "records", "Rows completed.", EngineStatistics::rows);
        engine(
                "engineH2dMicros",
                "microseconds",
                "Time spent copying inputs to the device.",
                statistics -> statistics.h2dNanos() / 1000);
        engine(
                "engineKernelMicros",
                "microseconds",
                "Time spent computing.",
                statistics -> statistics.kernelNanos() / 1000);
        engine(
                "engineD2hMicros",
                "microseconds",
                "Time spent copying outputs back.",
                statistics -> statistics.d2hNanos() / 1000);
        engine(
                "engineOutOfMemoryBackoffs",
                "times",
                "Times the engine has halved its batch limit for lack of device memory.",
                EngineStatistics::outOfMemoryBackoffs);
        engine(
                "engineFallbackActive",
                "0 or 1",
                "1 while the engine's twin on the CPU scores instead of the device.",
                statistics -> statistics.fallbackActive() ? 1 : 0);
        engine(
                "enginePinnedBytes",
                "bytes",
                "Host memory held by the engine's slots.",
                EngineStatistics::pinnedBytes);
        engine(
                "engineDeviceBytes",
                "bytes",
                "Device memory held by the engine.",
                EngineStatistics::deviceBytes);
    }

    /** Micro-batches that a histogram remembers. */
    private static final int HISTOGRAM_WINDOW = 1024;

    private final MetricGroup group;
    final Counter recordsIn;
    final Counter recordsScored;
    final Counter retries;
    final Counter bisections;
    final Counter backpressureMicros;
    final Histogram microBatchRows;
    final Histogram fillMicros;
    final Histogram serviceMicros;
    final Histogram queueMicros;
    final Histogram latencyMicros;
    final Histogram drainMicros;
    private final Map<DeadLetter.Kind, Counter> deadLetters = new EnumMap<>(DeadLetter.Kind.class);
    private final Map<FlushReason, Counter> flushes = new EnumMap<>(FlushReason.class);

    InferenceMetrics(MetricGroup operatorGroup) {
        group = operatorGroup.addGroup(GROUP);
        recordsIn = counter(RECORDS_IN);
        recordsScored = counter(RECORDS_SCORED);
        retries = counter(RETRIES);
        bisections = counter(BISECTIONS);
        backpressureMicros = counter(BACKPRESSURE);
        microBatchRows = histogram(MICRO_BATCH_ROWS);
        fillMicros = histogram(FILL);
        serviceMicros = histogram(SERVICE);
        queueMicros = histogram(QUEUE);
        latencyMicros = histogram(LATENCY);
        drainMicros = histogram(DRAIN);
        for (DeadLetter.Kind kind : DeadLetter.Kind.values()) {
            deadLetters.put(kind, counter(deadLetters(kind)));
        }
        for (FlushReason reason : FlushReason.values()) {
            flushes.put(reason, counter(flushes(reason)));
        }
    }

    /** Every metric of the inference operator, in the order of documentation. */
    public static List<MetricDescription> declared() {
        return List.copyOf(DECLARED);
    }

    /** Those of the operator before it, which holds records back for releases. */
    public static List<MetricDescription> ofReleases() {
        return List.copyOf(OF_RELEASES);
    }

    /** One of the figures that engines keep themselves. */
    public static MetricDescription engine(String name) {
        return ENGINE_FIGURES.keySet().stream()
                .filter(metric -> metric.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No engine figure " + name));
    }

    /** The counter of one kind of dead letter. */
    public static MetricDescription deadLetters(DeadLetter.Kind kind) {
        return DEAD_LETTERS.get(kind);
    }

    /** The counter of one flush reason. */
    public static MetricDescription flushes(FlushReason reason) {
        return FLUSHES.get(reason);
    }

    Counter deadLetterCounter(DeadLetter.Kind kind) {
        return deadLetters.get(kind);
    }

    Counter flushCounter(FlushReason reason) {
        return flushes.get(reason);
    }

    /** Registers a figure that reporters read, on a thread of their own. */
    void gauge(MetricDescription metric, Gauge<?> gauge) {
        group.gauge(metric.name(), gauge);
    }

    void engineGauges(ServingModel<?, ?> model) {
        gauge(BATCH_LIMIT, model::batchLimit);
        gauge(MODEL_VERSION, () -> model.version().toString());
        gauge(ENGINE, () -> model.engine().toString());
        ENGINE_FIGURES.forEach(
                (metric, figure) -> gauge(metric, () -> figure.applyAsLong(model.statistics())));
    }

    /** The gauges of the GPU that scores. */
    void deviceGauges(DeviceWatch watch) {
        MetricGroup device = labelled(group, GPU_ANSWERS, List.of(watch.deviceId()));
        device.gauge(GPU_ANSWERS.name(), () -> watch.answers() ? 1 : 0);
        reading(device, GPU_UTILISATION, watch, DeviceReading::utilisation);
        reading(device, GPU_MEMORY_USED, watch, DeviceReading::memoryUsedBytes);
        reading(device, GPU_MEMORY_TOTAL, watch, DeviceReading::memoryTotalBytes);
        reading(device, GPU_TEMPERATURE, watch, DeviceReading::temperatureCelsius);
        reading(device, GPU_POWER, watch, DeviceReading::powerWatts);
        reading(device, GPU_ENERGY, watch, DeviceReading::energyJoules);
        device.gauge(GPU_JOULES_PER_THOUSAND.name(), watch::joulesPerThousandRecords);
    }

    private static void reading(
            MetricGroup device,
            MetricDescription metric,
            DeviceWatch watch,
            ToDoubleFunction<DeviceReading> figure) {
        device.gauge(metric.name(), () -> figure.applyAsDouble(watch.reading()));
    }

    /** Says from now on that a version is scored by an engine. */
    void serving(ModelVersion version, EngineDescription engine, Gauge<Integer> isCurrent) {
        labelled(
                        group,
                        SERVING,
                        List.of(
                                version.name(),
                                version.version(),
                                engine.backend(),
                                engine.device(),
                                engine.precision().name().toLowerCase(Locale.ROOT),
                                engine.exactness().name().toLowerCase(Locale.ROOT)))
                .gauge(SERVING.name(), isCurrent);
    }

    /**
     * The counter of a version's scores, for a function that knows versions; once for each.
     *
     * @param operatorGroup of the function's {@link
     *     org.apache.flink.api.common.functions.RuntimeContext}
     */
    public static Counter versionRecords(
            MetricGroup operatorGroup, ModelVersion version, boolean shadow) {
        return labelled(
                        operatorGroup.addGroup(GROUP),
                        VERSION_RECORDS,
                        List.of(version.name(), version.version(), shadow ? "shadow" : "main"))
                .counter(VERSION_RECORDS.name());
    }

    private static MetricGroup labelled(
            MetricGroup group, MetricDescription metric, List<String> values) {
        MetricGroup inner = group;
        for (int label = 0; label < values.size(); label++) {
            inner = inner.addGroup(metric.labels().get(label), values.get(label));
        }
        return inner;
    }

    private Counter counter(MetricDescription metric) {
        return group.counter(metric.name());
    }

    private Histogram histogram(MetricDescription metric) {
        return group.histogram(metric.name(), new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    }

    private static MetricDescription declare(
            String name, MetricDescription.Type type, String unit, String description) {
        return declareIn(name, List.of(), type, unit, description);
    }

    private static MetricDescription release(String name, String unit, String description) {
        MetricDescription metric = new MetricDescription(name, List.of(), GAUGE, unit, description);
        OF_RELEASES.add(metric);
        return metric;
    }

    private static MetricDescription device(String name, String unit, String description) {
        return declareIn(name, List.of(DEVICE_LABEL), GAUGE, unit, description);
    }

    private static MetricDescription declareIn(
            String name,
            List<String> labels,
            MetricDescription.Type type,
            String unit,
            String description) {
        MetricDescription metric = new MetricDescription(name, labels, type, unit, description);
        DECLARED.add(metric);
        return metric;
    }

    private static void engine(
            String name, String unit, String description, ToLongFunction<EngineStatistics> figure) {
        ENGINE_FIGURES.put(declare(name, GAUGE, unit, description), figure);
    }

    private static String camelCase(Enum<?> value) {
        StringBuilder name = new StringBuilder();
        for (String word : value.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
