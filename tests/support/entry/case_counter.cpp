#include "tests/support/entry/case_counter.h"

#include "tests/support/entry/silent_reporter.h"

namespace support {
namespace {

int count = 0;

class CaseCounter final : public SilentReporter {
 public:
  explicit CaseCounter(const doctest::ContextOptions&) {}
  void test_case_start(const doctest::TestCaseData&) override { ++count; }
};
REGISTER_LISTENER("counter", 0, CaseCounter);

}  // namespace

int cases_run() {
  return count;
}

}  // namespace support
