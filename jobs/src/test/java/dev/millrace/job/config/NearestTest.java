package dev.millrace.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    @Test
    void countsEditsAndSwaps() {
        assertThat(Nearest.distance("linger", "linger")).isZero();
        assertThat(Nearest.distance("linegr", "linger")).isEqualTo(1);
        assertThat(Nearest.distance("linnger", "linger")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    }

    @Test
    void namesOnlyWhatIsCloseEnough() {
        assertThat(Nearest.to("topcs", List.of("format", "topics"))).contains("topics");
        assertThat(Nearest.to("quux", List.of("format", "topics"))).isEmpty();
    }
}
