// Device and pinned memory with guard zones; copies.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "standin.h"

using namespace standin;

namespace {
constexpr size_t GUARD = 512;
constexpr unsigned char GUARD_BYTE = 0xA5, FRESH_BYTE = 0xFF, FREED_BYTE = 0xDD;

bool contains(const std::map<uintptr_t, Allocation>& map, uintptr_t address, size_t bytes) {
  auto after = map.upper_bound(address);
  if (after == map.begin()) return false;
  --after;
  return address + bytes <= after->first + after->second.bytes;
}

bool guards_intact(const Allocation& allocation) {
  const unsigned char* below = (const unsigned char*)allocation.base;
  const unsigned char* above = below + GUARD + allocation.bytes;
  for (size_t i = 0; i < GUARD; i++)
    if (below[i] != GUARD_BYTE || above[i] != GUARD_BYTE) return false;
  return true;
}

// Fresh memory reads as NaN, so that what nobody wrote shows in the scores.
char* guarded_block(size_t bytes) {
  char* base = (char*)aligned_alloc(512, (bytes + 2 * GUARD + 511) / 512 * 512);
  if (!base) return nullptr;
  memset(base, GUARD_BYTE, GUARD);
  memset(base + GUARD, FRESH_BYTE, bytes);
  memset(base + GUARD + bytes, GUARD_BYTE, GUARD);
  return base;
}

void free_block(std::map<uintptr_t, Allocation>& map, std::map<uintptr_t, Allocation>::iterator found) {
  State& s = state();
  const Allocation allocation = found->second;
  if (!guards_intact(allocation)) {
    fprintf(stderr, "[stand-in] written outside an allocation of %zu bytes\n", allocation.bytes);
    s.counters[GUARD_VIOLATIONS]++;
  }
  const bool device = &map == &s.device;
  s.counters[device ? DEVICE_ALLOCATIONS : PINNED_ALLOCATIONS]--;
  s.counters[device ? DEVICE_BYTES : PINNED_BYTES] -= (long long)allocation.bytes;
  memset(allocation.base + GUARD, FREED_BYTE, allocation.bytes);
  free(allocation.base);
  map.erase(found);
}

int allocate(std::map<uintptr_t, Allocation>& map, size_t bytes, uintptr_t* address) {
  State& s = state();
  char* base = guarded_block(bytes);
  if (!base) return OUT_OF_MEMORY;
  *address = (uintptr_t)base + GUARD;
  map[*address] = {bytes, base};
  const bool device = &map == &s.device;
  s.counters[device ? DEVICE_ALLOCATIONS : PINNED_ALLOCATIONS]++;
  s.counters[device ? DEVICE_BYTES : PINNED_BYTES] += (long long)bytes;
  return SUCCESS;
}

int release(std::map<uintptr_t, Allocation>& map, uintptr_t address, Lock& lock) {
  if (any_capture()) return break_captures();
  if (map.find(address) == map.end()) return INVALID_VALUE;
  drain_all(lock);
  if (state().fatal) return state().fatal;
  free_block(map, map.find(address));
  return SUCCESS;
}

int copy(void* to, const void* from, size_t bytes, Stream* stream, bool to_device, Lock& lock) {
  State& s = state();
  if (!stream) return INVALID_HANDLE;
  if (!is_device_range((uintptr_t)(to_device ? to : from), bytes)) return INVALID_VALUE;
  if (!is_pinned_range((uintptr_t)(to_device ? from : to), bytes)) s.counters[PAGEABLE_COPIES]++;
  submit(
      stream,
      [=] {
        long long micros;
        {
          Lock inside(state().mutex);
          micros = state().faults.copy_micros;
          state().counters[to_device ? H2D_BYTES : D2H_BYTES] += (long long)bytes;
        }
        if (micros) usleep((useconds_t)micros);
        memcpy(to, from, bytes);
        return (int)SUCCESS;
      },
      lock);
  return SUCCESS;
}
}  // namespace

namespace standin {

bool is_device_range(uintptr_t address, size_t bytes) { return contains(state().device, address, bytes); }
bool is_pinned_range(uintptr_t address, size_t bytes) { return contains(state().pinned, address, bytes); }

int destroy_context_objects() {
  State& s = state();
  int lost = (int)(s.device.size() + s.pinned.size() + s.streams.size() + s.events.size() + s.modules.size() +
                   s.graphs.size() + s.executables.size());
  while (!s.device.empty()) free_block(s.device, s.device.begin());
  while (!s.pinned.empty()) free_block(s.pinned, s.pinned.begin());
  for (Stream* stream : s.streams) stream->destroyed = true;
  s.streams.clear();
  s.events.clear();
  s.modules.clear();
  s.functions.clear();
  s.graphs.clear();
  s.executables.clear();
  for (int c : {STREAMS, EVENTS, MODULES, GRAPHS, GRAPH_EXECUTABLES}) s.counters[c] = 0;
  s.changed.notify_all();
  return lost;
}

}  // namespace standin

API cuMemAlloc_v2(unsigned long long* address, size_t bytes) {
  ENTER_CONTEXT();
  if (!bytes) return INVALID_VALUE;
  if (any_capture()) return break_captures();
  if (fires(s.faults.out_of_memory_at)) return OUT_OF_MEMORY;
  if ((size_t)s.counters[DEVICE_BYTES] + bytes > s.memory_total) return OUT_OF_MEMORY;
  uintptr_t start = 0;
  const int result = allocate(s.device, bytes, &start);
  *address = start;
  return result;
}

API cuMemFree_v2(unsigned long long address) {
  ENTER_CONTEXT();
  return release(s.device, (uintptr_t)address, lock);
}

API cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  ENTER_CONTEXT();
  if (!bytes) return INVALID_VALUE;
  if (any_capture()) return break_captures();
  if (fires(s.faults.pinned_out_of_memory_at)) return OUT_OF_MEMORY;
  uintptr_t start = 0;
  const int result = allocate(s.pinned, bytes, &start);
  *address = (void*)start;
  return result;
}

API cuMemFreeHost(void* address) {
  ENTER_CONTEXT();
  return release(s.pinned, (uintptr_t)address, lock);
}

API cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, size_t bytes, void* stream) {
  ENTER_CONTEXT();
  return copy((void*)to, from, bytes, find_stream(stream), true, lock);
}

API cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, size_t bytes, void* stream) {
  ENTER_CONTEXT();
  return copy(to, (const void*)from, bytes, find_stream(stream), false, lock);
}
