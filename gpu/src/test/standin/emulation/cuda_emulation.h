// The subset of CUDA C++ that Millrace's kernels use, for g++. One fiber of the stand-in driver per CUDA thread, so
// __syncthreads and warp collectives keep their meaning. Includes no library header: a kernel compiles in 0.1 s.
#pragma once
#include "module_abi.h"

register standin::Thread* standin_thread asm("r15");  // the whole module is built with -ffixed-r15
static standin::Host standin_host;

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __restrict__ __restrict

#define threadIdx (standin_thread->index)
#define blockIdx (standin_thread->block->index)
#define blockDim (standin_thread->block->size)
#define gridDim (standin_thread->block->grid)

struct __align__(8) float2 {
  float x, y;
};
struct __align__(16) float4 {
  float x, y, z, w;
};
struct __align__(8) int2 {
  int x, y;
};
struct __align__(16) int4 {
  int x, y, z, w;
};
struct __align__(16) uint4 {
  unsigned x, y, z, w;
};

static inline void __syncthreads() { standin_host.barrier(); }
static inline void __syncwarp(unsigned mask = ~0u) { standin_host.exchange(mask, 0); }

template <class T>
static inline T standin_read_lane(unsigned mask, T value, unsigned source) {
  unsigned long long deposit = 0;
  __builtin_memcpy(&deposit, &value, sizeof value);
  const unsigned long long taken = standin_host.exchange(mask, deposit)[source & 31];
  __builtin_memcpy(&value, &taken, sizeof value);
  return value;
}
template <class T>
static inline T __shfl_sync(unsigned mask, T value, int source) {
  return standin_read_lane(mask, value, source);
}
template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  return standin_read_lane(mask, value, standin_thread->lane ^ lanes);
}
template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned lanes) {
  const unsigned source = standin_thread->lane + lanes;
  return standin_read_lane(mask, value, source > 31 ? standin_thread->lane : source);
}

template <class T>
static inline T __ldg(const T* address) {
  return *address;
}
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
static inline float sqrtf(float a) { return __builtin_sqrtf(a); }
static inline double sqrt(double a) { return __builtin_sqrt(a); }
static inline float fabsf(float a) { return __builtin_fabsf(a); }
static inline double fabs(double a) { return __builtin_fabs(a); }
static inline float floorf(float a) { return __builtin_floorf(a); }
static inline float ceilf(float a) { return __builtin_ceilf(a); }
static inline float rintf(float a) { return __builtin_rintf(a); }
static inline float truncf(float a) { return __builtin_truncf(a); }
static inline double floor(double a) { return __builtin_floor(a); }
static inline double ceil(double a) { return __builtin_ceil(a); }
static inline double rint(double a) { return __builtin_rint(a); }
static inline double trunc(double a) { return __builtin_trunc(a); }

template <class To, class From>
static inline To standin_bits(From value) {
  static_assert(sizeof(To) == sizeof(From), "a bit cast keeps the size");
  To bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline int __float_as_int(float a) { return standin_bits<int>(a); }
static inline unsigned __float_as_uint(float a) { return standin_bits<unsigned>(a); }
static inline float __int_as_float(int a) { return standin_bits<float>(a); }
static inline float __uint_as_float(unsigned a) { return standin_bits<float>(a); }
static inline long long __double_as_longlong(double a) { return standin_bits<long long>(a); }
static inline double __longlong_as_double(long long a) { return standin_bits<double>(a); }
static inline int __clz(int a) { return a ? __builtin_clz((unsigned)a) : 32; }
static inline int __clzll(long long a) { return a ? __builtin_clzll((unsigned long long)a) : 64; }

// How the stand-in NVRTC lists the kernels it found.
template <class... A>
struct StandinInvoke {
  template <unsigned... I>
  struct Order {};
  template <unsigned N, unsigned... I>
  struct Count : Count<N - 1, N - 1, I...> {};
  template <unsigned... I>
  struct Count<0, I...> {
    typedef Order<I...> type;
  };
  template <void (*F)(A...), unsigned... I>
  static void apply(void* const* arguments, Order<I...>) {
    F(*(typename StandinInvoke::template Plain<A>::type*)arguments[I]...);
  }
  template <class T>
  struct Plain {
    typedef T type;
  };
  template <class T>
  struct Plain<const T> {
    typedef T type;
  };
  template <void (*F)(A...)>
  static void call(void* const* arguments) {
    apply<F>(arguments, typename Count<sizeof...(A)>::type());
  }
  static const unsigned* sizes() {
    static const unsigned bytes[] = {(unsigned)sizeof(A)..., 0};
    return bytes;
  }
  static constexpr unsigned count = sizeof...(A);
};
template <class... A>
static StandinInvoke<A...> standin_signature(void (*)(A...)) {
  return {};
}
#define STANDIN_KERNEL(name)                                                        \
  {#name, decltype(standin_signature(name))::template call<name>,                   \
   decltype(standin_signature(name))::count, decltype(standin_signature(name))::sizes()}

// Blocks of one launch run one after another, but several streams run at once.
template <class T>
static inline T atomicAdd(T* address, T value) {
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
template <class T>
static inline T atomicMin(T* address, T value) {
  T seen = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (value < seen &&
         !__atomic_compare_exchange_n(address, &seen, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}
template <class T>
static inline T atomicMax(T* address, T value) {
  T seen = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (value > seen &&
         !__atomic_compare_exchange_n(address, &seen, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}
extern "C" float fmodf(float, float);
extern "C" double fmod(double, double);
