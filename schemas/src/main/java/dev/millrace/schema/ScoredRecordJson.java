package dev.millrace.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** Writes scored records as JSON: shortest numbers that read back to the same bits. */
final class ScoredRecordJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ScoredRecordJson() {}

    static String text(ScoredRecord record) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("pipeline", record.pipeline());
            source(json, record.source());
            model(json, record.model());
            json.writeStringField("precision", record.precision());
            json.writeObjectFieldStart("scores");
            for (Map.Entry<String, Score> score : record.scores().entrySet()) {
                json.writeFieldName(score.getKey());
                value(json, score.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static void source(JsonGenerator json, SourcePosition source) throws IOException {
        json.writeObjectFieldStart("source");
        json.writeStringField("topic", source.topic());
        json.writeNumberField("partition", source.partition());
        json.writeNumberField("offset", source.offset());
        json.writeNumberField("timestamp", source.timestampMs());
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, ModelIdentity model) throws IOException {
        json.writeObjectFieldStart("model");
        json.writeStringField("name", model.name());
        json.writeStringField("version", model.version());
        json.writeStringField("sha256", model.sha256());
        json.writeEndObject();
    }

    private static void value(JsonGenerator json, Score score) throws IOException {
        if (score.scalar()) {
            element(json, score, 0);
            return;
        }
        json.writeStartArray();
        for (int i = 0; i < score.size(); i++) {
            element(json, score, i);
        }
        json.writeEndArray();
    }

    private static void element(JsonGenerator json, Score score, int index) throws IOException {
        switch (score.type()) {
            case FLOAT -> json.writeNumber((float) score.number(index));
            case DOUBLE -> json.writeNumber(score.number(index));
            case LONG -> json.writeNumber(score.bits(index));
            case BOOLEAN -> json.writeBoolean(score.bits(index) != 0);
            case STRING -> json.writeString(score.text(index));
        }
    }
}
