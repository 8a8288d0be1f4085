package dev.millrace.operator.inference;

import dev.millrace.operator.deadletter.DeadLetter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.util.OutputTag;

/**
 * Makes the operator on the machine that scores. Chains to whatever is upstream, so that an element
 * is decoded by the thread that read it, without serialisation.
 */
public final class MicroBatchInferenceOperatorFactory<IN, OUT>
        extends AbstractStreamOperatorFactory<OUT>
        implements OneInputStreamOperatorFactory<IN, OUT> {
    private static final long serialVersionUID = 1L;

    private final EngineProvider engines;
    private final FeatureWriter<IN> features;
    private final ScoreReader<IN, OUT> scores;
    private final InferenceOptions options;
    private final OutputTag<DeadLetter<IN>> deadLetterTag;
    private final boolean copyInputs;

    /**
     * @param deadLetterTag the side output of dead letters, or null where a record that cannot be
     *     scored fails the task
     * @param copyInputs whether elements must be copied to be kept, in jobs with object reuse
     */
    public MicroBatchInferenceOperatorFactory(
            EngineProvider engines,
            FeatureWriter<IN> features,
            ScoreReader<IN, OUT> scores,
            InferenceOptions options,
            OutputTag<DeadLetter<IN>> deadLetterTag,
            boolean copyInputs) {
        this.engines = engines;
        this.features = features;
        this.scores = scores;
        this.options = options;
        this.deadLetterTag = deadLetterTag;
        this.copyInputs = copyInputs;
        setChainingStrategy(ChainingStrategy.ALWAYS);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Flink declares it
    public <T extends StreamOperator<OUT>> T createStreamOperator(
            StreamOperatorParameters<OUT> parameters) {
        return (T)
                new MicroBatchInferenceOperator<>(
                        parameters, engines, features, scores, options, deadLetterTag, copyInputs);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return MicroBatchInferenceOperator.class;
    }
}
