package dev.millrace.schema.feature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a plan does with one field of a JSON object: the fields wanted below it, or the targets its
 * value feeds. The mark says in which reading of the object around it it was last seen; it changes
 * with every record.
 */
final class JsonStep {
    final String path;

    /** By name, aliases included: several names may lead to one step. */
    final Map<String, JsonStep> byName = new HashMap<>();

    final List<JsonStep> children = new ArrayList<>();
    final JsonTarget[] targets;

    /** What stands in for an absent field: the schema's default as JSON; empty for none. */
    final byte[] schemaDefault;

    long seen;

    JsonStep(String path, JsonTarget[] targets, byte[] schemaDefault) {
        this.path = path;
        this.targets = targets;
        this.schemaDefault = schemaDefault;
    }
}
