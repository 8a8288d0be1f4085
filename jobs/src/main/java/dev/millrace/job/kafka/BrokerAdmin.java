package dev.millrace.job.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** The few questions the checks ask a cluster. Waits for an answer are bounded. */
public final class BrokerAdmin implements AutoCloseable {
    private static final String PATIENCE_MS = "10000";

    private final Admin admin;

    private BrokerAdmin(Admin admin) {
        this.admin = admin;
    }

    /**
     * Connects to a cluster.
     *
     * @param properties client properties, with the bootstrap servers
     */
    public static BrokerAdmin connect(Map<String, String> properties)
            throws BrokerUnavailableException {
        Map<String, Object> settings = new HashMap<>();
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        settings.putAll(properties);
        try {
            return new BrokerAdmin(Admin.create(settings));
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BrokerUnavailableException(cause.getMessage(), e);
        }
    }

    int brokers() throws BrokerUnavailableException {
        return await(admin.describeCluster().nodes()).size();
    }

    Set<String> topicNames() throws BrokerUnavailableException {
        return await(admin.listTopics().names());
    }

    /** A topic, or nothing where there is none. */
    public Optional<TopicDescription> topic(String name) throws BrokerUnavailableException {
        try {
            return Optional.of(
                    await(admin.describeTopics(List.of(name)).topicNameValues().get(name)));
        } catch (BrokerUnavailableException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException
                    || e.getCause() instanceof InvalidTopicException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The offset that each specification means, of committed records; -1 where there is none. */
    Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetSpec> specs)
            throws BrokerUnavailableException {
        return offsets(specs, IsolationLevel.READ_COMMITTED);
    }

    /** The same of all records, those of open transactions included. */
    Map<TopicPartition, Long> uncommittedOffsets(Map<TopicPartition, OffsetSpec> specs)
            throws BrokerUnavailableException {
        return offsets(specs, IsolationLevel.READ_UNCOMMITTED);
    }

    private Map<TopicPartition, Long> offsets(
            Map<TopicPartition, OffsetSpec> specs, IsolationLevel isolation)
            throws BrokerUnavailableException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        await(admin.listOffsets(specs, new ListOffsetsOptions(isolation)).all())
                .forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    /** The producers that the partitions' leaders remember; none that this client may not see. */
    Map<TopicPartition, List<ProducerState>> producers(Set<TopicPartition> partitions)
            throws BrokerUnavailableException {
        Map<TopicPartition, List<ProducerState>> producers = new HashMap<>();
        try {
            await(admin.describeProducers(partitions).all())
                    .forEach((p, state) -> producers.put(p, state.activeProducers()));
        } catch (BrokerUnavailableException e) {
            if (!isForbidden(e) && !(e.getCause() instanceof UnsupportedVersionException)) {
                throw e;
            }
        }
        return producers;
    }

    /** Transactions of these producers that are neither committed nor aborted through. */
    Collection<TransactionListing> transactionsUnderWay(Set<Long> producerIds)
            throws BrokerUnavailableException {
        ListTransactionsOptions options =
                new ListTransactionsOptions()
                        .filterProducerIds(producerIds)
                        .filterStates(
                                Set.of(
                                        TransactionState.ONGOING,
                                        TransactionState.PREPARE_COMMIT,
                                        TransactionState.PREPARE_ABORT));
        return await(admin.listTransactions(options).all());
    }

    /** A transaction, unless its coordinator has forgotten it meanwhile. */
    Optional<TransactionDescription> transaction(String transactionalId)
            throws BrokerUnavailableException {
        try {
            return Optional.of(
                    await(
                            admin.describeTransactions(List.of(transactionalId))
                                    .description(transactionalId)));
        } catch (BrokerUnavailableException e) {
            if (e.getCause() instanceof TransactionalIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Creates a topic and waits until the cluster knows it. */
    void create(NewTopic topic) throws BrokerUnavailableException {
        try {
            await(admin.createTopics(List.of(topic)).all());
        } catch (BrokerUnavailableException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** The settings of a topic; empty where this client may not see them. */
    Map<String, String> topicSettings(String topic) throws BrokerUnavailableException {
        return settings(new ConfigResource(ConfigResource.Type.TOPIC, topic));
    }

    /** A setting of one of the brokers; empty where this client may not see it. */
    Optional<String> brokerSetting(String name) throws BrokerUnavailableException {
        Node broker = await(admin.describeCluster().nodes()).iterator().next();
        Map<String, String> settings =
                settings(new ConfigResource(ConfigResource.Type.BROKER, broker.idString()));
        return Optional.ofNullable(settings.get(name));
    }

    private Map<String, String> settings(ConfigResource resource)
            throws BrokerUnavailableException {
        Map<String, String> settings = new HashMap<>();
        try {
            Config config = await(admin.describeConfigs(List.of(resource)).values().get(resource));
            for (ConfigEntry entry : config.entries()) {
                settings.put(entry.name(), entry.value());
            }
        } catch (BrokerUnavailableException e) {
            if (!isForbidden(e)) {
                throw e;
            }
        }
        return settings;
    }

    private static boolean isForbidden(BrokerUnavailableException e) {
        return e.getCause() instanceof ClusterAuthorizationException
                || e.getCause() instanceof TopicAuthorizationException;
    }

    private static <T> T await(KafkaFuture<T> future) throws BrokerUnavailableException {
        try {
            return future.get(2 * Long.parseLong(PATIENCE_MS), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new BrokerUnavailableException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new BrokerUnavailableException("no answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
