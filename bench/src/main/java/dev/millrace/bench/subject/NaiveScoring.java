package dev.millrace.bench.subject;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.bench.Workload;
import dev.millrace.schema.Contracts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One record at a time, as the guides of Avro and ONNX Runtime show it: a GenericRecord, {@code
 * float[][]}, a tensor, a run, a GenericRecord. One thread.
 */
final class NaiveScoring implements AutoCloseable {
    private static final String VECTOR = "dev.millrace.schema.FloatVector";

    private final Workload workload;
    private final String topic;
    private final OrtSession session;
    private final Schema resultSchema = Contracts.scoredRecord();
    private final GenericDatumReader<GenericRecord> reader;
    private final GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(resultSchema);
    private final byte[] sha256;

    NaiveScoring(Workload workload, String topic) {
        this.workload = workload;
        this.topic = topic;
        session = Sessions.open(workload);
        reader = new GenericDatumReader<>(workload.schema());
        sha256 = HexFormat.of().parseHex(workload.model().version().sha256());
    }

    ProducerRecord<byte[], byte[]> score(ConsumerRecord<byte[], byte[]> record)
            throws IOException, OrtException {
        GenericRecord features =
                reader.read(null, DecoderFactory.get().binaryDecoder(record.value(), null));
        float[] scores = run(features(features));
        ProducerRecord<byte[], byte[]> result =
                new ProducerRecord<>(
                        topic,
                        record.partition(),
                        record.timestamp(),
                        record.key(),
                        encode(result(record, scores)));
        result.headers().add(Outputs.headers(Instant.now()).toArray()[0]);
        return result;
    }

    private float[] features(GenericRecord record) {
        float[] features = new float[workload.features()];
        if (workload == Workload.IMAGES) {
            int i = 0;
            for (Object pixel : (List<?>) record.get("pixels")) {
                features[i++] = (Float) pixel;
            }
            return features;
        }
        for (int i = 0; i < features.length; i++) {
            features[i] = (Float) record.get("f" + i);
        }
        return features;
    }

    private float[] run(float[] features) throws OrtException {
        float[][] rows = {features};
        try (OnnxTensor input = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), rows);
                OrtSession.Result result = session.run(Map.of(Sessions.INPUT, input))) {
            return ((float[][]) result.get(0).getValue())[0];
        }
    }

    private GenericRecord result(ConsumerRecord<byte[], byte[]> record, float[] scores) {
        GenericRecord source = new GenericData.Record(resultSchema.getField("source").schema());
        source.put("topic", record.topic());
        source.put("partition", record.partition());
        source.put("offset", record.offset());
        source.put("timestamp", record.timestamp());
        Schema modelSchema = resultSchema.getField("model").schema();
        GenericRecord model = new GenericData.Record(modelSchema);
        model.put("name", "model");
        model.put("version", "1");
        model.put(
                "sha256",
                new GenericData.Fixed(modelSchema.getField("sha256").schema(), sha256.clone()));
        GenericRecord result = new GenericData.Record(resultSchema);
        result.put("pipeline", BenchPipeline.NAME);
        result.put("source", source);
        result.put("model", model);
        result.put("precision", "FP32");
        result.put("scores", Map.of("scores", scores(scores)));
        return result;
    }

    private Object scores(float[] scores) {
        if (scores.length == 1) {
            return scores[0];
        }
        Schema union = resultSchema.getField("scores").schema().getValueType();
        Schema vector = union.getTypes().get(union.getIndexNamed(VECTOR));
        List<Float> values = new ArrayList<>();
        for (float score : scores) {
            values.add(score);
        }
        GenericRecord record = new GenericData.Record(vector);
        record.put("values", values);
        return record;
    }

    private byte[] encode(GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        writer.write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
