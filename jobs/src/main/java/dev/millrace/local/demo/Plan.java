package dev.millrace.local.demo;

import java.util.OptionalLong;
import java.util.Properties;

/**
 * What a demo submits. Seed, poison and partitions decide every record's bytes and place, so they
 * stay the same when a demo is resumed.
 *
 * @param seed makes the transactions: the same seed, the same transactions
 * @param poison share of undecodable records, 0 to 1
 * @param partitions of the source topic
 * @param records how many to submit in all; {@link Long#MAX_VALUE} for no end
 * @param rate records per second; {@link Long#MAX_VALUE} for as many as are scored
 */
record Plan(long seed, double poison, int partitions, long records, long rate) {
    /** What a resumed demo may do differently. */
    record Changes(OptionalLong records, OptionalLong rate) {
        Plan applyTo(Plan plan) {
            return new Plan(
                    plan.seed,
                    plan.poison,
                    plan.partitions,
                    records.orElse(plan.records),
                    rate.orElse(plan.rate));
        }
    }

    boolean endless() {
        return records == Long.MAX_VALUE;
    }

    Properties toProperties() {
        Properties properties = new Properties();
        properties.setProperty("seed", Long.toString(seed));
        properties.setProperty("poison", Double.toString(poison));
        properties.setProperty("partitions", Integer.toString(partitions));
        properties.setProperty("records", Long.toString(records));
        properties.setProperty("rate", Long.toString(rate));
        return properties;
    }

    static Plan fromProperties(Properties properties) {
        return new Plan(
                Long.parseLong(properties.getProperty("seed")),
                Double.parseDouble(properties.getProperty("poison")),
                Integer.parseInt(properties.getProperty("partitions")),
                Long.parseLong(properties.getProperty("records")),
                Long.parseLong(properties.getProperty("rate")));
    }
}
