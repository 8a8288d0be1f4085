package dev.millrace.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

/** The images that docker-compose.yml names, by what .env says. */
final class Images {
    private static final Properties NAMES = read(Path.of("..", ".env"));

    static final DockerImageName KAFKA = image("KAFKA_IMAGE");
    static final DockerImageName MILLRACE = image("MILLRACE_IMAGE");
    static final DockerImageName REGISTRY = image("REGISTRY_IMAGE");

    private Images() {}

    /** Whether an image is on this machine. */
    static boolean isHere(DockerImageName image) {
        return DockerClientFactory.lazyClient().listImagesCmd().exec().stream()
                .filter(found -> found.getRepoTags() != null)
                .anyMatch(
                        found ->
                                List.of(found.getRepoTags())
                                        .contains(image.asCanonicalNameString()));
    }

    private static DockerImageName image(String key) {
        return DockerImageName.parse(NAMES.getProperty(key));
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
