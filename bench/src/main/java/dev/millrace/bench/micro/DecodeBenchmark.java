package dev.millrace.bench.micro;

import dev.millrace.bench.Workload;
import dev.millrace.schema.RecordDecodingException;
import dev.millrace.schema.feature.FeaturePlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One record's features into a row: compiled plan against Avro's generic reader. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodeBenchmark {
    private static final int RECORDS = 1024;

    @Param public Workload workload;

    private List<byte[]> records;
    private FeaturePlan plan;
    private GenericDatumReader<GenericRecord> reader;
    private GenericRecord reusedRecord;
    private BinaryDecoder reusedDecoder;
    private ByteBuffer[] tensors;

    @Setup
    public void prepare() {
        records = workload.records(RECORDS);
        plan = FeaturePlan.compile(workload.schema(), workload.featureSpec());
        reader = new GenericDatumReader<>(workload.schema());
        int bytes = RECORDS * workload.features() * Float.BYTES;
        tensors =
                new ByteBuffer[] {ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())};
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public ByteBuffer featurePlan() throws RecordDecodingException {
        for (int row = 0; row < RECORDS; row++) {
            plan.decode(records.get(row), tensors, row);
        }
        return tensors[0];
    }

    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public ByteBuffer genericRecord() throws IOException {
        for (int row = 0; row < RECORDS; row++) {
            reusedDecoder = DecoderFactory.get().binaryDecoder(records.get(row), reusedDecoder);
            reusedRecord = reader.read(reusedRecord, reusedDecoder);
            copy(reusedRecord, row * workload.features() * Float.BYTES);
        }
        return tensors[0];
    }

    private void copy(GenericRecord record, int offset) {
        int at = offset;
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (value instanceof Float number) {
                tensors[0].putFloat(at, number);
                at += Float.BYTES;
                continue;
            }
            for (Object element : (List<?>) value) {
                tensors[0].putFloat(at, (Float) element);
                at += Float.BYTES;
            }
        }
    }
}
