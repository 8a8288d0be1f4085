package dev.millrace.bench.subject;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.bench.Workload;
import dev.millrace.job.kafka.FixedHeaders;
import dev.millrace.job.kafka.SharedHeadersRecord;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.ScoredRecordEncoder;
import dev.millrace.schema.feature.FeaturePlan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The whole work of the scoring job by hand: as little around it as there can be. */
final class RawScoring extends RawLoop {
    private static final int ROWS = 1024;

    private final Workload workload;
    private final FeaturePlan plan;
    private final ScoredRecordEncoder encoder;
    private final ByteBuffer[] inputs;
    private final ByteBuffer[] outputs;
    private final OrtSession session;

    @SuppressWarnings({"unchecked", "rawtypes"})
    private final ConsumerRecord<byte[], byte[]>[] records = new ConsumerRecord[ROWS];

    private String topic = "";
    private Long timestamp = -1L;
    private int rows;

    RawScoring(SubjectSpec spec) {
        super(spec);
        workload = spec.workload();
        plan = FeaturePlan.compile(workload.schema(), workload.featureSpec());
        encoder = Outputs.encoder(workload);
        inputs = buffers(workload.features());
        outputs = buffers(workload.scores());
        session = Sessions.open(workload);
    }

    private static ByteBuffer[] buffers(int columns) {
        return new ByteBuffer[] {
            ByteBuffer.allocateDirect(ROWS * columns * Float.BYTES).order(ByteOrder.nativeOrder())
        };
    }

    @Override
    void begin(String outputTopic) {
        topic = outputTopic;
    }

    @Override
    void take(ConsumerRecord<byte[], byte[]> record) throws RecordDecodingException, OrtException {
        plan.decode(record.value(), inputs, rows);
        records[rows++] = record;
        if (rows == ROWS) {
            flush();
        }
    }

    @Override
    void idle() throws OrtException {
        if (rows > 0) {
            flush();
        }
    }

    private void flush() throws OrtException {
        try (OnnxTensor input = tensor(inputs[0], workload.features());
                OnnxTensor output = tensor(outputs[0], workload.scores())) {
            session.run(Map.of(Sessions.INPUT, input), Set.of(), Map.of(Sessions.OUTPUT, output))
                    .close();
            FixedHeaders headers = Outputs.headers(Instant.now());
            for (int row = 0; row < rows; row++) {
                emit(records[row], row, headers);
                records[row] = null;
            }
        }
        rows = 0;
    }

    private OnnxTensor tensor(ByteBuffer buffer, int columns) throws OrtException {
        FloatBuffer floats = buffer.asFloatBuffer();
        floats.limit(rows * columns);
        return OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), floats, new long[] {rows, columns});
    }

    private void emit(ConsumerRecord<byte[], byte[]> record, int row, FixedHeaders headers) {
        byte[] value =
                encoder.encode(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.timestamp(),
                        outputs,
                        row);
        if (timestamp != record.timestamp()) {
            timestamp = record.timestamp();
        }
        send(
                new SharedHeadersRecord(
                        topic, record.partition(), timestamp, record.key(), value, headers));
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not close the session", e);
        }
    }
}
