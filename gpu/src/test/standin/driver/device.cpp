// Initialisation, the device, the primary context, faults on demand and counters.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "standin.h"

using namespace standin;

namespace {
char context_object;
thread_local bool current_here = false;
}  // namespace

namespace standin {

State& state() {
  static State* instance = new State;
  return *instance;
}

bool context_is_current() { return current_here; }
void set_context_current(bool current) { current_here = current; }

bool fires(long long& countdown) { return countdown > 0 && --countdown == 0; }

void release_hung_kernels() {
  State& s = state();
  s.hang_epoch++;
  s.changed.notify_all();
}

namespace {
void apply_one(const std::string& key, long long at, long long value) {
  State& s = state();
  Faults& f = s.faults;
  if (key == "reset") {
    f = Faults();
    s.memory_total = DEFAULT_MEMORY;
    s.driver_version = DEFAULT_DRIVER_VERSION;
    s.device_count = 1;
    s.capability = 80;
    s.fatal = SUCCESS;
    for (int c : {LAUNCHES, GRAPH_LAUNCHES, H2D_BYTES, D2H_BYTES, PAGEABLE_COPIES, GUARD_VIOLATIONS, LOST_WITH_CONTEXT,
                  CALLS_AFTER_FATAL})
      s.counters[c] = 0;
    release_hung_kernels();
  } else if (key == "oom") {
    f.out_of_memory_at = at;
  } else if (key == "hostoom") {
    f.pinned_out_of_memory_at = at;
  } else if (key == "launch") {
    f.launch_at = at;
    f.launch_code = value ? value : (long long)LAUNCH_OUT_OF_RESOURCES;
  } else if (key == "fatal") {
    f.fatal_at = at;
    f.fatal_code = value ? value : (long long)LAUNCH_FAILED;
  } else if (key == "hang") {
    f.hang_at = at;
  } else if (key == "release") {
    release_hung_kernels();
  } else if (key == "slow") {
    f.kernel_micros = value;
  } else if (key == "slowcopy") {
    f.copy_micros = value;
  } else if (key == "mem") {
    s.memory_total = (size_t)value;
  } else if (key == "driver") {
    s.driver_version = (int)value;
  } else if (key == "devices") {
    s.device_count = (int)value;
  } else if (key == "cc") {
    s.capability = (int)value;
  } else {
    fprintf(stderr, "[stand-in] unknown fault '%s'\n", key.c_str());
    abort();
  }
}
}  // namespace

// "oom@3;launch@1=719;slow=2000;reset": key, then @count and =value where the fault has them.
void apply_faults(const char* text) {
  std::string all(text);
  for (size_t from = 0; from < all.size();) {
    size_t end = all.find(';', from);
    if (end == std::string::npos) end = all.size();
    const std::string one = all.substr(from, end - from);
    from = end + 1;
    const size_t at = one.find('@'), equals = one.find('=');
    const std::string key = one.substr(0, std::min(at, equals));
    apply_one(key, at == std::string::npos ? 0 : atoll(one.c_str() + at + 1),
              equals == std::string::npos ? 0 : atoll(one.c_str() + equals + 1));
  }
}

}  // namespace standin

API cuInit(unsigned flags) {
  State& s = state();
  Lock lock(s.mutex);
  if (flags) return INVALID_VALUE;
  if (!s.initialized) {
    const char* faults = getenv("STANDIN_FAULTS");
    if (faults) apply_faults(faults);
  }
  if (s.device_count == 0) return NO_DEVICE;
  s.initialized = true;
  return SUCCESS;
}

API cuDriverGetVersion(int* version) {
  State& s = state();
  Lock lock(s.mutex);
  if (!s.initialized) {
    const char* faults = getenv("STANDIN_FAULTS");
    if (faults) apply_faults(faults);
  }
  *version = s.driver_version;
  return SUCCESS;
}

API cuDeviceGetCount(int* count) {
  ENTER_DRIVER();
  *count = s.device_count;
  return SUCCESS;
}

API cuDeviceGet(int* device, int ordinal) {
  ENTER_DRIVER();
  if (ordinal < 0 || ordinal >= s.device_count) return INVALID_DEVICE;
  *device = ordinal;
  return SUCCESS;
}

API cuDeviceGetName(char* name, int length, int) {
  ENTER_DRIVER();
  snprintf(name, length, "stand-in (no GPU)");
  return SUCCESS;
}

API cuDeviceGetPCIBusId(char* id, int length, int device) {
  ENTER_DRIVER();
  snprintf(id, length, "0000:%02x:00.0", 0x65 + device);
  return SUCCESS;
}

API cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER_DRIVER();
  if (attribute >= COUNTERS && attribute < COUNTERS + COUNTER_COUNT) {
    *value = (int)s.counters[attribute - COUNTERS];
    return SUCCESS;
  }
  switch (attribute) {
    case 1: *value = 1024; break;          // threads per block
    case 8: *value = 49152; break;         // shared memory per block
    case 10: *value = 32; break;           // warp size
    case 16: *value = 2; break;            // multiprocessors
    case 75: *value = s.capability / 10; break;
    case 76: *value = s.capability % 10; break;
    case 81: *value = 167936; break;       // shared memory per multiprocessor
    case 97: *value = 166912; break;       // shared memory per block, opted in
    default: return INVALID_VALUE;
  }
  return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER_DRIVER();
  s.context_references++;
  *context = &context_object;
  return SUCCESS;
}

// The last release destroys the context with all it holds, also after a fatal error. Like the driver's, it waits for
// what runs, so it must not be called while a kernel hangs.
API cuDevicePrimaryCtxRelease_v2(int) {
  ENTER_DRIVER();
  if (!s.context_references) return INVALID_CONTEXT;
  if (--s.context_references) return SUCCESS;
  drain_all(lock);
  const int fatal = s.fatal;
  s.counters[LOST_WITH_CONTEXT] += destroy_context_objects();
  s.fatal = SUCCESS;
  return fatal;
}

API cuCtxSetCurrent(void* context) {
  ENTER_DRIVER();
  if (context && context != &context_object) return INVALID_CONTEXT;
  set_context_current(context != nullptr);
  return SUCCESS;
}

API cuMemGetInfo_v2(size_t* available, size_t* total) {
  ENTER_CONTEXT();
  const size_t used = (size_t)s.counters[DEVICE_BYTES];
  *available = used < s.memory_total ? s.memory_total - used : 0;
  *total = s.memory_total;
  return SUCCESS;
}

// The tests' way in: faults, spelled as in apply_faults.
API cuProfilerInitialize(const char* config, const char*, int) {
  State& s = state();
  Lock lock(s.mutex);
  if (strncmp(config, "standin:", 8)) return INVALID_VALUE;
  apply_faults(config + 8);
  return SUCCESS;
}

API cuGetErrorName(int code, const char** name) {
  static thread_local char text[40];
  snprintf(text, sizeof text, "CUDA_ERROR_%d", code);
  *name = text;
  return SUCCESS;
}
