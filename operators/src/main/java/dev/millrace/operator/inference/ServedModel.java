package dev.millrace.operator.inference;

import dev.millrace.gpu.engine.EngineDescription;
import dev.millrace.gpu.engine.ModelSignature;
import dev.millrace.gpu.engine.ModelVersion;

/** The model that functions write features for and read scores of. Any thread. */
public interface ServedModel {
    /** What scores at present. Changes with releases where the engine has several versions. */
    ModelVersion version();

    ModelSignature signature();

    /** What scores at present. Changes when the engine falls back to its twin. */
    EngineDescription engine();
}
