// A stand-in for libnvidia-ml.so.1: what Millrace reads of a GPU, made up, with no GPU there.
// Power is 250 W for ever, so energy grows by a quarter of a joule in each millisecond.
#include <atomic>
#include <chrono>
#include <cstring>

#define API extern "C" __attribute__((visibility("default"))) int

namespace {
constexpr int SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_FOUND = 6;
constexpr unsigned POWER_MILLIWATTS = 250'000;

std::atomic<bool> initialized;
std::atomic<int> failure;  // what every reading returns
std::atomic<bool> no_energy;
int device;  // its address is the handle

int answer(void* handle) {
  if (!initialized) return UNINITIALIZED;
  if (handle != &device) return INVALID_ARGUMENT;
  return failure;
}
}  // namespace

// The tests' way in.
API standin_nvml_fail(int result) {
  failure = result;
  return SUCCESS;
}

API standin_nvml_without_energy(int without) {
  no_energy = without != 0;
  return SUCCESS;
}

API nvmlInit_v2() {
  initialized = true;
  return SUCCESS;
}

extern "C" __attribute__((visibility("default"))) const char* nvmlErrorString(int result) {
  switch (result) {
    case UNINITIALIZED: return "Uninitialized";
    case NOT_FOUND: return "Not Found";
    case 15: return "GPU is lost";
    default: return "Unknown Error";
  }
}

API nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** handle) {
  if (!initialized) return UNINITIALIZED;
  if (strcmp(id, "0000:65:00.0") != 0) return NOT_FOUND;
  *handle = &device;
  return SUCCESS;
}

API nvmlDeviceGetUtilizationRates(void* handle, unsigned* rates) {
  rates[0] = 87;
  rates[1] = 12;
  return answer(handle);
}

API nvmlDeviceGetMemoryInfo(void* handle, unsigned long long* memory) {
  memory[0] = 80ull << 30;
  memory[1] = 60ull << 30;
  memory[2] = 20ull << 30;
  return answer(handle);
}

API nvmlDeviceGetTemperature(void* handle, int sensor, unsigned* temperature) {
  if (sensor != 0) return INVALID_ARGUMENT;
  *temperature = 54;
  return answer(handle);
}

API nvmlDeviceGetPowerUsage(void* handle, unsigned* power) {
  *power = POWER_MILLIWATTS;
  return answer(handle);
}

API nvmlDeviceGetTotalEnergyConsumption(void* handle, unsigned long long* energy) {
  if (no_energy) return 3;  // not supported, as before Volta
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  *energy = (unsigned long long)micros * POWER_MILLIWATTS / 1'000'000;
  return answer(handle);
}
