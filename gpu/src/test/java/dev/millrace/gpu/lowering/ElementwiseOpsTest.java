package dev.millrace.gpu.lowering;

import static dev.millrace.gpu.testing.OnnxModelBuilder.ROWS;
import static dev.millrace.gpu.testing.OnnxModelBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.gpu.engine.EngineOptions;
import dev.millrace.gpu.interpreter.PlanInterpreter;
import dev.millrace.gpu.lowering.Against.Values;
import dev.millrace.gpu.model.Plan;
import dev.millrace.gpu.testing.OnnxModelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementwiseOpsTest {
    private static final long SEED = 5;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Neg",
                "Abs",
                "Floor",
                "Ceil",
                "Round",
                "Exp",
                "Tanh",
                "Erf",
                "Sigmoid",
                "Softplus",
                "Softsign",
                "Sign",
                "Relu",
                "LeakyRelu",
                "Elu",
                "Selu",
                "HardSigmoid",
                "HardSwish",
                "ThresholdedRelu",
                "Celu",
                "Reciprocal",
                "Atan",
                "Asinh",
                "Sinh",
                "Cosh"
            })
    void functionsAgreeOnAdversarialValues(String operator) throws Exception {
        unary(operator, DataType.FLOAT, DataType.FLOAT, Values.ADVERSARIAL);
    }

    @ParameterizedTest
    @CsvSource({
        "Log,POSITIVE",
        "Sqrt,POSITIVE",
        "Sin,ORDINARY",
        "Cos,ORDINARY",
        "Tan,UNIT",
        "Asin,UNIT",
        "Acos,UNIT",
        "Atanh,UNIT",
        "Shrink,ORDINARY"
    })
    void functionsAgreeWhereTheyAreDefined(String operator, Values values) throws Exception {
        unary(operator, DataType.FLOAT, DataType.FLOAT, values);
    }

    @ParameterizedTest
    @CsvSource({"18,Mish", "20,Gelu"})
    void laterFunctionsAgree(int opset, String operator) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("later").opsets(opset, 3);
        model.input("x", DataType.FLOAT, ROWS, 9).output("y", DataType.FLOAT);
        model.node(operator, List.of("x"), List.of("y"));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void approximateGeluAgrees() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("gelu").opsets(20, 3);
        model.input("x", DataType.FLOAT, ROWS, 9).output("y", DataType.FLOAT);
        model.node("Gelu", List.of("x"), List.of("y"), attribute("approximate", "tanh"));
        Against.ort(model.artifact(), random).agrees();
    }

    @ParameterizedTest
    @CsvSource({
        "IsNaN,FLOAT,BOOL", "IsInf,FLOAT,BOOL", "Not,BOOL,BOOL", "Abs,INT64,INT64",
        "Neg,INT32,INT32", "Sign,INT64,INT64", "Abs,DOUBLE,DOUBLE", "Floor,DOUBLE,DOUBLE",
        "Sqrt,DOUBLE,DOUBLE", "Relu,DOUBLE,DOUBLE"
    })
    void otherTypesAgree(String operator, DataType in, DataType out) throws Exception {
        Values values = operator.equals("Sqrt") ? Values.POSITIVE : Values.ADVERSARIAL;
        unary(operator, in, out, values);
    }

    @ParameterizedTest
    @CsvSource({"Exp,ADVERSARIAL", "Log,POSITIVE", "Tanh,ADVERSARIAL", "Sigmoid,ADVERSARIAL"})
    void functionsOfDoublesAgree(String operator, Values values) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("double");
        model.input("x", DataType.DOUBLE, ROWS, 17).output("y", DataType.DOUBLE);
        model.node(operator, List.of("x"), List.of("y"));
        Against.ort(model.artifact(), random).with(values).within(1e-14, 1e-15).agrees();
    }

    /** Most of these ONNX Runtime has in single precision only. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Erf",
                "Softplus",
                "Sinh",
                "Cosh",
                "Asinh",
                "Elu",
                "Celu",
                "Selu",
                "Mish",
                "Gelu",
                "Swish",
                "LogSoftmax",
                "GlobalLpPool"
            })
    void doublesGiveWhatFloatsGive(String operator) throws Exception {
        float[] numbers = new float[40];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian() * 3;
        }
        ByteBuffer floats = ByteBuffer.allocateDirect(4 * 40).order(ByteOrder.nativeOrder());
        floats.asFloatBuffer().put(numbers);
        ByteBuffer doubles = ByteBuffer.allocateDirect(8 * 40).order(ByteOrder.nativeOrder());
        for (int i = 0; i < numbers.length; i++) {
            doubles.putDouble(8 * i, numbers[i]);
        }
        ByteBuffer ofFloats = scored(operator, DataType.FLOAT, floats);
        ByteBuffer ofDoubles = scored(operator, DataType.DOUBLE, doubles);
        int elements = operator.equals("GlobalLpPool") ? 1 : numbers.length;
        for (int i = 0; i < elements; i++) {
            double expected = ofFloats.getFloat(4 * i);
            assertThat(ofDoubles.getDouble(8 * i))
                    .as("%s of %s, seed %d", operator, numbers[i], SEED)
                    .isCloseTo(expected, within(1e-6 + 1e-6 * Math.abs(expected)));
        }
    }

    /** One row of 40. */
    private static ByteBuffer scored(String operator, DataType type, ByteBuffer input)
            throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("same").opsets(24, 3);
        model.input("x", type, ROWS, 1, 40).output("y", type);
        boolean norm = operator.equals("GlobalLpPool");
        AttributeProto[] attributes = {attribute("p", 3L)};
        model.node(operator, List.of("x"), List.of("y"), norm ? attributes : new AttributeProto[0]);
        Plan plan = PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
        ByteBuffer output =
                ByteBuffer.allocateDirect(input.capacity()).order(ByteOrder.nativeOrder());
        ByteBuffer[] in = {input};
        ByteBuffer[] out = {output};
        assertThat(new PlanInterpreter(plan, 1).run(in, out, 0, 1)).isEqualTo(-1);
        return output;
    }

    private void unary(String operator, DataType in, DataType out, Values values) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("unary");
        model.input("x", in, ROWS, 17).output("y", out);
        model.node(operator, List.of("x"), List.of("y"));
        Against.ort(model.artifact(), random).with(values).withRows(5).agrees();
    }

    @ParameterizedTest
    @CsvSource({
        "Add,FLOAT,FLOAT",
        "Sub,DOUBLE,DOUBLE",
        "Mul,INT32,INT32",
        "Div,INT64,INT64",
        "Div,FLOAT,FLOAT",
        "Max,FLOAT,FLOAT",
        "Min,INT64,INT64",
        "Pow,FLOAT,FLOAT",
        "Pow,DOUBLE,DOUBLE",
        "Less,FLOAT,BOOL",
        "LessOrEqual,DOUBLE,BOOL",
        "Greater,INT64,BOOL",
        "GreaterOrEqual,FLOAT,BOOL",
        "Equal,INT64,BOOL",
        "Equal,FLOAT,BOOL",
        "And,BOOL,BOOL",
        "Or,BOOL,BOOL",
        "Xor,BOOL,BOOL",
        "Mod,INT64,INT64",
        "Pow,INT64,INT64",
        "PRelu,FLOAT,FLOAT"
    })
    void operandsBroadcast(String operator, DataType in, DataType out) throws Exception {
        int[][] shapes = {{2, 3}, {1, 3}, {1, 1}, {2, 1}};
        for (int[] shape : shapes) {
            OnnxModelBuilder model = new OnnxModelBuilder("binary");
            model.input("a", in, ROWS, 2, 3).input("b", in, ROWS, shape[0], shape[1]);
            model.output("y", out);
            model.node(operator, List.of("a", "b"), List.of("y"));
            Values values = operator.equals("Pow") ? Values.POSITIVE : Values.ORDINARY;
            Against.ort(model.artifact(), random).with(values).withIntegers(1, 9).agrees();
        }
    }

    @Test
    void remaindersAgreeForEverySign() throws Exception {
        for (DataType type : new DataType[] {DataType.INT32, DataType.FLOAT}) {
            for (long fmod = type == DataType.FLOAT ? 1 : 0; fmod < 2; fmod++) {
                OnnxModelBuilder model = new OnnxModelBuilder("mod");
                model.input("a", type, ROWS, 40).output("y", type);
                if (type == DataType.FLOAT) {
                    model.floats("b", new float[] {1.5f}, 1);
                } else {
                    model.input("b", type, ROWS, 1);
                }
                model.node("Mod", List.of("a", "b"), List.of("y"), attribute("fmod", fmod));
                Against.ort(model.artifact(), random).withIntegers(-7, 0).agrees();
            }
        }
    }

    @Test
    void variadicOperatorsAgree() throws Exception {
        for (String operator : List.of("Sum", "Mean", "Max", "Min")) {
            OnnxModelBuilder model = new OnnxModelBuilder("variadic");
            model.input("a", DataType.FLOAT, ROWS, 4).input("b", DataType.FLOAT, ROWS, 1);
            model.floats("c", new float[] {1, -1, 2, 0}, 4).output("y", DataType.FLOAT);
            model.node(operator, List.of("a", "b", "c"), List.of("y"));
            Plan plan = Against.ort(model.artifact(), random).agrees();
            assertThat(plan.steps()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT,INT32", "FLOAT,INT64", "FLOAT,DOUBLE", "DOUBLE,FLOAT", "INT64,FLOAT", "INT64,INT8",
        "INT32,UINT8", "FLOAT,BOOL", "BOOL,FLOAT", "INT64,BOOL", "FLOAT,FLOAT16", "FLOAT16,FLOAT",
        "DOUBLE,INT32", "UINT8,FLOAT", "INT8,INT64"
    })
    void castsAgree(DataType from, DataType to) throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("cast");
        model.input("x", from, ROWS, 20).output("y", to);
        model.node("Cast", List.of("x"), List.of("y"), attribute("to", (long) to.getNumber()));
        Against.ort(model.artifact(), random).withIntegers(-1, 90).agrees();
    }

    @Test
    void clipAgreesInOldAndNewOpsets() throws Exception {
        for (int opset : new int[] {7, 13}) {
            OnnxModelBuilder model = new OnnxModelBuilder("clip").opsets(opset, 1);
            model.input("x", DataType.FLOAT, ROWS, 30).output("y", DataType.FLOAT);
            model.floats("low", new float[] {-0.5f}).floats("high", new float[] {0.75f});
            if (opset == 7) {
                model.node(
                        "Clip",
                        List.of("x"),
                        List.of("y"),
                        attribute("min", -0.5f),
                        attribute("max", 0.75f));
            } else {
                model.node("Clip", List.of("x", "low", "high"), List.of("y"));
            }
            Against.ort(model.artifact(), random).with(Values.ADVERSARIAL).agrees();
        }
    }

    @Test
    void whereAgrees() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("where");
        model.input("c", DataType.BOOL, ROWS, 3, 1).input("a", DataType.FLOAT, ROWS, 1, 4);
        model.floats("b", new float[] {1, 2, 3}, 3, 1).output("y", DataType.FLOAT);
        model.node("Where", List.of("c", "a", "b"), List.of("y"));
        Against.ort(model.artifact(), random).agrees();
    }

    @Test
    void wholePowersOfIntegersAreExact() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("power");
        model.input("x", DataType.INT64, ROWS, 20).output("y", DataType.INT64);
        model.floats("exponents", new float[] {0, 1, 2, 5, 11}, 5, 1);
        model.node("Unsqueeze", List.of("x", "axis"), List.of("u"))
                .longs("axis", new long[] {1}, 1);
        model.node("Pow", List.of("u", "exponents"), List.of("y"));
        Against.ort(model.artifact(), random).withIntegers(-9, 10).agrees();
    }

    @Test
    void unsignedIntegersDivide() throws Exception {
        for (String operator : List.of("Div", "Mod", "Max", "Min")) {
            OnnxModelBuilder model = new OnnxModelBuilder("unsigned");
            model.input("a", DataType.INT64, ROWS, 30).input("b", DataType.INT64, ROWS, 30);
            model.output("y", DataType.INT64);
            AttributeProto unsigned = attribute("to", (long) DataType.UINT64.getNumber());
            AttributeProto signed = attribute("to", (long) DataType.INT64.getNumber());
            model.node("Cast", List.of("a"), List.of("c"), unsigned);
            model.node("Cast", List.of("b"), List.of("d"), unsigned);
            model.node(operator, List.of("c", "d"), List.of("e"));
            model.node("Cast", List.of("e"), List.of("y"), signed);
            Against.ort(model.artifact(), random).withIntegers(-40, 0).agrees();
            Against.ort(model.artifact(), random).withIntegers(1, 40).agrees();
            Against.ort(model.artifact(), random)
                    .withIntegers(Long.MIN_VALUE, Long.MAX_VALUE)
                    .agrees();
        }
    }

    @Test
    void chainsBecomeOneStep() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("chain");
        model.input("x", DataType.FLOAT, ROWS, 8).output("y", DataType.FLOAT);
        model.floats("k", new float[] {2}, 1);
        model.node("Mul", List.of("x", "k"), List.of("a"));
        model.node("Tanh", List.of("a"), List.of("b"));
        model.node("Add", List.of("b", "x"), List.of("c"));
        model.node("Relu", List.of("c"), List.of("y"));
        Plan plan = Against.ort(model.artifact(), random).agrees();
        assertThat(plan.steps()).hasSize(1);
    }

    @Test
    void sharedResultsAreComputedOnce() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("shared");
        model.input("x", DataType.FLOAT, ROWS, 8).output("y", DataType.FLOAT);
        model.node("Exp", List.of("x"), List.of("e"));
        model.node("Tanh", List.of("e"), List.of("a"));
        model.node("Sqrt", List.of("e"), List.of("b"));
        model.node("Add", List.of("a", "b"), List.of("y"));
        Plan plan = Against.ort(model.artifact(), random).agrees();
        assertThat(plan.steps()).hasSize(2);
    }

    @Test
    void whatNobodyReadsIsLeftOut() throws Exception {
        OnnxModelBuilder model = new OnnxModelBuilder("dead");
        model.input("x", DataType.FLOAT, ROWS, 8).output("y", DataType.FLOAT);
        model.node("Unheard", List.of("x"), List.of("nobody"));
        model.node("Exp", List.of("x"), List.of("y"));
        Plan plan = PlanImporter.importModel(model.artifact(), EngineOptions.of("cpu", 1, 1));
        assertThat(plan.steps()).hasSize(1);
        assertThat(plan.values()).hasSize(2);
    }

    @Test
    void unknownOperatorsAndAttributesAreRefusedByName() {
        OnnxModelBuilder unknown = new OnnxModelBuilder("unknown");
        unknown.input("x", DataType.FLOAT, ROWS, 8).output("y", DataType.FLOAT);
        unknown.node("Unheard", List.of("x"), List.of("y"));
        refused(unknown, "'Unheard_y' (Unheard): the portable plan has no such operator");
        OnnxModelBuilder attribute = new OnnxModelBuilder("attribute");
        attribute.input("x", DataType.FLOAT, ROWS, 8).output("y", DataType.FLOAT);
        AttributeProto unheard = attribute("unheard", 1L);
        attribute.node("Exp", List.of("x"), List.of("y"), unheard);
        refused(attribute, "'Exp_y' (Exp): attribute 'unheard' is not covered");
        OnnxModelBuilder wide = new OnnxModelBuilder("double");
        wide.input("x", DataType.DOUBLE, ROWS, 8).output("y", DataType.DOUBLE);
        wide.node("Sin", List.of("x"), List.of("y"));
        refused(wide, "'Sin_y' (Sin): it is computed in single precision only");
    }

    private static void refused(OnnxModelBuilder model, String message) {
        assertThatThrownBy(
                        () ->
                                PlanImporter.importModel(
                                        model.artifact(), EngineOptions.of("cpu", 1, 1)))
                .isInstanceOf(NotCoveredException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("engine onnxruntime");
    }
}
