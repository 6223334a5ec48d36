// The entry that libFuzzer calls. One program holds all targets and runs the one whose name it is started
// under: "markdown_fuzz" runs markdown.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {

const fuzz::Target* chosen = nullptr;

}  // namespace

/// Undefined behaviour is a crash, as in test.sh.
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:print_stacktrace=1";
}

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** argv) {
  std::string_view name = (*argv)[0];
  name.remove_prefix(name.rfind('/') + 1);
  chosen = fuzz::find_target(name.substr(0, name.rfind("_fuzz")));
  if (chosen == nullptr) {
    std::fputs("start this program under the name <target>_fuzz; there are:", stderr);
    for (const auto& target : fuzz::targets()) {
      std::fprintf(stderr, " %s", target.name.data());
    }
    std::fputs("\n", stderr);
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    chosen->run({reinterpret_cast<const char*>(data), size});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: %s\n", chosen->name.data(), e.what());
    std::abort();
  }
  return 0;
}
