package dev.millrace.bench.subject;

import dev.millrace.bench.Workload;
import dev.millrace.gpu.engine.ModelVersion;
import dev.millrace.job.Provenance;
import dev.millrace.job.kafka.FixedHeaders;
import dev.millrace.schema.Framing;
import dev.millrace.schema.ModelIdentity;
import dev.millrace.schema.ScoreField;
import dev.millrace.schema.ScoredRecordEncoder;
import dev.millrace.schema.TensorLayout;
import dev.millrace.schema.TensorType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Scored records as Millrace writes them, for subjects that do without it. */
final class Outputs {
    private Outputs() {}

    static ScoredRecordEncoder encoder(Workload workload) {
        ModelVersion model = workload.model().version();
        TensorLayout layout =
                new TensorLayout("scores", TensorType.FLOAT32, List.of(workload.scores()));
        return new ScoredRecordEncoder(
                Framing.plain(),
                BenchPipeline.NAME,
                new ModelIdentity("model", "1", model.sha256()),
                "FP32",
                List.of(ScoreField.of(0, layout)));
    }

    /** The header of a micro-batch's scored records. */
    static FixedHeaders headers(Instant scoredAt) {
        String text =
                "at=%s engine=onnxruntime exactness=device"
                        .formatted(scoredAt.truncatedTo(ChronoUnit.MILLIS));
        return new FixedHeaders(
                new RecordHeader(Provenance.HEADER, text.getBytes(StandardCharsets.UTF_8)));
    }
}
