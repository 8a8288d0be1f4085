package dev.millrace.endtoend;

import dev.millrace.local.KafkaBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The truth that everything is held against: which number is at which offset of the topic a lane
 * reads. Not what was submitted: a producer whose broker dies may write a number twice, and then it
 * has to come out twice. One thread.
 */
final class Submitted implements AutoCloseable {
    private final TopicReader reader;
    private final List<List<Long>> numbers;

    Submitted(KafkaBroker broker, int partitions) {
        reader = new TopicReader(broker, partitions, Lane.INPUT);
        numbers =
                IntStream.range(0, partitions)
                        .mapToObj(partition -> (List<Long>) new ArrayList<Long>())
                        .toList();
    }

    /** The number at a place that the pipeline has read, so that it is there. */
    long numberAt(int partition, long offset) throws Exception {
        List<Long> inPartition = numbers.get(partition);
        Eventually.await(
                "the submitted record %d:%d is read".formatted(partition, offset),
                () -> {
                    if (offset >= inPartition.size()) {
                        reader.poll(this::enter);
                    }
                    return offset < inPartition.size();
                });
        return inPartition.get((int) offset);
    }

    /** All numbers by partition and offset, when nothing more is submitted. */
    List<List<Long>> all() throws Exception {
        reader.readToEnd(this::enter);
        return numbers;
    }

    /** How many records there are, when nothing more is submitted. */
    long count() throws Exception {
        return all().stream().mapToLong(List::size).sum();
    }

    /** How many different numbers there are, when nothing more is submitted. */
    long distinct() throws Exception {
        return all().stream()
                .flatMap((List<Long> each) -> Stream.of(each.toArray()))
                .distinct()
                .count();
    }

    private void enter(ConsumerRecord<byte[], byte[]> record) {
        List<Long> inPartition = numbers.get(record.partition());
        if (record.offset() != inPartition.size()) {
            throw new AssertionError(
                    "Offset %d of %s-%d follows %d"
                            .formatted(
                                    record.offset(),
                                    record.topic(),
                                    record.partition(),
                                    inPartition.size() - 1));
        }
        inPartition.add(Long.valueOf(Lane.header(record, Numbers.ID)));
    }

    @Override
    public void close() {
        reader.close();
    }
}
