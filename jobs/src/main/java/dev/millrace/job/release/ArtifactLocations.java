package dev.millrace.job.release;

import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where released artifacts may come from: whoever can write to the control topic names an address,
 * and tasks would read it with their own rights. Immutable.
 */
public final class ArtifactLocations implements Serializable {
    private static final long serialVersionUID = 1L;

    /** No restriction. */
    static final ArtifactLocations ANY = new ArtifactLocations(List.of());

    private final ArrayList<URI> prefixes = new ArrayList<>();

    /**
     * @param prefixes addresses of folders; none for no restriction
     * @throws IllegalArgumentException if one is no address
     */
    public ArtifactLocations(List<String> prefixes) {
        for (String prefix : prefixes) {
            URI folder = URI.create(prefix.endsWith("/") ? prefix : prefix + "/");
            if (folder.getScheme() == null || folder.getPath() == null) {
                throw new IllegalArgumentException(
                        "'%s' is no address of a folder, for example file:///models/ or https://models.example/fraud/"
                                .formatted(prefix));
            }
            this.prefixes.add(folder);
        }
    }

    /** Whether an HTTP answer may send the reader elsewhere. */
    boolean mayRedirect() {
        return prefixes.isEmpty();
    }

    /**
     * Refuses an artifact that is somewhere else.
     *
     * @throws ReleaseLoader.UnfitException naming the places that are allowed
     */
    public void require(URI artifact) throws ReleaseLoader.UnfitException {
        if (prefixes.isEmpty() || prefixes.stream().anyMatch(folder -> holds(folder, artifact))) {
            return;
        }
        throw new ReleaseLoader.UnfitException(
                "its artifact is at %s, and 'releases.locations' allows %s"
                        .formatted(artifact, prefixes));
    }

    private static boolean holds(URI folder, URI artifact) {
        String path = artifact.getPath();
        // The decoded path, so that no encoding hides a way up.
        return Objects.equals(folder.getScheme(), artifact.getScheme())
                && Objects.equals(authority(folder), authority(artifact))
                && path != null
                && List.of(path.split("/", -1)).stream().noneMatch(part -> part.equals(".."))
                && path.startsWith(folder.getPath());
    }

    /** {@code file:/a} and {@code file:///a} are the same. */
    private static String authority(URI address) {
        return Objects.requireNonNullElse(address.getAuthority(), "");
    }
}
