package dev.millrace.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at the page as a browser shows it. */
class ReportPageIT {
    private static final int RECORDS = 2000;

    @TempDir private Path folder;

    private static Report report() throws Exception {
        TestingScores champion = new TestingScores("8");
        TestingScores challenger = new TestingScores("9");
        Random random = new Random(7);
        try (Comparison comparison =
                new Comparison(
                        "scored-transactions",
                        "candidate</script>",
                        ComparisonOptions.DEFAULT.withGroup(
                                r -> "partition " + r.source().partition()))) {
            for (int i = 0; i < RECORDS; i++) {
                float score = (float) (1 / (1 + Math.exp(-2 * random.nextGaussian())));
                float other = (float) Math.min(1, score * (1 + 0.1 * random.nextGaussian()));
                comparison.addLeft(champion.record(i % 3, i, score), "portable");
                comparison.addRight(challenger.record(i % 3, i, other), "portable");
            }
            return comparison.report();
        }
    }

    private static Optional<Path> browser() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(
                        name ->
                                Stream.of(System.getenv("PATH").split(":", -1))
                                        .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private String run(String... options) throws Exception {
        Path out = folder.resolve("browser.out");
        Stream<String> command =
                Stream.of(
                        browser().orElseThrow().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--user-data-dir=" + folder.resolve("profile"));
        Process process =
                new ProcessBuilder(Stream.concat(command, Stream.of(options)).toList())
                        .redirectOutput(out.toFile())
                        .redirectError(folder.resolve("browser.err").toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out);
    }

    @Test
    void aBrowserWithoutANetworkShowsAllPlots() throws Exception {
        assumeTrue(browser().isPresent(), "SKIPPED: there is no Chromium to look at the page with");
        Path page = folder.resolve("report.html");
        Files.writeString(page, ReportPage.of(report()), StandardCharsets.UTF_8);

        String shown = run("--dump-dom", page.toUri().toString());
        assertThat(shown).contains("data-ready=\"true\"", "candidate&lt;/script&gt;");
        for (String plot : List.of("scores", "differences", "flips", "quantiles")) {
            assertThat(shown.substring(shown.indexOf("id=\"" + plot + "\"")))
                    .as(plot)
                    .contains("<svg", "<path");
        }

        Path picture = Path.of("target", "comparison-report.png").toAbsolutePath();
        run("--window-size=1200,1700", "--screenshot=" + picture, page.toUri().toString());
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(1200);
        assertThat(pixels(image, 0x3b6fb6)).as("bars of the left side").isGreaterThan(500);
    }

    /** Pixels near a colour, mixed with white as it may be. */
    private static long pixels(BufferedImage image, int colour) {
        long count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int rgb = image.getRGB(x, y);
                int red = rgb >> 16 & 255;
                int blue = rgb & 255;
                // Bluer than red by as much as a bar that is half transparent.
                count += blue - red > ((colour & 255) - (colour >> 16 & 255)) / 2.5 ? 1 : 0;
            }
        }
        return count;
    }
}
