// A stand-in libnvrtc.so.12: "compiles" CUDA C++ with g++ and the emulation header into a module for the stand-in
// driver. The caller's code does not change: create program, compile, get CUBIN, load.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#define API extern "C" __attribute__((visibility("default"))) int

namespace {
enum Result { SUCCESS = 0, OUT_OF_MEMORY = 1, INVALID_OPTION = 5, COMPILATION = 6, BUILTIN_OPERATION_FAILURE = 7 };
constexpr int ARCHITECTURES[] = {75, 80, 86, 87, 89, 90};
constexpr int ARCHITECTURE_COUNT = sizeof ARCHITECTURES / sizeof *ARCHITECTURES;

struct Program {
  std::string source, name, log, cubin, ptx;
  std::map<std::string, std::string> headers;
};

// The folder this library lies in; the emulation header lies beside it.
std::string own_folder() {
  Dl_info info;
  dladdr((void*)own_folder, &info);
  const std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/'));
}

void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string kernel_table(const std::string& source, const std::string& architecture) {
  static const std::regex pattern("__global__\\s+void\\s*(?:__launch_bounds__\\s*\\([^)]*\\)\\s*)?(\\w+)\\s*\\(");
  std::set<std::string> names;
  for (auto at = std::sregex_iterator(source.begin(), source.end(), pattern); at != std::sregex_iterator(); ++at)
    names.insert((*at)[1]);
  std::string table = "static const standin::Kernel standin_kernels[] = {";
  for (const std::string& name : names) table += "STANDIN_KERNEL(" + name + "),\n";
  return table +
         "{nullptr, nullptr, 0, nullptr}};\n"
         "extern \"C\" __attribute__((visibility(\"default\"))) const standin::Module standin_module = {standin::ABI, " +
         architecture + ", " + std::to_string(names.size()) + ", standin_kernels, &standin_host};\n";
}
}  // namespace

API nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 4;
  return SUCCESS;
}

API nvrtcGetNumSupportedArchs(int* count) {
  *count = ARCHITECTURE_COUNT;
  return SUCCESS;
}

API nvrtcGetSupportedArchs(int* architectures) {
  memcpy(architectures, ARCHITECTURES, sizeof ARCHITECTURES);
  return SUCCESS;
}

API nvrtcCreateProgram(Program** program, const char* source, const char* name, int header_count,
                       const char* const* headers, const char* const* include_names) {
  Program* made = new Program;
  made->source = source;
  made->name = name && *name ? name : "program.cu";
  for (int i = 0; i < header_count; i++) made->headers[include_names[i]] = headers[i];
  *program = made;
  return SUCCESS;
}

API nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

API nvrtcCompileProgram(Program* program, int option_count, const char* const* options) {
  if (getenv("STANDIN_NO_BUILTINS")) {  // what NVRTC says when its builtins library is not beside it
    program->log = "nvrtc: error: failed to open libnvrtc-builtins.so.12.4.\n";
    return BUILTIN_OPERATION_FAILURE;
  }
  std::string architecture;
  bool real = false, contract = true;
  for (int i = 0; i < option_count; i++) {
    const std::string option = options[i];
    if (option.rfind("--gpu-architecture=", 0) == 0) {
      real = option.find("=sm_") != std::string::npos;
      architecture = std::regex_replace(option, std::regex("[^0-9]"), "");
    } else if (option == "--fmad=false") {
      contract = false;
    } else if (option != "--std=c++17" && option.rfind("--ptxas-options=", 0) && option.rfind("--prec-", 0) &&
               option.rfind("--ftz=", 0) && option != "--restrict" && option != "--device-as-default-execution-space") {
      program->log = "unknown option " + option;
      return INVALID_OPTION;
    }
  }
  char temporary[] = "/tmp/standin-nvrtc-XXXXXX";
  if (!mkdtemp(temporary)) return OUT_OF_MEMORY;
  const std::string folder = temporary;
  put(folder + "/" + program->name, program->source);
  for (auto& header : program->headers) put(folder + "/" + header.first, header.second);
  put(folder + "/module.cpp", "#include \"cuda_emulation.h\"\n#include \"" + program->name + "\"\n" +
                                  kernel_table(program->source, architecture));
  const std::string command =
      "g++ -x c++ -std=c++17 -O1 -march=x86-64-v3 -ffixed-r15 -fno-stack-protector -fcf-protection=none "
      "-fno-strict-aliasing -fwrapv -fvisibility=hidden -fno-exceptions -fno-rtti -fno-gnu-unique -nostartfiles -nodefaultlibs -w -fPIC "
      "-shared -DCUDA_EMULATION " +
      std::string(contract ? "-ffp-contract=fast" : "-ffp-contract=off") + " -I" + folder + " -I'" + own_folder() +
      "' " + folder + "/module.cpp -o " + folder + "/module.so -lm 2> " + folder + "/log";
  const int status = system(command.c_str());
  program->log = read(folder + "/log");
  program->cubin = status == 0 && real ? read(folder + "/module.so") : "";
  program->ptx = "// stand-in: no PTX\n.version 8.4\n.target sm_" + architecture + "\n";
  if (!getenv("STANDIN_KEEP") && system(("rm -rf " + folder).c_str())) return OUT_OF_MEMORY;
  return status == 0 ? SUCCESS : COMPILATION;
}

API nvrtcGetCUBINSize(Program* program, size_t* bytes) {
  *bytes = program->cubin.size();
  return SUCCESS;
}

API nvrtcGetCUBIN(Program* program, char* cubin) {
  memcpy(cubin, program->cubin.data(), program->cubin.size());
  return SUCCESS;
}

API nvrtcGetPTXSize(Program* program, size_t* bytes) {
  *bytes = program->ptx.size() + 1;
  return SUCCESS;
}

API nvrtcGetPTX(Program* program, char* ptx) {
  memcpy(ptx, program->ptx.c_str(), program->ptx.size() + 1);
  return SUCCESS;
}

API nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  *bytes = program->log.size() + 1;
  return SUCCESS;
}

API nvrtcGetProgramLog(Program* program, char* log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}

extern "C" __attribute__((visibility("default"))) const char* nvrtcGetErrorString(int code) {
  switch (code) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    case BUILTIN_OPERATION_FAILURE: return "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE";
    default: return "NVRTC_ERROR";
  }
}
