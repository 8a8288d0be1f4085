package dev.millrace.job.replay;

import dev.millrace.job.config.PipelineConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** The topics of a live pipeline, which a replay leaves alone unless it was told otherwise. */
final class LiveTopics {
    /** What each is, by its name. */
    private final Map<String, String> topics = new LinkedHashMap<>();

    LiveTopics(PipelineConfig live) {
        topics.put(live.sink().topic(), "its scored records");
        topics.putIfAbsent(live.sink().deadLetterTopic(), "its dead letters");
        live.releases()
                .ifPresent(
                        releases -> {
                            topics.putIfAbsent(releases.topic(), "its model releases");
                            topics.putIfAbsent(releases.shadowTopic(), "its shadow scores");
                        });
        live.source().topics().forEach(topic -> topics.putIfAbsent(topic, "the records it reads"));
    }

    /** Refuses a replay that would write into one of them. */
    void refuseAsOutputs(PipelineConfig replayed) {
        PipelineConfig.Sink sink = replayed.sink();
        refuse(sink.topic(), sink.topic(), "");
        refuse(sink.topic(), sink.deadLetterTopic(), ", for dead letters");
        replayed.releases()
                .ifPresent(
                        releases ->
                                refuse(
                                        sink.topic(),
                                        releases.shadowTopic(),
                                        ", for shadow scores"));
    }

    private void refuse(String output, String topic, String purpose) {
        String what = topics.get(topic);
        if (what != null) {
            throw new WrongUsageException(
                    "--output-topic %s would write into topic '%s'%s, where the live pipeline has %s; name another topic, or fill a gap of the live topics by --into-live"
                            .formatted(output, topic, purpose, what));
        }
    }
}
