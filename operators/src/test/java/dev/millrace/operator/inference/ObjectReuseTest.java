package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Elements are kept until their scores are there: whose object is it meanwhile? */
class ObjectReuseTest {
    private static final InferenceOptions OPTIONS =
            InferenceOptions.DEFAULT.withMaxBatchSize(2).withSlots(2);

    /** Reads a mutable element back when its score is there, and sends two by way of one object. */
    private static List<Long> elementsAtRelease(boolean objectReuse, boolean copyInputs)
            throws Exception {
        TestingEngine engine = new TestingEngine(2, 2);
        FeatureWriter<long[]> features =
                (element, slot, row) -> TestingEngine.FEATURES.write(element[0], slot, row);
        ScoreReader<long[], Long> scores = (element, slot, row) -> element[0];
        OneInputStreamOperatorTestHarness<long[], Long> flink =
                new OneInputStreamOperatorTestHarness<>(
                        new MicroBatchInferenceOperatorFactory<>(
                                new TestingEngineProvider(request -> engine),
                                features,
                                scores,
                                OPTIONS,
                                null,
                                copyInputs),
                        LongPrimitiveArraySerializer.INSTANCE);
        try {
            if (objectReuse) {
                flink.getExecutionConfig().enableObjectReuse();
            }
            flink.setup(LongSerializer.INSTANCE);
            flink.open();
            long[] reused = {1};
            flink.processElement(reused, 0);
            reused[0] = 2;
            flink.processElement(reused, 0);
            reused[0] = 3;
            flink.endInput();
            return flink.extractOutputValues();
        } finally {
            flink.close();
        }
    }

    @Test
    void copiesElementsInJobsWithObjectReuse() throws Exception {
        assertThat(elementsAtRelease(true, true)).containsExactly(1L, 2L);
    }

    @Test
    void keepsTheElementItselfWhereNobodyReusesIt() throws Exception {
        assertThat(elementsAtRelease(false, true)).containsExactly(3L, 3L);
    }

    @Test
    void keepsTheElementItselfWhereTheJobPromisesNotToWriteToIt() throws Exception {
        assertThat(elementsAtRelease(true, false)).containsExactly(3L, 3L);
    }
}
