package dev.millrace.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A broker's key, what trusts it, and passwords, made by the JDK's own tool. */
final class Secrets {
    static final String KAFKA_PASSWORD = "kafka-secret-4711";
    static final String STORE_PASSWORD = "store-secret-4712";

    static final List<String> FILES = List.of("broker.p12", "trust.p12", "trust-password");

    private Secrets() {}

    /** Writes broker.p12, trust.p12, and the trust store's password in a file of its own. */
    static Path write(Path folder) throws IOException, InterruptedException {
        Path broker = folder.resolve("broker.p12");
        Path certificate = folder.resolve("broker.pem");
        keytool(
                "-genkeypair",
                "-alias=broker",
                "-keyalg=EC",
                "-dname=CN=kafka",
                "-ext=SAN=dns:kafka,dns:localhost",
                "-validity=2",
                "-storetype=PKCS12",
                "-keystore=" + broker);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias=broker",
                "-keystore=" + broker,
                "-file=" + certificate);
        keytool(
                "-importcert",
                "-noprompt",
                "-alias=broker",
                "-file=" + certificate,
                "-storetype=PKCS12",
                "-keystore=" + folder.resolve("trust.p12"));
        Files.writeString(folder.resolve("trust-password"), STORE_PASSWORD + "\n");
        return folder;
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            command.add(equals < 0 ? argument : argument.substring(0, equals));
            if (equals >= 0) {
                command.add(argument.substring(equals + 1));
            }
        }
        command.addAll(List.of("-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }
}
