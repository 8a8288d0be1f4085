// What the stand-in driver and the modules it runs agree on. A module is an ELF shared object that the stand-in NVRTC
// made from CUDA C++; it exports `standin_module` and calls back through the Host table the driver puts into it.
#pragma once

namespace standin {

constexpr unsigned ABI = 3;

struct Index {
  unsigned x, y, z;
};

struct Block;

// One CUDA thread. Register r15 points to the running one while a kernel's code runs.
struct Thread {
  Index index;
  Block* block;
  void* stack_pointer;
  char* stack;
  unsigned lane;
  unsigned warp;
  int state;
};

struct Block {
  Index index, size, grid;
  char* shared;  // dynamic shared memory
};

struct Host {
  void (*barrier)();
  // Every lane of `mask` deposits a value; all leave with the 32 deposits of their warp.
  const unsigned long long* (*exchange)(unsigned mask, unsigned long long value);
  void (*trap)(const char* why);
};

struct Kernel {
  const char* name;
  void (*call)(void* const* arguments);
  unsigned parameter_count;
  const unsigned* parameter_bytes;
};

struct Module {
  unsigned abi;
  unsigned architecture;  // 80 for sm_80
  unsigned kernel_count;
  const Kernel* kernels;
  Host* host;
};

}  // namespace standin
