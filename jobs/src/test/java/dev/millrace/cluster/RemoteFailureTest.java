package dev.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemoteFailureTest {
    @Test
    void findsTheInnermostCause() {
        String trace =
                """
                <Exception on server side:
                org.apache.flink.util.FlinkException: Could not run the jar.
                \tat org.apache.flink.Handler.run(Handler.java:10)
                Caused by: java.util.concurrent.CompletionException: dev.millrace.job.Refused: no topic 'a'
                \tat java.base/java.util.Thread.run(Thread.java:1)
                Caused by: dev.millrace.job.Refused$RefusedException: no topic 'a'
                \tat dev.millrace.Main.main(Main.java:3)
                \t... 9 more
                End of exception on server side>""";
        assertThat(RemoteFailure.describe(trace)).isEqualTo("Could not run the jar.: no topic 'a'");
    }

    @Test
    void keepsMessagesOfSeveralLinesAndLeavesOutTemporaryFolders() {
        String trace =
                """
                dev.millrace.job.config.ConfigException: /tmp/millrace-pipeline-123/pipeline.yaml:3: one
                /tmp/millrace-pipeline-123/pipeline.yaml:7: two
                \tat dev.millrace.Main.main(Main.java:3)
                """;
        assertThat(RemoteFailure.describe(trace))
                .isEqualTo("pipeline.yaml:3: one\npipeline.yaml:7: two");
    }

    @Test
    void namesAnExceptionWithoutMessage() {
        assertThat(RemoteFailure.describe("java.lang.NullPointerException\n\tat a.B.c(B.java:1)\n"))
                .isEqualTo("NullPointerException");
    }

    @Test
    void givesBackWhatIsNoStackTrace() {
        assertThat(RemoteFailure.describe("Job could not be found.\n"))
                .isEqualTo("Job could not be found.");
    }
}
