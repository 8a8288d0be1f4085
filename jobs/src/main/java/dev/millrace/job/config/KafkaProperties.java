package dev.millrace.job.config;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * Checks Kafka client properties before a client sees them: those that belong to an option of the
 * pipeline, values of the wrong type, and names that look like a misspelt property. Other unknown
 * names pass: interceptors and login modules define their own.
 */
final class KafkaProperties {
    private static final Map<String, String> OWNED =
            Map.ofEntries(
                    Map.entry("bootstrap.servers", "'kafka.bootstrap-servers'"),
                    Map.entry("group.id", "'source.group-id'"),
                    Map.entry("auto.offset.reset", "'source.start' and 'source.start-fallback'"),
                    Map.entry("partition.discovery.interval.ms", "'source.partition-discovery'"),
                    Map.entry("transaction.timeout.ms", "'sink.transaction-timeout'"),
                    Map.entry("transactional.id", "'sink.transactional-id-prefix'"));
    private static final Set<String> FIXED =
            Set.of(
                    "key.serializer",
                    "value.serializer",
                    "key.deserializer",
                    "value.deserializer",
                    "enable.auto.commit");
    private static final int MISSPELT = 2;

    private final ConfigReading reading;
    private final Option<Map<String, ConfigText>> option;
    private final ConfigDef[] definitions;

    private KafkaProperties(
            ConfigReading reading,
            Option<Map<String, ConfigText>> option,
            ConfigDef... definitions) {
        this.reading = reading;
        this.option = option;
        this.definitions = definitions;
    }

    static void check(
            ConfigReading reading,
            Option<Map<String, ConfigText>> option,
            Map<String, ConfigText> properties) {
        KafkaProperties check =
                switch (option.key()) {
                    case "source.properties" ->
                            new KafkaProperties(reading, option, ConsumerConfig.configDef());
                    case "sink.properties" ->
                            new KafkaProperties(reading, option, ProducerConfig.configDef());
                    default ->
                            new KafkaProperties(
                                    reading,
                                    option,
                                    AdminClientConfig.configDef(),
                                    ConsumerConfig.configDef(),
                                    ProducerConfig.configDef());
                };
        properties.forEach(check::property);
    }

    private void property(String name, ConfigText value) {
        String owner = OWNED.get(name);
        if (owner != null) {
            refuse(value, "'%s' has an option of its own".formatted(name), "Use " + owner);
            return;
        }
        if (FIXED.contains(name)) {
            refuse(value, "'%s' is set by Millrace".formatted(name), "Remove it");
            return;
        }
        Optional<ConfigDef> definition = definitionOf(name);
        if (definition.isEmpty()) {
            misspelt(name, value);
            return;
        }
        try {
            ConfigDef.ConfigKey key = definition.get().configKeys().get(name);
            Object parsed = ConfigDef.parseType(name, value.value(), key.type);
            if (key.validator != null) {
                key.validator.ensureValid(name, parsed);
            }
        } catch (ConfigException e) {
            String shown = value.secret() ? "its value" : "'" + value.value() + "'";
            String type = definition.get().configKeys().get(name).type.name();
            String message = "Kafka property '%s' does not take %s (%s)";
            refuse(
                    value,
                    message.formatted(name, shown, type.toLowerCase(Locale.ROOT)),
                    value.secret() ? "" : e.getMessage());
        }
    }

    private Optional<ConfigDef> definitionOf(String name) {
        for (ConfigDef definition : definitions) {
            if (definition.configKeys().containsKey(name)) {
                return Optional.of(definition);
            }
        }
        return Optional.empty();
    }

    private void misspelt(String name, ConfigText value) {
        for (ConfigDef definition : definitions) {
            for (String known : definition.configKeys().keySet()) {
                if (Nearest.distance(name, known) <= MISSPELT) {
                    refuse(
                            value,
                            "no Kafka property is called '%s'".formatted(name),
                            "Did you mean '%s'?".formatted(known));
                    return;
                }
            }
        }
    }

    private void refuse(ConfigText value, String message, String fix) {
        reading.problem(value.line(), "in '%s': %s".formatted(option.key(), message), fix);
    }
}
