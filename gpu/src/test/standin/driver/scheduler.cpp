// Runs a grid: one block at a time, its threads as fibers. A thread runs until it waits at a barrier or a warp
// collective, or returns. A thread that never waits leaves its stack to the next one, so kernels without barriers cost
// one function call per thread.
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "standin.h"

extern "C" __attribute__((visibility("hidden"))) void standin_switch(void** save, void* to);
asm(R"(
.text
.hidden standin_switch
.globl standin_switch
.type standin_switch,@function
standin_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size standin_switch,.-standin_switch
)");

namespace standin {
namespace {

enum ThreadState { NEW, READY, AT_BARRIER, IN_COLLECTIVE, DONE };
constexpr size_t STACK_BYTES = 64 * 1024 + 320;  // no power of two: equal depths must not share one cache set
constexpr int MAX_THREADS = 1024;

struct Warp {
  unsigned lanes, arrived;
  unsigned long long deposits[2][32];
  unsigned round;
};

// One block being run on this operating-system thread.
struct Scheduler {
  Block block;
  Thread threads[MAX_THREADS];
  Warp warps[MAX_THREADS / 32];
  int count = 0, alive = 0, at_barrier = 0;
  const Kernel* kernel = nullptr;
  void* const* arguments = nullptr;
  void* main_stack = nullptr;
  Thread* running = nullptr;
  const char* error = nullptr;
  std::vector<char*> free_stacks, stacks;
  std::vector<char> shared;

  ~Scheduler() {
    for (char* stack : stacks) munmap(stack, STACK_BYTES);
  }

  char* take_stack() {
    if (free_stacks.empty()) {
      char* stack = (char*)mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (stack == MAP_FAILED) abort();
      stacks.push_back(stack);
      free_stacks.push_back(stack);
    }
    char* stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
  }

  void release_barrier_if_full() {
    if (!at_barrier || at_barrier < alive) return;
    at_barrier = 0;
    for (int i = 0; i < count; i++)
      if (threads[i].state == AT_BARRIER) threads[i].state = READY;
  }

  const char* run_block();
  void resume(Thread* thread);
  void yield(Thread* thread) { standin_switch(&thread->stack_pointer, main_stack); }
};

thread_local Scheduler* scheduler = nullptr;

void fiber_main() {
  Scheduler* me = scheduler;
  me->kernel->call(me->arguments);
  me->running->state = DONE;
  me->yield(me->running);
  __builtin_unreachable();
}

void Scheduler::resume(Thread* thread) {
  if (thread->state == NEW) {
    thread->stack = take_stack();
    void** top = (void**)(thread->stack + STACK_BYTES / 16 * 16 - 64);  // at entry rsp % 16 is 8
    top[0] = (void*)fiber_main;
    top[1] = nullptr;
    top -= 6;
    memset(top, 0, 6 * sizeof *top);
    top[0] = thread;  // becomes r15
    thread->stack_pointer = top;
    thread->state = READY;
  }
  running = thread;
  standin_switch(&main_stack, thread->stack_pointer);
  if (thread->state != DONE) return;
  free_stacks.push_back(thread->stack);
  alive--;
  release_barrier_if_full();
}

const char* Scheduler::run_block() {
  alive = count;
  at_barrier = 0;
  error = nullptr;
  const unsigned width = block.size.x, height = block.size.y;
  for (int i = 0; i < count; i++) {
    Thread& thread = threads[i];
    thread.index = {i % width, i / width % height, i / width / height};
    thread.block = &block;
    thread.lane = i % 32;
    thread.warp = i / 32;
    thread.state = NEW;
  }
  for (int w = 0; w * 32 < count; w++) {
    const int lanes = count - w * 32;
    warps[w].lanes = lanes >= 32 ? ~0u : (1u << lanes) - 1;
    warps[w].arrived = warps[w].round = 0;
  }
  if (!shared.empty()) memset(shared.data(), 0xFF, shared.size());
  while (alive && !error) {
    bool progress = false;
    for (int i = 0; i < count && !error; i++) {
      if (threads[i].state > READY) continue;
      resume(&threads[i]);
      progress = true;
    }
    if (!progress && alive) error = "deadlock: not all threads reach the barrier or the warp collective";
  }
  if (error)
    for (int i = 0; i < count; i++)
      if (threads[i].state != NEW && threads[i].state != DONE) free_stacks.push_back(threads[i].stack);
  return error;
}

void barrier() {
  Scheduler* me = scheduler;
  Thread* thread = me->running;
  thread->state = AT_BARRIER;
  me->at_barrier++;
  me->release_barrier_if_full();
  if (thread->state == AT_BARRIER) me->yield(thread);
}

const unsigned long long* exchange(unsigned mask, unsigned long long value) {
  Scheduler* me = scheduler;
  Thread* thread = me->running;
  Warp& warp = me->warps[thread->warp];
  mask &= warp.lanes;
  const unsigned long long* deposits = warp.deposits[warp.round & 1];
  warp.deposits[warp.round & 1][thread->lane] = value;
  warp.arrived |= 1u << thread->lane;
  if (warp.arrived != mask) {
    thread->state = IN_COLLECTIVE;
    me->yield(thread);
    return deposits;
  }
  warp.arrived = 0;
  warp.round++;
  for (int lane = 0; lane < 32; lane++) {
    Thread& other = me->threads[thread->warp * 32 + lane];
    if (mask >> lane & 1 && other.state == IN_COLLECTIVE) other.state = READY;
  }
  return deposits;
}

void trap(const char* why) {
  Scheduler* me = scheduler;
  me->error = why;
  me->yield(me->running);
}

}  // namespace

Host host_table() { return {barrier, exchange, trap}; }

const char* run_grid(const Kernel* kernel, void* const* arguments, Index grid, Index size, size_t shared_bytes) {
  static thread_local std::unique_ptr<Scheduler> own(new Scheduler);
  Scheduler* me = scheduler = own.get();
  me->kernel = kernel;
  me->arguments = arguments;
  me->count = (int)(size.x * size.y * size.z);
  me->shared.resize((shared_bytes + 127) / 128 * 128);
  me->block.size = size;
  me->block.grid = grid;
  me->block.shared = me->shared.data();
  for (unsigned z = 0; z < grid.z; z++)
    for (unsigned y = 0; y < grid.y; y++)
      for (unsigned x = 0; x < grid.x; x++) {
        me->block.index = {x, y, z};
        const char* error = me->run_block();
        if (error) return error;
      }
  return nullptr;
}

}  // namespace standin
