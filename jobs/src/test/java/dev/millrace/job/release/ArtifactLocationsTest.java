package dev.millrace.job.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactLocationsTest {
    private static final ArtifactLocations LOCATIONS =
            new ArtifactLocations(List.of("file:///models", "https://models.example/fraud/"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///models/a.onnx",
                "file:/models/deep/a.onnx",
                "https://models.example/fraud/a.onnx"
            })
    void allowsWhatLiesThere(String address) {
        assertThatCode(() -> LOCATIONS.require(URI.create(address))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "file:///models/../etc/passwd",
                "file:///models/%2e%2e/etc/passwd",
                "file:///models-of-others/a.onnx",
                "http://models.example/fraud/a.onnx",
                "https://models.example.evil/fraud/a.onnx",
                "https://user@models.example/fraud/a.onnx",
                "https://models.example/other/a.onnx",
                "https:opaque"
            })
    void refusesWhatLiesElsewhere(String address) {
        assertThatThrownBy(() -> LOCATIONS.require(URI.create(address)))
                .isInstanceOf(ReleaseLoader.UnfitException.class)
                .hasMessageContaining("releases.locations")
                .hasMessageContaining("file:///models/");
    }

    @Test
    void redirectsCouldLeadOutside() {
        assertThat(LOCATIONS.mayRedirect()).isFalse();
        assertThat(ArtifactLocations.ANY.mayRedirect()).isTrue();
    }

    @Test
    void refusesWhatIsNoAddress() {
        assertThatThrownBy(() -> new ArtifactLocations(List.of("models")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no address");
    }
}
