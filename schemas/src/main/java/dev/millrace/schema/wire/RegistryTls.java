package dev.millrace.schema.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Whom the registry client trusts and as whom it shows itself, from files. */
final class RegistryTls {
    private RegistryTls() {}

    /** A context of the options' stores; empty where the Java runtime's own will do. */
    static Optional<SSLContext> context(SchemaRegistryOptions options) {
        Optional<String> trustStore = options.find(SchemaRegistryOptions.TRUSTSTORE);
        Optional<String> keyStore = options.find(SchemaRegistryOptions.KEYSTORE);
        if (trustStore.isEmpty() && keyStore.isEmpty()) {
            return Optional.empty();
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            // A missing part stands for the runtime's own.
            context.init(
                    keyStore.isPresent() ? keys(keyStore.get(), options) : null,
                    trustStore.isPresent() ? trusted(trustStore.get(), options) : null,
                    null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "Cannot set up TLS for the %s: %s".formatted(options, e.getMessage()), e);
        }
    }

    private static TrustManager[] trusted(String file, SchemaRegistryOptions options)
            throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(
                load(
                        file,
                        options.find(SchemaRegistryOptions.TRUSTSTORE_TYPE),
                        options.find(SchemaRegistryOptions.TRUSTSTORE_PASSWORD)));
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(String file, SchemaRegistryOptions options)
            throws GeneralSecurityException {
        Optional<String> storePassword = options.find(SchemaRegistryOptions.KEYSTORE_PASSWORD);
        KeyStore store =
                load(file, options.find(SchemaRegistryOptions.KEYSTORE_TYPE), storePassword);
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        String keyPassword =
                options.find(SchemaRegistryOptions.KEY_PASSWORD).or(() -> storePassword).orElse("");
        factory.init(store, keyPassword.toCharArray());
        return factory.getKeyManagers();
    }

    private static KeyStore load(String file, Optional<String> type, Optional<String> password)
            throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(type.orElse("PKCS12"));
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, password.map(String::toCharArray).orElse(null));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "Cannot read the key store %s (as %s): %s"
                            .formatted(file, store.getType(), e.getMessage()),
                    e);
        }
        return store;
    }
}
