// The stand-in's state and the seams between its parts. One mutex guards everything; each stream has a worker thread,
// so copies and kernels run asynchronously to the caller, as on a device.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../emulation/module_abi.h"

#define API extern "C" __attribute__((visibility("default"))) int

namespace standin {

// Result codes of the driver API.
enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_FAILED = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
};

typedef std::unique_lock<std::mutex> Lock;
typedef std::chrono::steady_clock Clock;
typedef std::function<int()> Operation;  // runs on a stream's worker; a result other than SUCCESS breaks the context

// One recording; shared by the stream until the capture ends.
struct Capture {
  std::thread::id thread;    // whose unsafe calls break it
  bool any_thread = false;   // capture mode "global": everybody's do
  std::vector<Operation> operations;
  bool broken = false;
};

struct Stream {
  std::deque<Operation> operations;
  uint64_t submitted = 0, completed = 0;
  bool destroyed = false;
  std::shared_ptr<Capture> capture;
};

struct Event {
  bool timing = true;
  uint64_t recorded = 0, reached = 0;
  Clock::time_point time;
};

struct LoadedModule {
  void* library = nullptr;
  const Module* module = nullptr;
};

struct Function {
  LoadedModule* owner;
  const Kernel* kernel;
  unsigned shared_limit;  // bytes of dynamic shared memory a launch may ask for
};

struct Graph {
  std::vector<Operation> operations;
};

struct Allocation {
  size_t bytes;
  char* base;  // start of the block, guard zone included
};

// Read by tests through device attributes COUNTERS + n; StandinDriver.java names them in the same order.
enum Counter {
  DEVICE_ALLOCATIONS,
  DEVICE_BYTES,
  PINNED_ALLOCATIONS,
  PINNED_BYTES,
  STREAMS,
  EVENTS,
  MODULES,
  GRAPHS,
  GRAPH_EXECUTABLES,
  LAUNCHES,
  GRAPH_LAUNCHES,
  H2D_BYTES,
  D2H_BYTES,
  PAGEABLE_COPIES,
  GUARD_VIOLATIONS,
  LOST_WITH_CONTEXT,  // allocations and objects still alive when the last context reference went
  CALLS_AFTER_FATAL,
  COUNTER_COUNT,
};
constexpr int COUNTERS = 1000000;

// What a test asked to go wrong. "@n" faults fire once, at the n-th such call from now on.
struct Faults {
  long long out_of_memory_at = 0, pinned_out_of_memory_at = 0;
  long long launch_at = 0, launch_code = LAUNCH_OUT_OF_RESOURCES;
  long long fatal_at = 0, fatal_code = LAUNCH_FAILED;
  long long hang_at = 0;
  long long kernel_micros = 0, copy_micros = 0;
};

constexpr size_t DEFAULT_MEMORY = (size_t)4 << 30;
constexpr int DEFAULT_DRIVER_VERSION = 12060;

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool initialized = false;
  int context_references = 0;
  int fatal = SUCCESS;  // the sticky error of the context
  uint64_t hang_epoch = 0;
  Faults faults;
  size_t memory_total = DEFAULT_MEMORY;
  int driver_version = DEFAULT_DRIVER_VERSION;
  int device_count = 1;
  int capability = 80;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<LoadedModule*> modules;
  std::set<Function*> functions;
  std::set<Graph*> graphs, executables;
  std::map<uintptr_t, Allocation> device, pinned;
  long long counters[COUNTER_COUNT] = {};
};

// Never destroyed: workers outlive static destruction.
State& state();

bool context_is_current();
void set_context_current(bool current);

// Fires a one-shot fault.
bool fires(long long& countdown);
void apply_faults(const char* text);
void release_hung_kernels();

Stream* find_stream(void* handle);
// Adds an operation to a stream, or to its recording.
void submit(Stream* stream, Operation operation, Lock& lock);
void drain(Stream* stream, Lock& lock);
void drain_all(Lock& lock);
// Whether a call that is unsafe during capture would break a recording, and breaking it.
bool any_capture();
int break_captures();

bool is_device_range(uintptr_t address, size_t bytes);
bool is_pinned_range(uintptr_t address, size_t bytes);
// Frees everything the context still owned; returns how many things that were.
int destroy_context_objects();

// Runs a kernel's whole grid on the calling thread. Returns null or what went wrong.
const char* run_grid(const Kernel* kernel, void* const* arguments, Index grid, Index block, size_t shared_bytes);
Host host_table();

}  // namespace standin

// Entry checks that nearly every driver call makes; leaves the lock held.
#define ENTER_DRIVER()                                                     \
  standin::State& s = standin::state();                                    \
  standin::Lock lock(s.mutex);                                             \
  if (!s.initialized) return standin::NOT_INITIALIZED
#define ENTER_CONTEXT()                                                    \
  ENTER_DRIVER();                                                          \
  if (!standin::context_is_current() || !s.context_references)             \
    return standin::INVALID_CONTEXT;                                       \
  if (s.fatal) return s.counters[standin::CALLS_AFTER_FATAL]++, s.fatal
