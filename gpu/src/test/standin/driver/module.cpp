// Modules, functions and kernel launches.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "standin.h"

using namespace standin;

namespace {
constexpr unsigned SHARED_DEFAULT = 49152, SHARED_OPT_IN = 166912;
constexpr uint16_t MACHINE_X86_64 = 62;

bool is_own_image(const unsigned char* image) {
  return !memcmp(image, "\177ELF", 4) && *(const uint16_t*)(image + 18) == MACHINE_X86_64;
}

// The section header table closes an ELF file, so its end is the image's size.
size_t image_bytes(const unsigned char* image) {
  return *(const uint64_t*)(image + 40) + (size_t)*(const uint16_t*)(image + 58) * *(const uint16_t*)(image + 60);
}

void* load(const unsigned char* image) {
  // A path of its own: the dynamic linker takes a name it knows for the library it loaded under it.
  char path[] = "/tmp/standin-module-XXXXXX";
  const int file = mkostemp(path, O_CLOEXEC);
  if (file < 0) return nullptr;
  const size_t bytes = image_bytes(image);
  for (size_t at = 0; at < bytes;) {
    const ssize_t written = write(file, image + at, bytes - at);
    if (written <= 0) break;
    at += (size_t)written;
  }
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fprintf(stderr, "[stand-in] %s\n", dlerror());
  close(file);
  unlink(path);
  return library;
}

// A launch's arguments, copied at the call as the driver does.
struct Launch {
  const Kernel* kernel;
  Index grid, block;
  size_t shared_bytes;
  std::vector<std::vector<char>> values;

  int run() {
    State& s = state();
    long long micros;
    {
      Lock lock(s.mutex);
      s.counters[LAUNCHES]++;
      micros = s.faults.kernel_micros;
      if (fires(s.faults.fatal_at)) return (int)s.faults.fatal_code;
      if (fires(s.faults.hang_at)) {
        const uint64_t epoch = s.hang_epoch;
        s.changed.wait(lock, [&] { return s.hang_epoch != epoch; });
      }
    }
    if (micros) usleep((useconds_t)micros);
    std::vector<void*> arguments;
    for (auto& value : values) arguments.push_back(value.data());
    const char* wrong = run_grid(kernel, arguments.data(), grid, block, shared_bytes);
    if (!wrong) return SUCCESS;
    fprintf(stderr, "[stand-in] kernel %s: %s\n", kernel->name, wrong);
    return LAUNCH_FAILED;
  }
};
}  // namespace

API cuModuleLoadDataEx(void** handle, const void* image, unsigned, void*, void**) {
  ENTER_CONTEXT();
  if (any_capture()) return break_captures();
  if (!is_own_image((const unsigned char*)image)) return NO_BINARY_FOR_GPU;
  void* library = load((const unsigned char*)image);
  if (!library) return INVALID_IMAGE;
  const Module* module = (const Module*)dlsym(library, "standin_module");
  if (!module || module->abi != ABI) {
    dlclose(library);
    return INVALID_IMAGE;
  }
  if (module->architecture / 10 != (unsigned)s.capability / 10 || module->architecture > (unsigned)s.capability) {
    dlclose(library);
    return NO_BINARY_FOR_GPU;
  }
  *module->host = host_table();
  LoadedModule* loaded = new LoadedModule{library, module};
  s.modules.insert(loaded);
  s.counters[MODULES]++;
  *handle = loaded;
  return SUCCESS;
}

API cuModuleUnload(void* handle) {
  ENTER_CONTEXT();
  LoadedModule* module = (LoadedModule*)handle;
  if (!s.modules.count(module)) return INVALID_HANDLE;
  drain_all(lock);
  s.modules.erase(module);
  s.counters[MODULES]--;
  dlclose(module->library);
  return SUCCESS;
}

API cuModuleGetFunction(void** handle, void* module_handle, const char* name) {
  ENTER_CONTEXT();
  LoadedModule* module = (LoadedModule*)module_handle;
  if (!s.modules.count(module)) return INVALID_HANDLE;
  for (unsigned i = 0; i < module->module->kernel_count; i++) {
    const Kernel* kernel = &module->module->kernels[i];
    if (strcmp(kernel->name, name)) continue;
    Function* function = new Function{module, kernel, SHARED_DEFAULT};
    s.functions.insert(function);
    *handle = function;
    return SUCCESS;
  }
  return NOT_FOUND;
}

API cuFuncSetAttribute(void* handle, int attribute, int value) {
  ENTER_CONTEXT();
  Function* function = (Function*)handle;
  if (!s.functions.count(function)) return INVALID_HANDLE;
  if (attribute != 8) return INVALID_VALUE;  // maximum dynamic shared memory
  if (value < 0 || (unsigned)value > SHARED_OPT_IN) return INVALID_VALUE;
  function->shared_limit = (unsigned)value;
  return SUCCESS;
}

API cuLaunchKernel(void* handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared_bytes, void* stream_handle, void** parameters, void** extra) {
  ENTER_CONTEXT();
  Function* function = (Function*)handle;
  Stream* stream = find_stream(stream_handle);
  if (!stream || !s.functions.count(function)) return INVALID_HANDLE;
  const uint64_t threads = (uint64_t)bx * by * bz;
  if (!gx || !gy || !gz || !threads || threads > 1024 || gy > 65535 || gz > 65535) return INVALID_VALUE;
  if (shared_bytes > function->shared_limit || extra) return INVALID_VALUE;
  if (!stream->capture && fires(s.faults.launch_at)) return (int)s.faults.launch_code;
  auto launch = std::make_shared<Launch>();
  launch->kernel = function->kernel;
  launch->grid = {gx, gy, gz};
  launch->block = {bx, by, bz};
  launch->shared_bytes = shared_bytes;
  for (unsigned i = 0; i < function->kernel->parameter_count; i++) {
    const char* value = (const char*)parameters[i];
    launch->values.emplace_back(value, value + function->kernel->parameter_bytes[i]);
  }
  submit(stream, [launch] { return launch->run(); }, lock);
  return SUCCESS;
}
