// How many test cases passed and failed, as node's TAP reporter ends its files: for cmake/test_summary.py,
// where one ctest entry stands for many cases. Written when the run ends, so a program that dies leaves none.
#include <fstream>
#include <string>

#include "tests/support/entry/silent_reporter.h"
#include "tests/support/environment.h"

namespace support {
namespace {

class CaseTap final : public SilentReporter {
 public:
  explicit CaseTap(const doctest::ContextOptions&) {}
  void test_run_end(const doctest::TestRunStats& run) override {
    const auto folder = Environment::get("FRONTDESK_TAP_DIR");
    const auto name = Environment::get("FRONTDESK_TAP");
    if (!folder.empty() && !name.empty()) {
      std::ofstream(folder + "/" + name)
          << "# pass " << run.numTestCasesPassingFilters - run.numTestCasesFailed << "\n# fail "
          << run.numTestCasesFailed << "\n";
    }
  }
};
REGISTER_LISTENER("tap", 0, CaseTap);

}  // namespace
}  // namespace support
