package dev.millrace.job.replay;

import java.io.Serializable;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.PendingSplitsCheckpoint;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * How much a source has still to read, in a unit of its own, told from its state.
 *
 * @param <S> a part of what is read, as far as a reader has come with it
 * @param <C> the enumerator's state
 */
interface Remaining<S extends SourceSplit, C> extends Serializable {
    /** What is left of a part. */
    long ofSplit(S split);

    /** What no reader has been given yet. */
    long ofEnumerator(C state);

    /**
     * What one record takes away between two checkpoints, or 0 where that differs and readers may
     * be asked for their state at any time. Kafka's may not: it takes that for a checkpoint.
     */
    long ofRecord();

    /** Records of topics, taken from offsets. The enumerator gives all of them away at once. */
    final class OfTopics implements Remaining<KafkaPartitionSplit, KafkaSourceEnumState> {
        private static final long serialVersionUID = 1L;

        @Override
        public long ofSplit(KafkaPartitionSplit split) {
            return split.getStoppingOffset()
                    .map(end -> Math.max(0, end - Math.max(0, split.getStartingOffset())))
                    .orElse(0L);
        }

        @Override
        public long ofEnumerator(KafkaSourceEnumState state) {
            return 0;
        }

        @Override
        public long ofRecord() {
            return 1;
        }
    }

    /** Bytes of files; a file's readers keep in its offset how many they have read of it. */
    final class OfFiles
            implements Remaining<FileSourceSplit, PendingSplitsCheckpoint<FileSourceSplit>> {
        private static final long serialVersionUID = 1L;

        @Override
        public long ofSplit(FileSourceSplit split) {
            // A checkpoint of a former version has no offset, which is below 0.
            long read = split.getReaderPosition().map(CheckpointedPosition::getOffset).orElse(0L);
            return Math.max(0, split.length() - Math.max(0, read));
        }

        @Override
        public long ofEnumerator(PendingSplitsCheckpoint<FileSourceSplit> state) {
            return state.getSplits().stream().mapToLong(this::ofSplit).sum();
        }

        @Override
        public long ofRecord() {
            return 0;
        }
    }
}
