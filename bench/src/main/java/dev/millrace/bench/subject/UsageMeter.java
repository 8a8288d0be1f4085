package dev.millrace.bench.subject;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.millrace.bench.subject.Usage.Amount;
import dev.millrace.bench.subject.Usage.ThreadGroupName;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.EnumMap;
import java.util.Map;

/** Reads this process's usage. Leaves out the thread that asks. */
final class UsageMeter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private UsageMeter() {}

    static Usage read() {
        long[] ids = THREADS.getAllThreadIds();
        ThreadInfo[] infos = THREADS.getThreadInfo(ids);
        long[] cpuNanos = THREADS.getThreadCpuTime(ids);
        long[] allocatedBytes = THREADS.getThreadAllocatedBytes(ids);
        long processCpuNanos = SYSTEM.getProcessCpuTime();
        Map<ThreadGroupName, Amount> groups = new EnumMap<>(ThreadGroupName.class);
        long javaCpuNanos = 0;
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] == null || cpuNanos[i] < 0) {
                continue;
            }
            javaCpuNanos += cpuNanos[i];
            if (ids[i] != Thread.currentThread().getId()) {
                Amount amount = new Amount(cpuNanos[i], Math.max(0, allocatedBytes[i]));
                groups.merge(ThreadGroupName.of(infos[i].getThreadName()), amount, Amount::plus);
            }
        }
        groups.put(ThreadGroupName.JVM, new Amount(processCpuNanos - javaCpuNanos, 0));
        return new Usage(processCpuNanos, groups);
    }
}
