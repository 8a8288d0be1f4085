package dev.millrace.job.release;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.flink.api.common.functions.RuntimeContext;

/** Where the operators of a task, which Flink makes one by one, find what they share. */
final class ReleaseSessions {
    private static final ConcurrentMap<String, ReleaseSession> SESSIONS = new ConcurrentHashMap<>();

    private ReleaseSessions() {}

    private static String key(RuntimeContext context) {
        return "%s/%d/%d"
                .formatted(
                        context.getJobInfo().getJobId(),
                        context.getTaskInfo().getIndexOfThisSubtask(),
                        context.getTaskInfo().getAttemptNumber());
    }

    static void put(RuntimeContext context, ReleaseSession session) {
        SESSIONS.put(key(context), session);
    }

    /** The session of this task: the engine, further down the chain, was opened before. */
    static ReleaseSession get(RuntimeContext context) {
        ReleaseSession session = SESSIONS.get(key(context));
        if (session == null) {
            throw new IllegalStateException(
                    "The gate and the engine of task %s are not in one chain"
                            .formatted(context.getTaskInfo().getTaskNameWithSubtasks()));
        }
        return session;
    }

    static void remove(RuntimeContext context) {
        SESSIONS.remove(key(context));
    }
}
