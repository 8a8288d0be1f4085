// What generated kernels are made of: elements in memory, scalar operations beyond millrace_math.cuh, tree walking.
// Compiled by NVRTC for a device and by g++ for the tests' emulation; nothing here depends on which.
#pragma once
#include "millrace_math.cuh"

#ifdef CUDA_EMULATION
#define MR_SHARED(name) unsigned char* const name = (unsigned char*)standin_thread->block->shared
#else
#define MR_SHARED(name) extern __shared__ __align__(16) unsigned char name[]
#endif

typedef long long mr_i64;
typedef unsigned long long mr_u64;

// ---- elements in memory: storage type to arithmetic kind and back; a stored NaN is the canonical one -----------------
#define MR_ELEMENT(name, storage, kind, load, store)                                               \
  struct name {                                                                                    \
    typedef storage type;                                                                          \
    typedef kind value;                                                                            \
    MR_FN kind get(const void* base, mr_i64 i) { const storage x = ((const storage*)base)[i]; return load; } \
    MR_FN void put(void* base, mr_i64 i, kind x) { ((storage*)base)[i] = store; }                  \
  };
MR_ELEMENT(MrFloat32, float, float, x, mr_canonical(x))
MR_ELEMENT(MrFloat64, double, double, x, mr_canonical64(x))
MR_ELEMENT(MrFloat16, unsigned short, float, mr_from_half(x), mr_to_half(x))
MR_ELEMENT(MrBfloat16, unsigned short, float, mr_from_bfloat(x), mr_to_bfloat(x))
MR_ELEMENT(MrInt8, signed char, mr_i64, x, (signed char)x)
MR_ELEMENT(MrUint8, unsigned char, mr_i64, x, (unsigned char)x)
MR_ELEMENT(MrInt16, short, mr_i64, x, (short)x)
MR_ELEMENT(MrUint16, unsigned short, mr_i64, x, (unsigned short)x)
MR_ELEMENT(MrInt32, int, mr_i64, x, (int)x)
MR_ELEMENT(MrUint32, unsigned int, mr_i64, x, (unsigned int)x)
MR_ELEMENT(MrInt64, mr_i64, mr_i64, x, x)
MR_ELEMENT(MrBool, unsigned char, mr_i64, (x != 0), (x != 0))

// ---- scalar operations -----------------------------------------------------------------------------------------------
MR_FN mr_i64 mr_add_i64(mr_i64 a, mr_i64 b) { return (mr_i64)((mr_u64)a + (mr_u64)b); }
MR_FN mr_i64 mr_sub_i64(mr_i64 a, mr_i64 b) { return (mr_i64)((mr_u64)a - (mr_u64)b); }
MR_FN mr_i64 mr_mul_i64(mr_i64 a, mr_i64 b) { return (mr_i64)((mr_u64)a * (mr_u64)b); }
// By -1 apart: the least integer has no positive twin, and the quotient would trap on some hardware.
MR_FN mr_i64 mr_div_i64(mr_i64 a, mr_i64 b) { return b == 0 ? 0 : b == -1 ? mr_sub_i64(0, a) : a / b; }
MR_FN mr_i64 mr_rem_i64(mr_i64 a, mr_i64 b) { return b == 0 || b == -1 ? 0 : a % b; }
MR_FN mr_i64 mr_max_i64(mr_i64 a, mr_i64 b) { return a > b ? a : b; }
MR_FN mr_i64 mr_min_i64(mr_i64 a, mr_i64 b) { return a < b ? a : b; }
MR_FN mr_i64 mr_abs_i64(mr_i64 a) { return a < 0 ? mr_sub_i64(0, a) : a; }
MR_FN mr_i64 mr_shl_i64(mr_i64 a, mr_i64 n) { return n < 0 || n > 63 ? 0 : (mr_i64)((mr_u64)a << n); }
MR_FN mr_i64 mr_shr_i64(mr_i64 a, mr_i64 n) { return n < 0 || n > 63 ? 0 : (mr_i64)((mr_u64)a >> n); }
MR_FN double mr_max64(double a, double b) {
  if (a != a) return a;
  if (b != b) return b;
  if (a == b) return mr_double(mr_bits64(a) & mr_bits64(b));
  return a > b ? a : b;
}
MR_FN double mr_min64(double a, double b) {
  if (a != a) return a;
  if (b != b) return b;
  if (a == b) return mr_double(mr_bits64(a) | mr_bits64(b));
  return a < b ? a : b;
}
MR_FN mr_i64 mr_to_long64(double x) {
  if (x != x) return 0;
  return x >= 0x1p63 ? 9223372036854775807ll : x < -0x1p63 ? (-9223372036854775807ll - 1) : (mr_i64)x;
}
MR_FN mr_i64 mr_is_nan(float x) { return x != x; }
MR_FN mr_i64 mr_is_infinite(float x) { return mr_abs(x) == MR_INF; }
MR_FN mr_i64 mr_is_nan64(double x) { return x != x; }
MR_FN mr_i64 mr_is_infinite64(double x) { return mr_abs64(x) == MR_INF64; }

