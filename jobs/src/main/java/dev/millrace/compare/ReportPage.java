package dev.millrace.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.InputStream;

/** A report as one HTML page with plots, readable without a network. */
public final class ReportPage {
    private static final String CHARTS =
            "/META-INF/resources/webjars/echarts/5.5.0/echarts.common.min.js";
    private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(new Jdk8Module());

    private ReportPage() {}

    public static String of(Report report) throws IOException {
        return resource("report.html")
                .replace("/*CHARTS*/", resource(CHARTS))
                .replace("\"REPORT\"", json(report).replace("</", "<\\/"));
    }

    /** A report as JSON. */
    public static String json(Report report) {
        try {
            return MAPPER.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("there is no resource " + name);
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
