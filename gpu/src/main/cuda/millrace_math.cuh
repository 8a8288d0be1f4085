// The transcendental functions of gpu/NUMERICS.md, step for step the same as dev.millrace.gpu.math.
//
// Three worlds compile this file: NVRTC (with --fmad=false, default --prec-div, --prec-sqrt and --ftz=false), the
// CPU emulation of the tests, and plain g++ (with -ffp-contract=off). Every fused multiply-add is written
// MR_FMA or MR_FMA64; no other contraction may happen. No function branches on more than its own value.
// Change a step here and in Java together, and raise the version in NUMERICS.md.
#pragma once

#ifdef __CUDACC__
#define MR_FN static __device__ __forceinline__
#define MR_CONSTANT static __device__ const
#define MR_FMA(a, b, c) __fmaf_rn((a), (b), (c))
#define MR_FMA64(a, b, c) __fma_rn((a), (b), (c))
#define MR_SQRT(a) __fsqrt_rn(a)
#define MR_SQRT64(a) __dsqrt_rn(a)
#define MR_NAN __int_as_float(0x7fc00000)
#define MR_INF __int_as_float(0x7f800000)
MR_FN unsigned int mr_bits(float x) { return __float_as_uint(x); }
MR_FN float mr_float(unsigned int bits) { return __uint_as_float(bits); }
MR_FN unsigned long long mr_bits64(double x) { return (unsigned long long)__double_as_longlong(x); }
MR_FN double mr_double(unsigned long long bits) { return __longlong_as_double((long long)bits); }
#else
#define MR_FN static inline __attribute__((always_inline))
#define MR_CONSTANT static const
#define MR_FMA(a, b, c) __builtin_fmaf((a), (b), (c))
#define MR_FMA64(a, b, c) __builtin_fma((a), (b), (c))
#define MR_SQRT(a) __builtin_sqrtf(a)
#define MR_SQRT64(a) __builtin_sqrt(a)
#define MR_NAN __builtin_nanf("")
#define MR_INF __builtin_inff()
MR_FN unsigned int mr_bits(float x) { unsigned int u; __builtin_memcpy(&u, &x, 4); return u; }
MR_FN float mr_float(unsigned int bits) { float f; __builtin_memcpy(&f, &bits, 4); return f; }
MR_FN unsigned long long mr_bits64(double x) { unsigned long long u; __builtin_memcpy(&u, &x, 8); return u; }
MR_FN double mr_double(unsigned long long bits) { double d; __builtin_memcpy(&d, &bits, 8); return d; }
#endif
#define MR_NAN64 mr_double(0x7ff8000000000000ull)
#define MR_INF64 mr_double(0x7ff0000000000000ull)

MR_FN float mr_abs(float x) { return mr_float(mr_bits(x) & 0x7fffffffu); }
MR_FN float mr_copysign(float magnitude, float sign) {
  return mr_float((mr_bits(magnitude) & 0x7fffffffu) | (mr_bits(sign) & 0x80000000u));
}

MR_FN double mr_abs64(double x) { return mr_double(mr_bits64(x) & 0x7fffffffffffffffull); }
MR_FN double mr_copysign64(double magnitude, double sign) {
  return mr_double((mr_bits64(magnitude) & 0x7fffffffffffffffull) | (mr_bits64(sign) & 0x8000000000000000ull));
}

// ---- selection: NaN wins, -0 is less than +0 -------------------------------------------------------------------
MR_FN float mr_max(float a, float b) {
  if (a != a) return a;
  if (b != b) return b;
  if (a == b) return mr_float(mr_bits(a) & mr_bits(b));
  return a > b ? a : b;
}
MR_FN float mr_min(float a, float b) {
  if (a != a) return a;
  if (b != b) return b;
  if (a == b) return mr_float(mr_bits(a) | mr_bits(b));
  return a < b ? a : b;
}
// What a score leaves the engine with: one NaN only.
MR_FN float mr_canonical(float x) { return x != x ? mr_float(0x7fc00000u) : x; }
MR_FN double mr_canonical64(double x) { return x != x ? MR_NAN64 : x; }

