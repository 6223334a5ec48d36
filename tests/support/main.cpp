// The entry of every test program: doctest, the process supervisor, and the list that ctest reads.
#define DOCTEST_CONFIG_IMPLEMENT
#include <climits>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "base/process/supervisor.h"
#include "tests/support/checkout.h"

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

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

bool is_threaded(const std::string& file, const doctest::TestCaseData& test) {
  const auto begins = [](const char* text) {
    return text != nullptr && std::strncmp(text, "threaded:", 9) == 0;
  };
  std::istringstream files(environment("FRONTDESK_THREADED_TESTS"));
  for (std::string name; files >> name;) {
    if (name == file) {
      return true;
    }
  }
  return begins(test.m_name) || begins(test.m_test_suite);
}

/// `--list-test-cases --reporters=ctest` writes a CMake script that registers every test case as a test of
/// its own. Used while building, by tests/CMakeLists.txt; doctest's own discovery knows neither files nor our
/// labels.
class CtestList final : public doctest::IReporter {
 public:
  explicit CtestList(const doctest::ContextOptions& options) : out_(*options.cout) {}

  void report_query(const doctest::QueryData& query) override {
    const std::string kind = environment("FRONTDESK_TEST_KIND");
    const bool threaded_only = !environment("FRONTDESK_THREADED_ONLY").empty();
    std::set<std::string> names;
    for (unsigned i = 0; i < query.num_data; ++i) {
      const doctest::TestCaseData& test = *query.data[i];
      const std::string file = stem(test.m_file.c_str());
      const std::string name = kind + "/" + file + ": " + test.m_name;
      const bool threaded = is_threaded(file, test);
      if (!names.insert(name).second) {
        std::cerr << test.m_file.c_str() << ":" << test.m_line << ": a second test case is called " << name
                  << '\n';
        std::_Exit(1);  // ctest could not tell the two apart
      }
      if (test.m_skip || (threaded_only && !threaded)) {
        continue;
      }
      out_ << "add_test(" << quoted(name) << " " << quoted(own_path()) << " "
           << quoted("--source-file=*/" + as_filter(file) + "_test.cpp") << " "
           << quoted("--test-case=" + as_filter(test.m_name)) << " --case-sensitive --no-intro)\n"
           << "set_tests_properties(" << quoted(name) << " PROPERTIES LABELS "
           << quoted(threaded ? kind + ";threaded" : kind) << " TIMEOUT "
           << (test.m_timeout > 0 ? static_cast<int>(test.m_timeout) + 10 : 120) << ")\n";
    }
  }

  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::ostream& out_;
};
REGISTER_REPORTER("ctest", 0, CtestList);

int cases_run = 0;

/// Counts the test cases, so that a filter that matches none is a failure and not a pass.
class CaseCounter final : public doctest::IReporter {
 public:
  explicit CaseCounter(const doctest::ContextOptions&) {}
  void test_case_start(const doctest::TestCaseData&) override { ++cases_run; }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("counter", 0, CaseCounter);

/// What test.sh sets, for a test program that is started by hand. The values of test.sh win.
void set_defaults() {
  const std::string build = support::build_dir();
  const std::string npm = support::source_dir() + "/build/npm/";
  setenv("FRONTDESK_BIN", (build + "/frontdesk").c_str(), 0);
  setenv("FRONTDESK_CLAUDE", (npm + "specialist/node_modules/.bin/claude").c_str(), 0);
  setenv("FRONTDESK_NODE_MODULES", (npm + "tests/node_modules").c_str(), 0);
  setenv("FRONTDESK_NPM_BIN", (npm + "tests/node_modules/.bin").c_str(), 0);
  setenv("TZ", "UTC", 0);
}

}  // namespace

#ifdef __SANITIZE_THREAD__
/// Debian's httplib is not instrumented: the sanitizer sees its memcmp of a static table, but not that the
/// table was made under a guard. Our own code is still watched where httplib calls it.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libcpp-httplib.so\n";
}
#endif

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "supervise") == 0) {
    return base::supervisor_main(argc, argv);
  }
  set_defaults();
  ::signal(SIGPIPE, SIG_IGN);  // as the program's own main() does
  doctest::Context context(argc, argv);
  const int result = context.run();
  if (!context.shouldExit() && cases_run == 0) {
    std::cerr << "no test case matches\n";
    return 1;
  }
  return result;
}
