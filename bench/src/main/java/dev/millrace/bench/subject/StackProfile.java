package dev.millrace.bench.subject;

import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Samples stacks with Flight Recorder and sorts them. One at a time. */
public final class StackProfile {
    private static final String SAMPLE = "jdk.ExecutionSample";
    private static final Duration PERIOD = Duration.ofMillis(2);
    private static final int HOTTEST = 30;

    private final Recording recording = new Recording();

    /**
     * What was found.
     *
     * @param samples by kind of thread and stage; only of threads that run Java at the moment
     * @param hottest methods on top of the task thread's stacks, with their samples
     */
    public record Result(
            Map<ThreadGroupName, Map<Stage, Integer>> samples, Map<String, Integer> hottest) {}

    void start() {
        recording.enable(SAMPLE).withPeriod(PERIOD);
        recording.start();
    }

    Result stop(Path file) throws IOException {
        recording.stop();
        recording.dump(file);
        recording.close();
        Map<ThreadGroupName, Map<Stage, Integer>> samples = new TreeMap<>();
        Map<String, Integer> top = new HashMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            RecordedThread thread = event.getThread("sampledThread");
            if (event.getStackTrace() == null || thread == null || thread.getJavaName() == null) {
                continue;
            }
            List<RecordedFrame> frames = event.getStackTrace().getFrames();
            ThreadGroupName group = ThreadGroupName.of(thread.getJavaName());
            samples.computeIfAbsent(group, key -> new TreeMap<>())
                    .merge(Stage.of(frames), 1, Integer::sum);
            if (group == ThreadGroupName.TASK && !frames.isEmpty()) {
                top.merge(method(frames.get(0)), 1, Integer::sum);
            }
        }
        Files.deleteIfExists(file);
        return new Result(samples, hottest(top));
    }

    private static String method(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static Map<String, Integer> hottest(Map<String, Integer> top) {
        Map<String, Integer> hottest = new LinkedHashMap<>();
        top.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(HOTTEST)
                .forEach(entry -> hottest.put(entry.getKey(), entry.getValue()));
        return hottest;
    }
}
