package dev.millrace.job.release;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.operator.inference.EngineProvider;
import dev.millrace.operator.inference.EngineRequest;
import org.apache.flink.api.common.functions.RuntimeContext;

/** Opens an engine of several versions, the pipeline's own model first. */
public final class VersionedEngineProvider implements EngineProvider {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String version;
    private final byte[] content;
    private final String origin;
    private final ReleaseSettings settings;

    private transient ModelArtifact artifact;

    public VersionedEngineProvider(ModelArtifact own, ReleaseSettings settings) {
        this.name = own.version().name();
        this.version = own.version().version();
        this.content = own.content();
        this.origin = own.origin();
        this.settings = settings;
    }

    private ModelArtifact artifact() {
        if (artifact == null) {
            artifact = new ModelArtifact(name, version, content, origin);
        }
        return artifact;
    }

    @Override
    public ModelVersion modelVersion() {
        return artifact().version();
    }

    @Override
    public Engine open(EngineRequest request) throws Exception {
        Versions versions =
                new Versions(
                        artifact(),
                        settings.engine(request.maxBatchSize(), request.slots()),
                        settings.timeoutMs(),
                        settings.locations());
        RuntimeContext context = request.context();
        ReleaseSessions.put(context, new ReleaseSession(versions));
        return new VersionedEngine(
                versions,
                request.maxBatchSize(),
                request.slots(),
                () -> ReleaseSessions.remove(context));
    }

    /** The session of a task, once its engine is open. */
    public static ReleaseSession session(RuntimeContext context) {
        return ReleaseSessions.get(context);
    }
}
