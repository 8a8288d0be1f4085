// Applies one function of millrace_math.cuh to (x, y) pairs read from standard input, writes canonical results.
#include "millrace_math.cuh"
#include <cstdio>
#include <cstring>
#include <vector>

typedef float (*Function)(float, float);
struct Entry { const char* name; Function apply; };
#define ONE(name) {#name, [](float x, float) { return mr_##name(x); }}
#define TWO(name) {#name, [](float x, float y) { return mr_##name(x, y); }}
static float integer(long long value) { return mr_float((unsigned int)(value ^ (value >> 32))); }
static const Entry ENTRIES[] = {
    ONE(exp), ONE(log), ONE(log1p), ONE(expm1), ONE(sigmoid), ONE(tanh), ONE(erf), ONE(softplus),
    ONE(sin), ONE(cos), ONE(tan), ONE(atan), ONE(asin), ONE(acos), ONE(sinh), ONE(cosh),
    ONE(asinh), ONE(acosh), ONE(atanh), ONE(rint), TWO(pow), TWO(max), TWO(min),
    {"toLong", [](float x, float) { return integer(mr_to_long(x)); }},
    {"toUnsignedLong", [](float x, float) { return integer((long long)mr_to_ulong(x)); }},
    {"toUnsignedInt", [](float x, float) { return integer(mr_to_uint(x)); }},
    {"toByte", [](float x, float) { return integer(mr_to_int(x, -128, 127)); }},
    {"roundToByte", [](float x, float) { return integer(mr_round_to_int(x, -128, 127)); }},
    {"toFloat16", [](float x, float) { return integer(mr_to_half(x)); }},
    {"toBfloat16", [](float x, float) { return integer(mr_to_bfloat(x)); }},
    {"fromFloat16", [](float x, float) { return mr_from_half((unsigned short)(mr_bits(x) >> 16)); }},
    {"fromBfloat16", [](float x, float) { return mr_from_bfloat((unsigned short)(mr_bits(x) >> 16)); }},
    {"unscale", [](float x, float y) {
       return mr_unscale((long long)(((unsigned long long)mr_bits(x) << 32) | mr_bits(y)), 0x1p-40); }},
};

typedef double (*Function64)(double, double);
struct Entry64 { const char* name; Function64 apply; };
#define ONE64(name) {#name "64", [](double x, double) { return mr_##name##64(x); }}
static const Entry64 ENTRIES64[] = {
    ONE64(exp), ONE64(log), ONE64(log1p), ONE64(expm1), ONE64(sigmoid), ONE64(tanh), ONE64(erf), ONE64(softplus),
    ONE64(sinh), ONE64(cosh), ONE64(asinh), ONE64(acosh), ONE64(atanh),
    {"pow64", [](double x, double y) { return mr_pow64(x, y); }},
};

static float canonical(float x) { return mr_canonical(x); }
static double canonical(double x) { return mr_canonical64(x); }
template<typename T, typename F> static int answer(F apply) {
  std::vector<T> pairs(1 << 16), results(1 << 15);
  size_t numbers;
  while ((numbers = fread(pairs.data(), sizeof(T), pairs.size(), stdin)) > 0) {
    for (size_t i = 0; i < numbers / 2; i++) results[i] = canonical(apply(pairs[2 * i], pairs[2 * i + 1]));
    fwrite(results.data(), sizeof(T), numbers / 2, stdout);
  }
  return 0;
}

int main(int, char** arguments) {
  for (const Entry& entry : ENTRIES) {
    if (strcmp(entry.name, arguments[1]) == 0) return answer<float>(entry.apply);
  }
  for (const Entry64& entry : ENTRIES64) {
    if (strcmp(entry.name, arguments[1]) == 0) return answer<double>(entry.apply);
  }
  fprintf(stderr, "unknown function %s\n", arguments[1]);
  return 2;
}
