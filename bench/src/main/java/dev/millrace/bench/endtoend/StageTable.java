package dev.millrace.bench.endtoend;

import dev.millrace.bench.subject.StackProfile;
import dev.millrace.bench.subject.Stage;
import dev.millrace.bench.subject.SubjectSpec;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.util.Locale;
import java.util.Map;

/** Where the CPU time of the threads goes, by sampled stacks. */
final class StageTable {
    private StageTable() {}

    /** Samples of a stage in a thread, as a share of that thread's samples. */
    static double share(StackProfile.Result profile, ThreadGroupName group, Stage stage) {
        Map<Stage, Integer> samples = profile.samples().getOrDefault(group, Map.of());
        int all = samples.values().stream().mapToInt(Integer::intValue).sum();
        return all == 0 ? 0 : (double) samples.getOrDefault(stage, 0) / all;
    }

    static void append(StringBuilder text, WorkloadResult result) {
        if (result.profiles().isEmpty()) {
            return;
        }
        Report.line(text, "");
        Report.line(text, "Task thread by sampled stacks, CPU ns a record");
        StringBuilder head = new StringBuilder("%-38s".formatted(""));
        for (Stage stage : Stage.values()) {
            head.append("%11s".formatted(stage));
        }
        Report.line(text, "%s", head);
        for (Map.Entry<SubjectSpec, RunFigures> entry : result.profiles().entrySet()) {
            RunFigures run = entry.getValue();
            StackProfile.Result profile = run.profile().orElseThrow();
            StringBuilder row = new StringBuilder("%-38s".formatted(entry.getKey().title()));
            for (Stage stage : Stage.values()) {
                double nanos =
                        1e3
                                * run.cpuMicros(ThreadGroupName.TASK)
                                * share(profile, ThreadGroupName.TASK, stage);
                row.append(String.format(Locale.ROOT, "%11.0f", nanos));
            }
            Report.line(text, "%s", row);
        }
    }
}