// ---- float functions -------------------------------------------------------------------------------------------
// e^f for |f| <= ln(2)/2
MR_FN float mr_exp_core(float f) {
  float q = 0x1.6ac74cp-10f;
  q = MR_FMA(q, f, 0x1.123de0p-7f);
  q = MR_FMA(q, f, 0x1.555858p-5f);
  q = MR_FMA(q, f, 0x1.55548cp-3f);
  q = MR_FMA(q, f, 0x1.fffffcp-2f);
  q = MR_FMA(q, f, 1.0f);
  return MR_FMA(q, f, 1.0f);
}
MR_FN float mr_exp(float x) {
  x = x > 89.0f ? 89.0f : x;
  x = x < -105.0f ? -105.0f : x;
  const float t = MR_FMA(x, 0x1.715476p+0f, 12582912.0f);  // 1.5 * 2^23: the integer lies in the low bits
  const int n = (int)(mr_bits(t) - 0x4b400000u);
  const float k = t - 12582912.0f;
  float f = MR_FMA(k, -0x1.62e400p-1f, x);
  f = MR_FMA(k, -0x1.7f7d1cp-20f, f);
  const float p = mr_exp_core(f);
  const int half = n >> 1;
  const float s1 = mr_float((unsigned int)(half + 127) << 23);
  const float s2 = mr_float((unsigned int)(n - half + 127) << 23);
  return p * s1 * s2;
}
// log(1 + f) - f, divided by f^2, for |f| <= 1/3
MR_FN float mr_log_core(float f) {
  float r = -0x1.0779dap-3f;
  r = MR_FMA(r, f, 0x1.1e9f54p-3f);
  r = MR_FMA(r, f, -0x1.f35462p-4f);
  r = MR_FMA(r, f, 0x1.1eca1cp-3f);
  r = MR_FMA(r, f, -0x1.559b3cp-3f);
  r = MR_FMA(r, f, 0x1.99d116p-3f);
  r = MR_FMA(r, f, -0x1.ffff00p-3f);
  r = MR_FMA(r, f, 0x1.555504p-2f);
  return MR_FMA(r, f, -0.5f);
}
MR_FN float mr_log(float x) {
  if (!(x > 0.0f)) return x == 0.0f ? -MR_INF : MR_NAN;
  if (x == MR_INF) return x;
  int e = 0;
  if (x < 0x1p-126f) { x = x * 0x1p23f; e = -23; }
  const unsigned int bits = mr_bits(x);
  const int shift = (int)(bits - 0x3f2aaaabu) >> 23;  // floor(log2(x / (2/3)))
  const float f = mr_float(bits - ((unsigned int)shift << 23)) - 1.0f;
  const float r = MR_FMA(mr_log_core(f), f * f, f);
  return MR_FMA((float)(shift + e), 0x1.62e430p-1f, r);
}
MR_FN float mr_log1p(float x) {
  if (!(x > -1.0f)) return x == -1.0f ? -MR_INF : MR_NAN;
  if (x == MR_INF) return x;
  if (mr_abs(x) < 0x1.555554p-2f) return x == 0.0f ? x : MR_FMA(mr_log_core(x), x * x, x);
  const float u = 1.0f + x;
  const float lost = x < 1.0f ? x - (u - 1.0f) : 1.0f - (u - x);
  return mr_log(u) + lost / u;
}
MR_FN float mr_expm1(float x) {
  if (x > 17.5f) return mr_exp(x);
  if (x < -18.0f) return -1.0f;
  const float t = MR_FMA(x, 0x1.715476p+0f, 12582912.0f);
  const int n = (int)(mr_bits(t) - 0x4b400000u);
  const float k = t - 12582912.0f;
  float f = MR_FMA(k, -0x1.62e400p-1f, x);
  f = MR_FMA(k, -0x1.7f7d1cp-20f, f);
  float q = 0x1.9c332ap-13f;
  q = MR_FMA(q, f, 0x1.6d4e3cp-10f);
  q = MR_FMA(q, f, 0x1.1113acp-7f);
  q = MR_FMA(q, f, 0x1.5554eap-5f);
  q = MR_FMA(q, f, 0x1.555554p-3f);
  q = MR_FMA(q, f, 0.5f);
  const float m = MR_FMA(q, f * f, f);
  const float s = mr_float((unsigned int)(n + 127) << 23);
  return x == 0.0f ? x : MR_FMA(s, m, s - 1.0f);
}
MR_FN float mr_sigmoid(float x) {
  const float e = mr_exp(-mr_abs(x));
  const float d = 1.0f + e;
  return (x < 0.0f ? e : 1.0f) / d;
}
MR_FN float mr_tanh(float x) {
  const float a = mr_abs(x);
  if (a < 0.55f) {
    const float s = a * a;
    float p = -0x1.9921a2p-8f;
    p = MR_FMA(p, s, 0x1.58e518p-6f);
    p = MR_FMA(p, s, -0x1.b91e7ep-5f);
    p = MR_FMA(p, s, 0x1.110ceep-3f);
    p = MR_FMA(p, s, -0x1.55554ap-2f);
    return mr_copysign(MR_FMA(p * s, a, a), x);
  }
  const float e = mr_exp(a + a);
  return mr_copysign(1.0f - 2.0f / (e + 1.0f), x);
}
MR_FN float mr_erf(float x) {
  const float a = mr_abs(x);
  if (a < 0.93f) {
    const float s = a * a;
    float p = 0x1.4f6760p-14f;
    p = MR_FMA(p, s, -0x1.a60a2ep-11f);
    p = MR_FMA(p, s, 0x1.544a1ap-8f);
    p = MR_FMA(p, s, -0x1.b8011ap-6f);
    p = MR_FMA(p, s, 0x1.ce2d64p-4f);
    p = MR_FMA(p, s, -0x1.812740p-2f);
    p = MR_FMA(p, s, 0x1.06eba8p-3f);
    return mr_copysign(MR_FMA(p, a, a), x);
  }
  const float c = a > 4.0f ? 4.0f : a;
  float q = 0x1.61f93ap-16f;
  q = MR_FMA(q, c, -0x1.c798e8p-12f);
  q = MR_FMA(q, c, 0x1.115c86p-8f);
  q = MR_FMA(q, c, -0x1.9b8f3ep-6f);
  q = MR_FMA(q, c, 0x1.bb840ep-4f);
  q = MR_FMA(q, c, 0x1.44460ap-1f);
  q = MR_FMA(q, c, 0x1.2127e4p+0f);
  q = MR_FMA(q, c, -0x1.6e564ep-13f);
  return mr_copysign(1.0f - mr_exp(-q), x);
}
MR_FN float mr_softplus(float x) { return (x < 0.0f ? 0.0f : x) + mr_log1p(mr_exp(-mr_abs(x))); }

