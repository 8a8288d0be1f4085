package dev.millrace.job.config;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Holds the producer's properties against what a pipeline promises: no record lost that was
 * acknowledged, the order of each partition kept, and with {@code exactly-once} transactions.
 */
final class ProducerPromises {
    /** The most requests that an idempotent producer keeps in order. */
    private static final int MOST_IN_FLIGHT = 5;

    private static final String UNDER = "'%s: %s' with 'delivery-guarantee: %s': %s";

    private final ConfigReading reading;
    private final Delivery delivery;
    private final Map<String, ConfigText> common;
    private final Map<String, ConfigText> own;

    /**
     * @param common properties of all clients
     * @param own properties of the producer, which win over them
     */
    ProducerPromises(
            ConfigReading reading,
            Delivery delivery,
            Map<String, ConfigText> common,
            Map<String, ConfigText> own) {
        this.reading = reading;
        this.delivery = delivery;
        this.common = common;
        this.own = own;
    }

    void check() {
        acks();
        boolean exactlyOnce = delivery == Delivery.EXACTLY_ONCE;
        Optional<ConfigText> idempotence = find(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG);
        boolean idempotent =
                idempotence
                        .map(text -> !text.value().strip().equalsIgnoreCase("false"))
                        .orElse(true);
        if (exactlyOnce && !idempotent) {
            refuse(
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    "transactions need it",
                    "Remove it, or set it to true");
        }
        if (exactlyOnce && number(ProducerConfig.RETRIES_CONFIG).equals(Optional.of(0))) {
            refuse(ProducerConfig.RETRIES_CONFIG, "transactions need retries", "Remove it");
        }
        // Transactions without idempotence are refused already.
        order(exactlyOnce || idempotent);
    }

    private void acks() {
        Optional<ConfigText> acks = find(ProducerConfig.ACKS_CONFIG);
        if (acks.isPresent() && acks.get().value().strip().matches("0|1")) {
            refuse(
                    ProducerConfig.ACKS_CONFIG,
                    "a broker that fails loses records that it acknowledged",
                    "Remove it, or set it to all");
        }
    }

    private void order(boolean idempotent) {
        Optional<Integer> inFlight = number(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION);
        if (idempotent && inFlight.isPresent() && inFlight.get() > MOST_IN_FLIGHT) {
            refuse(
                    ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                    "the order of a partition is kept with at most " + MOST_IN_FLIGHT,
                    "Remove it, or set it to %d or less".formatted(MOST_IN_FLIGHT));
        } else if (!idempotent && inFlight.isEmpty()) {
            refuse(
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    "a request sent again overtakes others, and the order of a partition is lost",
                    "Remove it, or add '%s: 1'"
                            .formatted(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION));
        } else if (!idempotent && inFlight.get() > 1) {
            refuse(
                    ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                    "without idempotence the order of a partition is kept with 1 only",
                    "Set it to 1, or remove 'enable.idempotence'");
        }
    }

    private Optional<ConfigText> find(String property) {
        return Optional.ofNullable(own.getOrDefault(property, common.get(property)));
    }

    /** Empty as well for what is no number: that is refused for its type. */
    private Optional<Integer> number(String property) {
        return find(property)
                .map(text -> text.value().strip())
                .filter(text -> text.matches("\\d{1,9}"))
                .map(Integer::parseInt);
    }

    private void refuse(String property, String reason, String fix) {
        ConfigText text = find(property).orElseThrow();
        String option =
                (own.containsKey(property)
                                ? PipelineSettings.SINK_PROPERTIES
                                : PipelineSettings.KAFKA_PROPERTIES)
                        .key();
        String message = UNDER.formatted(property, text, OptionTypes.kebab(delivery), reason);
        reading.problem(text.line(), "in '%s': %s".formatted(option, message), fix);
    }
}
