// The list that ctest reads: `--list-test-cases --reporters=ctest` writes a CMake script that registers every
// test case as a test of its own, but unit tests by the file, since it takes longer to start their program
// under a sanitizer than to run one of them. Used while building, by tests/CMakeLists.txt; doctest's own
// discovery knows neither files nor our labels.
#include <climits>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <string>

#include <unistd.h>

#include "tests/support/entry/silent_reporter.h"
#include "tests/support/environment.h"

namespace support {
namespace {

std::string own_path() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length < 0 ? "" : std::string(path, static_cast<std::size_t>(length));
}

/// "crypto" for "/…/tests/unit/crypto_test.cpp".
std::string stem(std::string file) {
  file.erase(0, file.find_last_of('/') + 1);
  return file.substr(0, file.rfind("_test.cpp"));
}

/// The text as one argument of a CMake command, whatever characters it has.
std::string quoted(const std::string& text) {
  return "[==[" + text + "]==]";
}

/// As a value of doctest's filters, where a comma separates.
std::string as_filter(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == ',' || c == '\\') {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

bool is_threaded(const doctest::TestCaseData& test) {
  const auto begins = [](const char* text) {
    return text != nullptr && std::strncmp(text, "threaded:", 9) == 0;
  };
  return begins(test.m_name) || begins(test.m_test_suite);
}

class CtestList final : public SilentReporter {
 public:
  explicit CtestList(const doctest::ContextOptions& options) : out_(*options.cout) {}

  void report_query(const doctest::QueryData& query) override {
    std::set<std::string> names;
    std::set<std::string> files;
    for (unsigned i = 0; i < query.num_data; ++i) {
      const doctest::TestCaseData& test = *query.data[i];
      const std::string file = stem(test.m_file.c_str());
      const std::string name = kind_ + "/" + file + ": " + test.m_name;
      const bool threaded = is_threaded(test);
      if (!names.insert(name).second) {
        std::cerr << test.m_file.c_str() << ":" << test.m_line << ": a second test case is called " << name
                  << '\n';
        std::_Exit(1);  // ctest could not tell the two apart
      }
      if (test.m_skip || (threaded_only_ && !threaded)) {
        continue;
      }
      if (kind_ == "unit" && !threaded_only_) {
        files.insert(file);
      } else {
        add(name, file, test, threaded);
      }
    }
    for (const auto& file : files) {
      add_file(file);
    }
  }

 private:
  void add(const std::string& name, const std::string& file, const doctest::TestCaseData& test,
           bool threaded) {
    out_ << "add_test(" << quoted(name) << " " << quoted(own_path()) << " "
         << quoted("--source-file=*/" + as_filter(file) + "_test.cpp") << " "
         << quoted("--test-case=" + as_filter(test.m_name)) << " --case-sensitive --no-intro)\n"
         << "set_tests_properties(" << quoted(name) << " PROPERTIES LABELS "
         << quoted(threaded ? kind_ + ";threaded" : kind_) << " TIMEOUT "
         << (test.m_timeout > 0 ? static_cast<int>(test.m_timeout) + 10 : 400)
         // What may take long begins first, so that nothing waits for it at the end.
         << " COST " << static_cast<int>(test.m_timeout) << ")\n";
  }

  /// All cases of a file, which the listener of TAP counts (case_tap.cpp).
  void add_file(const std::string& file) {
    const std::string name = kind_ + "/" + file;
    out_ << "add_test(" << quoted(name) << " " << quoted(own_path()) << " "
         << quoted("--source-file=*/" + as_filter(file) + "_test.cpp") << " --no-intro)\n"
         << "set_tests_properties(" << quoted(name) << " PROPERTIES LABELS " << quoted(kind_)
         << " TIMEOUT 300 ENVIRONMENT " << quoted("FRONTDESK_TAP=" + kind_ + "-" + file + ".tap") << ")\n";
  }

  std::ostream& out_;
  const std::string kind_ = Environment::get("FRONTDESK_TEST_KIND");
  const bool threaded_only_ = !Environment::get("FRONTDESK_THREADED_ONLY").empty();
};
REGISTER_REPORTER("ctest", 0, CtestList);

}  // namespace
}  // namespace support