// ---- double functions ------------------------------------------------------------------------------------------
// Sums of two doubles carry what the larger one lost, so that little more than the last rounding shows.
MR_FN double mr_power_of_two64(int n) { return mr_double((unsigned long long)(long long)(n + 1023) << 52); }
// x + low = n ln 2 + f + lost, |f| <= ln(2)/2
MR_FN int mr_split64(double x, double low, double* f, double* lost) {
  const double t = MR_FMA64(x, 0x1.71547652b82fep+0, 6755399441055744.0);  // 1.5 * 2^52: n in the low bits
  const double k = t - 6755399441055744.0;
  const double h = MR_FMA64(k, -0x1.62e42fefa3800p-1, x);
  const double l = MR_FMA64(k, 0x1.ef35793c76730p-45, -low);
  *f = h - l;
  *lost = (h - *f) - l;
  return (int)(mr_bits64(t) - 0x4338000000000000ull);
}
// e^(f + lost) - 1 - f
MR_FN double mr_exp_rest64(double f, double lost) {
double q = 0x1.61bff1c64f494p-33;
q = MR_FMA64(q, f, 0x1.1f7f6aa421dd8p-29);
q = MR_FMA64(q, f, 0x1.ae642c5c1fa33p-26);
q = MR_FMA64(q, f, 0x1.27e4d3f50d87fp-22);
q = MR_FMA64(q, f, 0x1.71de3a5aaefb9p-19);
q = MR_FMA64(q, f, 0x1.a01a01a9f72adp-16);
q = MR_FMA64(q, f, 0x1.a01a01a01969bp-13);
q = MR_FMA64(q, f, 0x1.6c16c16c15a48p-10);
q = MR_FMA64(q, f, 0x1.1111111111111p-7);
q = MR_FMA64(q, f, 0x1.5555555555557p-5);
q = MR_FMA64(q, f, 0x1.5555555555555p-3);
q = MR_FMA64(q, f, 0.5);
  return MR_FMA64(f * f, q, MR_FMA64(lost, f, lost));
}
// 2^shift e^(x + low), shift of 0 or -1
MR_FN double mr_exp_sum64(double x, double low, int shift) {
  if (x < -746.0) return 0.0;
  double f, lost;
  const int n = mr_split64(x > 711.0 ? 711.0 : x, low, &f, &lost) + shift;
  const double r = mr_exp_rest64(f, lost);
  const double g = f + r;
  const double y = 1.0 + g;
  const double p = y + (((1.0 - y) + g) + ((f - g) + r));
  const int half = n >> 1;
  return p * mr_power_of_two64(half) * mr_power_of_two64(n - half);
}
MR_FN double mr_exp64(double x) { return mr_exp_sum64(x, 0.0, 0); }
MR_FN double mr_expm164(double x) {
  if (x > 37.0) return mr_exp64(x);
  if (x < -40.0) return -1.0;
  double f, lost;
  const int n = mr_split64(x, 0.0, &f, &lost);
  const double r = mr_exp_rest64(f, lost);
  const double s = mr_power_of_two64(n);
  const double b = s - 1.0;
  const double g = s * f;
  const double y = b + g;
  const double e = y + MR_FMA64(s, r, (b - y) + g);
  return x == 0.0 ? x : e;
}
// e ln 2 + log(1 + f) + more, |more| far below 1
MR_FN double mr_log_sum64(int e, double f, double more) {
  const double s = f / (2.0 + f);
  const double z = s * s;
double p = 0x1.0c0aff044a981p-4;
p = MR_FMA64(p, z, 0x1.0fbde0f4ad179p-4);
p = MR_FMA64(p, z, 0x1.3b1c3c1c81c90p-4);
p = MR_FMA64(p, z, 0x1.745cf8e4bba1bp-4);
p = MR_FMA64(p, z, 0x1.c71c7201a55d7p-4);
p = MR_FMA64(p, z, 0x1.2492492476a1ap-3);
p = MR_FMA64(p, z, 0x1.9999999999a39p-3);
p = MR_FMA64(p, z, 0x1.5555555555555p-2);
  const double k = (double)e;
  const double l = MR_FMA64(k, 0x1.ef35793c76730p-45, more);
  const double t = MR_FMA64(s, f - (z + z) * p, -l);
  const double v = f - t;
  const double b = k * 0x1.62e42fefa3800p-1;
  const double y = b + v;
  return y + (((b - y) + v) + ((f - v) - t));
}
// x = 2^e (1 + f), 1 + f in [sqrt(1/2), sqrt(2)); x is positive, finite and normal
MR_FN int mr_exponent64(double x, double* f) {
  const unsigned long long bits = mr_bits64(x);
  const int e = (int)((long long)(bits - 0x3fe6a09e667f3bcdull) >> 52);
  *f = mr_double(bits - ((unsigned long long)(long long)e << 52)) - 1.0;
  return e;
}
MR_FN double mr_log64(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -MR_INF64 : MR_NAN64;
  if (x == MR_INF64) return x;
  double f;
  const bool small = x < 0x1p-1022;
  const int e = mr_exponent64(small ? x * 0x1p54 : x, &f);
  return mr_log_sum64(small ? e - 54 : e, f, 0.0);
}
MR_FN double mr_log1p64(double x) {
  if (!(x > -1.0)) return x == -1.0 ? -MR_INF64 : MR_NAN64;
  if (x == MR_INF64 || x == 0.0) return x;
  if (mr_abs64(x) < 0.28125) return mr_log_sum64(0, x, 0.0);
  const double u = 1.0 + x;
  const double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
  double f;
  const int e = mr_exponent64(u, &f);
  return mr_log_sum64(e, f, lost / u);
}
MR_FN double mr_sigmoid64(double x) {
  const double e = mr_exp64(-mr_abs64(x));
  const double d = 1.0 + e;
  return (x < 0.0 ? e : 1.0) / d;
}
MR_FN double mr_tanh64(double x) {
  const double a = mr_abs64(x);
  if (a < 0.55) {
    const double s = a * a;
  double p = -0x1.59718922d52edp-16;
  p = MR_FMA64(p, s, 0x1.64e9db7df7702p-14);
  p = MR_FMA64(p, s, -0x1.ec0a900d5815cp-13);
  p = MR_FMA64(p, s, 0x1.34c5272f2c133p-11);
  p = MR_FMA64(p, s, -0x1.7d97c2add0641p-10);
  p = MR_FMA64(p, s, 0x1.d6d33860c95aap-9);
  p = MR_FMA64(p, s, -0x1.226e32ec0ef6ap-7);
  p = MR_FMA64(p, s, 0x1.664f4876fd0d1p-6);
  p = MR_FMA64(p, s, -0x1.ba1ba1b9fe8a1p-5);
  p = MR_FMA64(p, s, 0x1.1111111111030p-3);
  p = MR_FMA64(p, s, -0x1.5555555555555p-2);
    return mr_copysign64(MR_FMA64(p * s, a, a), x);
  }
  return mr_copysign64(1.0 - 2.0 / (mr_exp64(a + a) + 1.0), x);
}
MR_FN double mr_erf64(double x) {
  const double a = mr_abs64(x);
  if (a < 1.0) {
    const double s = a * a;
  double p = -0x1.29971a2b8c682p-38;
  p = MR_FMA64(p, s, 0x1.7ef9816d93492p-34);
  p = MR_FMA64(p, s, -0x1.4e5e20d9bb5fap-30);
  p = MR_FMA64(p, s, 0x1.fc42dd57d886cp-27);
  p = MR_FMA64(p, s, -0x1.5f6d8a893c396p-23);
  p = MR_FMA64(p, s, 0x1.b9e64fed6bd39p-20);
  p = MR_FMA64(p, s, -0x1.f4d2561089023p-17);
  p = MR_FMA64(p, s, 0x1.f9a326c1c6edfp-14);
  p = MR_FMA64(p, s, -0x1.c02db3fee866fp-11);
  p = MR_FMA64(p, s, 0x1.565bcd0e64f5bp-8);
  p = MR_FMA64(p, s, -0x1.b82ce312889b6p-6);
  p = MR_FMA64(p, s, 0x1.ce2f21a042bdep-4);
  p = MR_FMA64(p, s, -0x1.812746b0379e7p-2);
  p = MR_FMA64(p, s, 0x1.06eba8214db69p-3);
    return mr_copysign64(MR_FMA64(p, a, a), x);
  }
  const double u = (a > 6.0 ? 6.0 : a) - 1.0;
double q = -0x1.25280044a3710p-40;
q = MR_FMA64(q, u, 0x1.fbef211901db6p-36);
q = MR_FMA64(q, u, -0x1.959236c7ad197p-32);
q = MR_FMA64(q, u, 0x1.8a2e2adf18153p-29);
q = MR_FMA64(q, u, -0x1.0079d5bbf5fb4p-26);
q = MR_FMA64(q, u, 0x1.bf76f6ea6c223p-25);
q = MR_FMA64(q, u, -0x1.a37ce1fe2e406p-24);
q = MR_FMA64(q, u, -0x1.3260bcf31b7d8p-23);
q = MR_FMA64(q, u, 0x1.146c294519235p-19);
q = MR_FMA64(q, u, -0x1.4269a6c067ecap-17);
q = MR_FMA64(q, u, 0x1.c7a6b8383dfb5p-16);
q = MR_FMA64(q, u, -0x1.b8de33d27a0cdp-16);
q = MR_FMA64(q, u, -0x1.f1b38e8268e66p-13);
q = MR_FMA64(q, u, 0x1.033f65c57b744p-9);
q = MR_FMA64(q, u, -0x1.48c9d3ec12919p-7);
q = MR_FMA64(q, u, 0x1.5477f09c0a33ap-5);
q = MR_FMA64(q, u, 0x1.afabc11a29589p-1);
q = MR_FMA64(q, u, 0x1.51c9b0006c237p+1);
q = MR_FMA64(q, u, 0x1.d97fbf27aa2a1p+0);
  return mr_copysign64(1.0 - mr_exp64(-q), x);
}
MR_FN double mr_softplus64(double x) { return (x < 0.0 ? 0.0 : x) + mr_log1p64(mr_exp64(-mr_abs64(x))); }
MR_FN double mr_sinh64(double x) {
  const double a = mr_abs64(x);
  if (a < 1.0) {
    const double s = a * a;
  double p = 0x1.99f1ba85cd319p-49;
  p = MR_FMA64(p, s, 0x1.ae777839b3498p-41);
  p = MR_FMA64(p, s, 0x1.612467d1c2fabp-33);
  p = MR_FMA64(p, s, 0x1.ae64567924223p-26);
  p = MR_FMA64(p, s, 0x1.71de3a556f9acp-19);
  p = MR_FMA64(p, s, 0x1.a01a01a01a001p-13);
  p = MR_FMA64(p, s, 0x1.1111111111111p-7);
  p = MR_FMA64(p, s, 0x1.5555555555555p-3);
    return mr_copysign64(MR_FMA64(p * s, a, a), x);
  }
  const double e = mr_exp_sum64(a, 0.0, -1);
  return mr_copysign64(e - 0.25 / e, x);
}
MR_FN double mr_cosh64(double x) {
  const double e = mr_exp_sum64(mr_abs64(x), 0.0, -1);
  return e + 0.25 / e;
}
// log(2x) for finite x from 2^28 on
MR_FN double mr_log_twice64(double x) {
  double f;
  const int e = mr_exponent64(x, &f);
  return mr_log_sum64(e + 1, f, 0.0);
}
MR_FN double mr_asinh64(double x) {
  const double a = mr_abs64(x);
  if (!(a < MR_INF64)) return x;
  if (a >= 0x1p28) return mr_copysign64(mr_log_twice64(a), x);
  const double z = a * a;
  return mr_copysign64(mr_log1p64(a + z / (1.0 + MR_SQRT64(1.0 + z))), x);
}
MR_FN double mr_acosh64(double x) {
  if (!(x >= 1.0)) return MR_NAN64;
  if (x == MR_INF64) return x;
  if (x >= 0x1p28) return mr_log_twice64(x);
  const double t = x - 1.0;
  return mr_log1p64(t + MR_SQRT64(t * (t + 2.0)));
}
MR_FN double mr_atanh64(double x) {
  const double a = mr_abs64(x);
  if (!(a <= 1.0)) return MR_NAN64;
  if (a == 1.0) return mr_copysign64(MR_INF64, x);
  return mr_copysign64(0.5 * mr_log1p64((a + a) / (1.0 - a)), x);
}
// e^(y log x) for positive finite x and finite y: the logarithm is a sum of two doubles
MR_FN double mr_positive_pow64(double x, double y) {
  double f;
  const bool small = x < 0x1p-1022;
  const int e = mr_exponent64(small ? x * 0x1p54 : x, &f);
  const double k = (double)(small ? e - 54 : e);
  const double g = 2.0 + f;
  const double s = f / g;
  const double sl = (MR_FMA64(-s, g, f) - s * (f - (g - 2.0))) / g;
  const double z = s * s;
  const double zl = MR_FMA64(s + s, sl, MR_FMA64(s, s, -z));
double q = 0x1.087e494564f23p-4;
q = MR_FMA64(q, z, 0x1.1018374c7eb99p-4);
q = MR_FMA64(q, z, 0x1.3b18bc82cc779p-4);
q = MR_FMA64(q, z, 0x1.745d09e3d8240p-4);
q = MR_FMA64(q, z, 0x1.c71c71d7fbbacp-4);
q = MR_FMA64(q, z, 0x1.249249248e4d8p-3);
q = MR_FMA64(q, z, 0x1.999999999999fp-3);
  const double d = z * 0x1.5555555555555p-2;
  const double third = MR_FMA64(zl, 0x1.5555555555555p-2, MR_FMA64(z, 0x1.5555555555555p-2, -d));
  const double dl = MR_FMA64(z * z, q, MR_FMA64(z, 0x1.5555555555555p-56, third));
  const double a = s + s;
  const double b = a * d;
  const double low = MR_FMA64(sl + sl, d, sl + sl) + MR_FMA64(a, dl, MR_FMA64(a, d, -b));
  const double h = a + b;
  const double t = k * 0x1.62e42fefa3800p-1;
  const double v = t + h;
  const double w = ((t - v) + h) + (((a - h) + b) + MR_FMA64(k, 0x1.ef35793c76730p-45, low));
  const double l = v + w;
  const double ll = (v - l) + w;
  const double p = y * l;
  if (p > 711.0) return MR_INF64;
  if (p < -746.0) return 0.0;
  return mr_exp_sum64(p, MR_FMA64(y, ll, MR_FMA64(y, l, -p)), 0);
}
MR_FN double mr_pow64(double x, double y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (x != x || y != y) return MR_NAN64;
  const double ax = mr_abs64(x), ay = mr_abs64(y);
  bool whole = ay >= 0x1p53, odd = false;
  if (ay < 0x1p53) {
    const long long i = (long long)ay;
    whole = (double)i == ay;
    odd = whole && (i & 1) != 0;
  }
  const bool negative = (mr_bits64(x) >> 63) != 0u;
  double r;
  if (ax == 0.0) r = y < 0.0 ? MR_INF64 : 0.0;
  else if (ax == MR_INF64) r = y < 0.0 ? 0.0 : MR_INF64;
  else if (ay == MR_INF64) r = ax == 1.0 ? 1.0 : ((ax > 1.0) == (y > 0.0) ? MR_INF64 : 0.0);
  else if (negative && !whole) return MR_NAN64;
  else r = mr_positive_pow64(ax, y);
  return negative && odd ? -r : r;
}

