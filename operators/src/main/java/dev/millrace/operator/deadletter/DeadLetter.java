package dev.millrace.operator.deadletter;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.OutputTag;

/**
 * A record that could not be scored, as it was, with its cause. Travels on a side output, which
 * carries the record's event timestamp too.
 *
 * @param element the input element, unchanged
 * @param kind the step that failed
 * @param message why, in one sentence
 * @param timestamp the element's event timestamp, or {@link #NO_TIMESTAMP}
 */
public record DeadLetter<IN>(IN element, Kind kind, String message, long timestamp) {
    /** Stands for the absence of an event timestamp, as {@code Long.MIN_VALUE} does in Flink. */
    public static final long NO_TIMESTAMP = Long.MIN_VALUE;

    /** The step at which a record failed. */
    public enum Kind {
        /** Its features could not be written. */
        UNDECODABLE,
        /** The engine cannot score it. */
        UNSCORABLE,
        /** It was scored, but its scores were refused. */
        SCORE_REFUSED
    }

    /** The type of dead letters of a stream of {@code element}s. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public static <IN> TypeInformation<DeadLetter<IN>> typeOf(TypeInformation<IN> element) {
        Map<String, TypeInformation<?>> fields = new LinkedHashMap<>();
        fields.put("element", element);
        fields.put("kind", Types.ENUM(Kind.class));
        fields.put("message", Types.STRING);
        fields.put("timestamp", Types.LONG);
        return (TypeInformation) Types.POJO(DeadLetter.class, fields);
    }

    /** Names a side output for the dead letters of a stream of {@code element}s. */
    public static <IN> OutputTag<DeadLetter<IN>> tag(String id, TypeInformation<IN> element) {
        return new OutputTag<>(id, typeOf(element));
    }
}
