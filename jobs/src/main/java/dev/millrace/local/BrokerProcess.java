package dev.millrace.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The main of a {@link ForkedKafka}: a broker that runs until its standard input ends, which it
 * does when the parent closes it or is gone.
 */
final class BrokerProcess {
    static final String READY = "millrace-broker-ready";

    private BrokerProcess() {}

    static List<String> arguments(BrokerSettings settings) {
        List<String> arguments = new ArrayList<>();
        arguments.add(settings.directory().toString());
        arguments.add(Integer.toString(settings.port()));
        arguments.add(Integer.toString(settings.controllerPort()));
        settings.overrides().forEach((key, value) -> arguments.add(key + "=" + value));
        return arguments;
    }

    private static BrokerSettings settings(String[] arguments) {
        Map<String, String> overrides = new HashMap<>();
        for (int i = 3; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            overrides.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        return new BrokerSettings(
                Path.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                overrides);
    }

    public static void main(String[] arguments) throws IOException {
        // The parent reads one line and nothing after it: whatever else is said goes elsewhere.
        PrintStream parent = System.out;
        System.setOut(System.err);
        RaftServer server = new RaftServer(settings(arguments));
        parent.println(READY);
        System.in.transferTo(OutputStream.nullOutputStream());
        server.close();
    }
}