// ---- functions on double steps, rounded to float once at the end ---------------------------------------------------
// atanh(s) for |s| <= 0.2
MR_FN double mr_atanh_series(double s) {
  const double z = s * s;
  double p = 1.0 / 19;
  p = MR_FMA64(p, z, 1.0 / 17);
  p = MR_FMA64(p, z, 1.0 / 15);
  p = MR_FMA64(p, z, 1.0 / 13);
  p = MR_FMA64(p, z, 1.0 / 11);
  p = MR_FMA64(p, z, 1.0 / 9);
  p = MR_FMA64(p, z, 1.0 / 7);
  p = MR_FMA64(p, z, 1.0 / 5);
  p = MR_FMA64(p, z, 1.0 / 3);
  return MR_FMA64(p * z, s, s);
}
// log(x) of a positive, finite, normal double
MR_FN double mr_log_steps(double x) {
  const unsigned long long bits = mr_bits64(x);
  const int e = (int)((long long)(bits - 0x3fe5555555555555ull) >> 52);
  const double m = mr_double(bits - ((unsigned long long)(long long)e << 52));
  return MR_FMA64((double)e, 0x1.62e42fefa39efp-1, 2.0 * mr_atanh_series((m - 1.0) / (m + 1.0)));
}
// log(1 + u) for finite u >= 0
MR_FN double mr_log1p_steps(double u) {
  if (u < 0.25) return 2.0 * mr_atanh_series(u / (2.0 + u));
  return mr_log_steps(1.0 + u);
}
// e^x; x is brought into [-700, 700] first
MR_FN double mr_exp_steps(double x) {
  x = x > 700.0 ? 700.0 : x;
  x = x < -700.0 ? -700.0 : x;
  const double t = MR_FMA64(x, 0x1.71547652b82fep+0, 6755399441055744.0);  // 1.5 * 2^52
  const long long n = (long long)(mr_bits64(t) - 0x4338000000000000ull);
  const double k = t - 6755399441055744.0;
  const double f = MR_FMA64(k, -0x1.62e42fefa39efp-1, x);
  double p = 1.0 / 39916800;
  p = MR_FMA64(p, f, 1.0 / 3628800);
  p = MR_FMA64(p, f, 1.0 / 362880);
  p = MR_FMA64(p, f, 1.0 / 40320);
  p = MR_FMA64(p, f, 1.0 / 5040);
  p = MR_FMA64(p, f, 1.0 / 720);
  p = MR_FMA64(p, f, 1.0 / 120);
  p = MR_FMA64(p, f, 1.0 / 24);
  p = MR_FMA64(p, f, 1.0 / 6);
  p = MR_FMA64(p, f, 0.5);
  p = MR_FMA64(p, f, 1.0);
  p = MR_FMA64(p, f, 1.0);
  return p * mr_double((unsigned long long)(n + 1023) << 52);
}
MR_FN float mr_pow(float x, float y) {
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (x != x || y != y) return MR_NAN;
  const float ax = mr_abs(x), ay = mr_abs(y);
  bool whole = ay >= 0x1p24f, odd = false;
  if (ay < 0x1p24f) {
    const int i = (int)ay;
    whole = (float)i == ay;
    odd = whole && (i & 1) != 0;
  }
  const bool negative = (mr_bits(x) >> 31) != 0u;
  float r;
  if (ax == 0.0f) r = y < 0.0f ? MR_INF : 0.0f;
  else if (ax == MR_INF) r = y < 0.0f ? 0.0f : MR_INF;
  else if (ay == MR_INF) r = ax == 1.0f ? 1.0f : ((ax > 1.0f) == (y > 0.0f) ? MR_INF : 0.0f);
  else if (negative && !whole) return MR_NAN;
  else r = (float)mr_exp_steps((double)y * mr_log_steps((double)ax));
  return negative && odd ? -r : r;
}
MR_CONSTANT unsigned int MR_TWO_OVER_PI[8] = {0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                                              0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u};
// x minus the nearest multiple of pi/2; *quadrant is that multiple modulo 4. x is finite.
MR_FN double mr_reduce(float x, int* quadrant) {
  const float a = mr_abs(x);
  if (a < 0x1p20f) {
    const double t = MR_FMA64((double)x, 0x1.45f306dc9c883p-1, 6755399441055744.0);
    *quadrant = (int)(mr_bits64(t) & 3u);
    const double k = t - 6755399441055744.0;
    return MR_FMA64(k, -0x1.1a62633145c07p-54, MR_FMA64(k, -0x1.921fb54442d18p+0, (double)x));
  }
  const unsigned int bits = mr_bits(a);
  const unsigned long long m = (bits & 0x7fffffu) | 0x800000u;
  const int first = (int)(bits >> 23) - 150 - 2 + 32;  // a = m * 2^(first - 30); one zero word lies before the table
  const int word = first >> 5, shift = first & 31;
  unsigned int w[3];
  for (int i = 0; i < 3; i++) {
    const unsigned int high = word + i == 0 ? 0u : MR_TWO_OVER_PI[word + i - 1];
    const unsigned int low = MR_TWO_OVER_PI[word + i];
    w[i] = (unsigned int)(((((unsigned long long)high << 32) | low) << shift) >> 32);
  }
  const unsigned long long c = m * w[2];
  const unsigned long long b = m * w[1] + (c >> 32);
  const unsigned long long top = ((m * w[0] + (b >> 32)) << 32) | (b & 0xffffffffull);
  const long long fraction = (long long)(top << 2);
  const int n = (int)(top >> 62) + (fraction < 0 ? 1 : 0);
  const double r = (double)fraction * 0x1.921fb54442d18p-64;
  const bool negative = (mr_bits(x) >> 31) != 0u;
  *quadrant = (negative ? -n : n) & 3;
  return negative ? -r : r;
}
MR_FN double mr_sin_series(double r) {
  const double z = r * r;
  double p = -1.0 / 1307674368000.0;
  p = MR_FMA64(p, z, 1.0 / 6227020800.0);
  p = MR_FMA64(p, z, -1.0 / 39916800);
  p = MR_FMA64(p, z, 1.0 / 362880);
  p = MR_FMA64(p, z, -1.0 / 5040);
  p = MR_FMA64(p, z, 1.0 / 120);
  p = MR_FMA64(p, z, -1.0 / 6);
  return MR_FMA64(p * z, r, r);
}
MR_FN double mr_cos_series(double r) {
  const double z = r * r;
  double p = 1.0 / 20922789888000.0;
  p = MR_FMA64(p, z, -1.0 / 87178291200.0);
  p = MR_FMA64(p, z, 1.0 / 479001600);
  p = MR_FMA64(p, z, -1.0 / 3628800);
  p = MR_FMA64(p, z, 1.0 / 40320);
  p = MR_FMA64(p, z, -1.0 / 720);
  p = MR_FMA64(p, z, 1.0 / 24);
  p = MR_FMA64(p, z, -0.5);
  return MR_FMA64(p, z, 1.0);
}
MR_FN float mr_sin(float x) {
  if (!(mr_abs(x) < MR_INF)) return MR_NAN;
  if (x == 0.0f) return x;
  int quadrant;
  const double r = mr_reduce(x, &quadrant);
  const double v = (quadrant & 1) ? mr_cos_series(r) : mr_sin_series(r);
  return (float)((quadrant & 2) ? -v : v);
}
MR_FN float mr_cos(float x) {
  if (!(mr_abs(x) < MR_INF)) return MR_NAN;
  int quadrant;
  const double r = mr_reduce(x, &quadrant);
  const double v = (quadrant & 1) ? mr_sin_series(r) : mr_cos_series(r);
  return (float)(((quadrant + 1) & 2) ? -v : v);
}
MR_FN float mr_tan(float x) {
  if (!(mr_abs(x) < MR_INF)) return MR_NAN;
  if (x == 0.0f) return x;
  int quadrant;
  const double r = mr_reduce(x, &quadrant);
  const double s = mr_sin_series(r), c = mr_cos_series(r);
  return (float)((quadrant & 1) ? -c / s : s / c);
}
// atan(x) for x >= 0; infinity is allowed
MR_FN double mr_atan_steps(double x) {
  const bool inverse = x > 1.0;
  const double y = inverse ? 1.0 / x : x;
  const bool upper = y > 0x1.a827999fcef32p-2;  // tan(pi/8)
  const double t = upper ? (y - 1.0) / (y + 1.0) : y;
  const double z = t * t;
  double p = 1.0 / 33;
  p = MR_FMA64(p, z, -1.0 / 31);
  p = MR_FMA64(p, z, 1.0 / 29);
  p = MR_FMA64(p, z, -1.0 / 27);
  p = MR_FMA64(p, z, 1.0 / 25);
  p = MR_FMA64(p, z, -1.0 / 23);
  p = MR_FMA64(p, z, 1.0 / 21);
  p = MR_FMA64(p, z, -1.0 / 19);
  p = MR_FMA64(p, z, 1.0 / 17);
  p = MR_FMA64(p, z, -1.0 / 15);
  p = MR_FMA64(p, z, 1.0 / 13);
  p = MR_FMA64(p, z, -1.0 / 11);
  p = MR_FMA64(p, z, 1.0 / 9);
  p = MR_FMA64(p, z, -1.0 / 7);
  p = MR_FMA64(p, z, 1.0 / 5);
  p = MR_FMA64(p, z, -1.0 / 3);
  double r = MR_FMA64(p * z, t, t);
  r = upper ? 0x1.921fb54442d18p-1 + r : r;
  return inverse ? 0x1.921fb54442d18p+0 - r : r;
}
MR_FN float mr_atan(float x) {
  if (x != x) return MR_NAN;
  return mr_copysign((float)mr_atan_steps((double)mr_abs(x)), x);
}
MR_FN float mr_asin(float x) {
  const double a = (double)mr_abs(x);
  if (!(a <= 1.0)) return MR_NAN;
  return mr_copysign((float)mr_atan_steps(a / MR_SQRT64((1.0 - a) * (1.0 + a))), x);
}
MR_FN float mr_acos(float x) {
  const double a = (double)mr_abs(x);
  if (!(a <= 1.0)) return MR_NAN;
  const double r = a == 0.0 ? 0x1.921fb54442d18p+0 : mr_atan_steps(MR_SQRT64((1.0 - a) * (1.0 + a)) / a);
  return (float)(x < 0.0f ? 0x1.921fb54442d18p+1 - r : r);
}
MR_FN float mr_sinh(float x) {
  if (x != x) return MR_NAN;
  const double a = (double)mr_abs(x);
  double v;
  if (a < 1.0) {
    const double z = a * a;
    double p = 1.0 / 6227020800.0;
    p = MR_FMA64(p, z, 1.0 / 39916800);
    p = MR_FMA64(p, z, 1.0 / 362880);
    p = MR_FMA64(p, z, 1.0 / 5040);
    p = MR_FMA64(p, z, 1.0 / 120);
    p = MR_FMA64(p, z, 1.0 / 6);
    v = MR_FMA64(p * z, a, a);
  } else {
    const double e = mr_exp_steps(a);
    v = (e - 1.0 / e) * 0.5;
  }
  return mr_copysign((float)v, x);
}
MR_FN float mr_cosh(float x) {
  if (x != x) return MR_NAN;
  const double e = mr_exp_steps((double)mr_abs(x));
  return (float)((e + 1.0 / e) * 0.5);
}
MR_FN float mr_asinh(float x) {
  const float a = mr_abs(x);
  if (!(a < MR_INF)) return x != x ? MR_NAN : x;
  const double d = (double)a;
  return mr_copysign((float)mr_log1p_steps(d + d * d / (1.0 + MR_SQRT64(MR_FMA64(d, d, 1.0)))), x);
}
MR_FN float mr_acosh(float x) {
  if (!(x >= 1.0f)) return MR_NAN;
  if (x == MR_INF) return x;
  const double t = (double)x - 1.0;
  return (float)mr_log1p_steps(t + MR_SQRT64(t * (t + 2.0)));
}
MR_FN float mr_atanh(float x) {
  const float a = mr_abs(x);
  if (!(a <= 1.0f)) return MR_NAN;
  if (a == 1.0f) return mr_copysign(MR_INF, x);
  const double d = (double)a;
  return mr_copysign((float)(0.5 * mr_log1p_steps((d + d) / (1.0 - d))), x);
}

