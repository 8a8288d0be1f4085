package dev.millrace.gpu.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gpu.engine.Engine;
import dev.millrace.gpu.engine.EngineException;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.engine.Engines;
import dev.millrace.gpu.engine.ModelArtifact;
import dev.millrace.gpu.engine.Precision;
import dev.millrace.gpu.testing.Rows;
import dev.millrace.gpu.testing.TestModels;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;

/**
 * Golden vectors: what models score on fixed rows, as digests that were written down once. A
 * portable engine that gives other ones has changed a bit of somebody's scores, and NUMERICS.md
 * needs a new version.
 */
public enum Golden {
    PERCEPTRON("933759bd33e5e8c3218d078b50872af47f511e6046a54740dedeb6e4032e19c0") {
        @Override
        ModelArtifact artifact() {
            return TestModels.mlp(30, 64, 32, 1);
        }
    },
    WIDE_PERCEPTRON("d72d95bd0d97f5c5ac8e04bde30c65559382ee64ed825de5f18175652a23ddad") {
        @Override
        ModelArtifact artifact() {
            return TestModels.mlp(784, 32, 32, 10);
        }
    },
    REGRESSION_TREES("a7225e25580cef703a5947812880c784f9e3b96c7a95d9321b68df170c9d3b09") {
        @Override
        ModelArtifact artifact() {
            return TestModels.treeRegressor(30, 100, 6);
        }
    },
    CLASSIFYING_TREES("81e1a6e639151b516246c99dcc5acf9e1076875db3cbad48bf1abf2bc79f1118") {
        @Override
        ModelArtifact artifact() {
            return TestModels.treeClassifier(30, 20, 5);
        }
    },
    EMBEDDING("35d5ac6a210d591052eef03f9e72d59d1becfd9bdb5c1cad4d7153fcf89095e6") {
        @Override
        ModelArtifact artifact() {
            return TestModels.embedding(50, 4, 3);
        }
    },
    STRINGS("0e9145a30017740ea9f1e010d3ec3dcdc78f683cb8989ab66293552f0450ef4d") {
        @Override
        ModelArtifact artifact() {
            return TestModels.stringEncoder();
        }
    };

    private static final int ROWS = 100;

    private final String sha256;

    Golden(String sha256) {
        this.sha256 = sha256;
    }

    abstract ModelArtifact artifact();

    /** Scores every model's rows and holds the bits against what was written down. */
    public static void check(String backend, Map<String, String> properties)
            throws EngineException {
        for (Golden model : values()) {
            EngineOptions options =
                    new EngineOptions(backend, ROWS, 2, Precision.FP32, 0, properties);
            try (Engine engine = Engines.open(model.artifact(), options)) {
                assertThat(model.digest(engine)).as("scores of " + model).isEqualTo(model.sha256);
            }
        }
    }

    private String digest(Engine engine) {
        Random random = new Random(23);
        byte[][] rows = new byte[ROWS][];
        for (int row = 0; row < ROWS; row++) {
            rows[row] = Rows.random(engine.signature(), random);
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] scores : Rows.score(engine, engine.slots().get(0), rows)) {
                digest.update(scores);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
