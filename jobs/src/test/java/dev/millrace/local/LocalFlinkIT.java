package dev.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;

class LocalFlinkIT {
    @Test
    void runsAJobAndServesItsWebUi() throws Exception {
        try (LocalFlink flink = LocalFlink.start(1, 2, new Configuration())) {
            StreamExecutionEnvironment environment =
                    StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
            environment.fromSequence(1, 1000).sinkTo(new DiscardingSink<>());
            JobID job = flink.submit(environment);

            assertThat(flink.result(job).get().isSuccess()).isTrue();
            assertThat(flink.status(job)).isEqualTo(JobStatus.FINISHED);
            assertThat(get(flink.webAddress()))
                    .contains("<title>Apache Flink Web Dashboard</title>");
            assertThat(get(URI.create(flink.webAddress() + "/jobs/" + job))).contains("FINISHED");
        }
    }

    private static String get(URI address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
