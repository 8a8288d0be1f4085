package dev.millrace.local.demo;

import java.util.List;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericRecord;

/** The features of the demo's fraud model: which fields of a transaction, in which order. */
final class FraudFeatures {
    /** Paths in {@code transaction.avsc}; column r of the model's input is path r. */
    static final List<String> PATHS =
            List.of(
                    "amount",
                    "entryMode",
                    "merchant.category",
                    "merchant.ageDays",
                    "card.ageDays",
                    "card.limit",
                    "card.averageAmount",
                    "abroad",
                    "homeDistanceKm",
                    "minutesSinceLast",
                    "paymentsLastHour",
                    "paymentsLastDay",
                    "amountLastDay",
                    "declinedLastDay",
                    "hour");

    static final int AMOUNT = 0;
    static final int AVERAGE_AMOUNT = 6;

    /** Stands for a field that is null. */
    static final float ABSENT = -1;

    private FraudFeatures() {}

    /** The model's input for a transaction: numbers as floats, enums as ordinals. */
    static float[] of(GenericRecord transaction) {
        float[] features = new float[PATHS.size()];
        for (int i = 0; i < features.length; i++) {
            Object value = transaction;
            for (String step : PATHS.get(i).split("[.]", -1)) {
                value = ((GenericRecord) value).get(step);
            }
            features[i] = number(value);
        }
        return features;
    }

    private static float number(Object value) {
        if (value == null) {
            return ABSENT;
        }
        if (value instanceof Number number) {
            return number.floatValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        GenericEnumSymbol<?> symbol = (GenericEnumSymbol<?>) value;
        return symbol.getSchema().getEnumOrdinal(symbol.toString());
    }
}