// An index from data. A record that is at fault leaves its row number behind; the least one wins.
MR_FN mr_i64 mr_checked(mr_i64 index, mr_i64 size, int row, int* first_fault) {
  const mr_i64 i = index < 0 ? index + size : index;
  if (i >= 0 && i < size) return i;
  atomicMin(first_fault, row);
  return 0;
}
// Position among `count` distinct ascending elements from `start` on, or -1. A NaN is never found.
template <class E>
MR_FN mr_i64 mr_search(const void* base, mr_i64 start, int count, typename E::value key) {
  int low = 0, high = count;
  while (low < high) {
    const int middle = (low + high) >> 1;
    if (E::get(base, start + middle) < key) low = middle + 1;
    else high = middle;
  }
  return low < count && E::get(base, start + low) == key ? low : -1;
}
// Whether a top-k element stands before another: NaN counts as greater than every number.
MR_FN bool mr_greater(float a, float b) { return a != a ? b == b : a > b; }
MR_FN bool mr_greater(double a, double b) { return a != a ? b == b : a > b; }
MR_FN bool mr_greater(mr_i64 a, mr_i64 b) { return a > b; }

// Takes neighbouring floats from shared memory, four at a time where there are that many. `from` is aligned so.
template <int N>
MR_FN void mr_take(const float* from, float (&to)[N]) {
  if (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N / 4; i++) {
      const float4 four = ((const float4*)from)[i];
      to[4 * i] = four.x;
      to[4 * i + 1] = four.y;
      to[4 * i + 2] = four.z;
      to[4 * i + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = from[i];
  }
}

// ---- tree ensembles --------------------------------------------------------------------------------------------------
// A branch's comparison; modes numbered as in TreeTables.java.
template <class V>
MR_FN bool mr_branch(int mode, V x, V threshold) {
  switch (mode) {
    case 1: return x <= threshold;
    case 2: return x < threshold;
    case 3: return x >= threshold;
    case 4: return x > threshold;
    case 5: return x == threshold;
    default: return x != threshold;
  }
}

// Nodes as TreeTables.java lays them out. `link` holds the leaf flag, where NaN goes, and what the layout packs with them.
MR_FN int mr_link_leaf(unsigned link) { return (int)(link >> 31); }
MR_FN bool mr_link_missing_true(unsigned link) { return (link >> 30 & 1) != 0; }

struct __align__(8) MrNode8 {
  float threshold;
  unsigned link;
};
struct __align__(16) MrNode16 {
  double threshold;
  unsigned link, child;
};

template <int MODE>
struct MrCompact {
  typedef MrNode8 node;
  typedef float value;
  MR_FN bool leaf(node n) { return mr_link_leaf(n.link); }
  MR_FN int feature(node n) { return n.link >> 18 & 0xfff; }
  MR_FN int child(node n, int root) { return root + (int)(n.link & 0x3ffff); }
  MR_FN bool goes_true(node n, float x, const double*) {
    return mr_branch(MODE, x, n.threshold) || (x != x && mr_link_missing_true(n.link));
  }
  MR_FN int start(node n) { return (int)mr_bits(n.threshold); }
  MR_FN int count(node n) { return (int)(n.link & 0x3fffffff); }
};

struct MrWide {
  typedef MrNode16 node;
  typedef double value;
  MR_FN bool leaf(node n) { return mr_link_leaf(n.link); }
  MR_FN int feature(node n) { return (int)(n.link & 0x7ffffff); }
  MR_FN int child(node n, int) { return (int)n.child; }
  MR_FN bool goes_true(node n, double x, const double* members) {
    if (x != x && mr_link_missing_true(n.link)) return true;
    const int mode = (int)(n.link >> 27 & 7);
    if (mode != 7) return mr_branch(mode, x, n.threshold);
    const mr_u64 set = mr_bits64(n.threshold);
    const int first = (int)(unsigned)set, count = (int)(set >> 32);
    for (int i = 0; i < count; i++)
      if (members[first + i] == x) return true;
    return false;
  }
  MR_FN int start(node n) { return (int)n.child; }
  MR_FN int count(node n) { return (int)(n.link & 0x3fffffff); }
};

// Walks K trees at once, from `at` to their leaves. N: node layout, E: the features' accessor.
template <class N, class E, int K>
MR_FN void mr_walk(const typename N::node* nodes, const int* root, const void* features, mr_i64 first, int stride,
                   const double* members, typename N::node* at) {
  bool going = true;
  while (going) {
    going = false;
#pragma unroll
    for (int j = 0; j < K; j++) {
      if (N::leaf(at[j])) continue;
      const typename N::value x = E::get(features, first + (mr_i64)N::feature(at[j]) * stride);
      at[j] = nodes[N::child(at[j], root[j]) + (N::goes_true(at[j], x, members) ? 0 : 1)];
      going |= !N::leaf(at[j]);
    }
  }
}
// Two's complement sums wrap alike with and without a sign; the hardware adds unsigned ones.
MR_FN void mr_atomic_add(mr_i64* sum, mr_i64 value) { atomicAdd((mr_u64*)sum, (mr_u64)value); }