// ---- conversions: truncation, NaN to zero, out of range to the nearest end -------------------------------------------
MR_FN int mr_to_int(float x, int low, int high) {
  if (x != x) return 0;
  const int i = x >= 0x1p31f ? 2147483647 : x < -0x1p31f ? (-2147483647 - 1) : (int)x;
  return i < low ? low : i > high ? high : i;
}
MR_FN long long mr_to_long(float x) {
  if (x != x) return 0;
  return x >= 0x1p63f ? 9223372036854775807ll : x < -0x1p63f ? (-9223372036854775807ll - 1) : (long long)x;
}
MR_FN unsigned int mr_to_uint(float x) {
  const long long i = mr_to_long(x);
  return i < 0 ? 0u : i > 0xffffffffll ? 0xffffffffu : (unsigned int)i;
}
MR_FN unsigned long long mr_to_ulong(float x) {
  if (!(x > 0.0f)) return 0;
  return x < 0x1p64f ? (unsigned long long)x : 0xffffffffffffffffull;
}
// Half to even for any magnitude; -0 is kept.
MR_FN float mr_rint(float x) {
  const float a = mr_abs(x);
  return a < 0x1p23f ? mr_copysign((a + 0x1p23f) - 0x1p23f, x) : x;
}
MR_FN int mr_round_to_int(float x, int low, int high) { return mr_to_int(mr_rint(x), low, high); }
MR_FN float mr_from_half(unsigned short half) {
  const unsigned int sign = (half & 0x8000u) << 16, exponent = (half >> 10) & 31u, mantissa = half & 0x3ffu;
  if (exponent == 0u) return mr_float(mr_bits((float)mantissa * 0x1p-24f) | sign);
  return mr_float(sign | ((exponent == 31u ? 255u : exponent + 112u) << 23) | (mantissa << 13));
}
MR_FN unsigned short mr_to_half(float x) {
  const unsigned int bits = mr_bits(x), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return 0x7e00;
  if (magnitude >= 0x477ff000u) return (unsigned short)(sign | 0x7c00u);
  if (magnitude < 0x38800000u) return (unsigned short)(sign | (mr_bits(mr_float(magnitude) + 0.5f) - 0x3f000000u));
  const unsigned int rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return (unsigned short)(sign | ((rounded >> 13) - (112u << 10)));
}
MR_FN float mr_from_bfloat(unsigned short bits) { return mr_float((unsigned int)bits << 16); }
MR_FN unsigned short mr_to_bfloat(float x) {
  const unsigned int bits = mr_bits(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;
  return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
// A tree ensemble's exact sum times the power of two its weights were scaled down by.
MR_FN float mr_unscale(long long sum, double scale) { return (float)((double)sum * scale); }
