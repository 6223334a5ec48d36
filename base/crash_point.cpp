#include "base/crash_point.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <string>

#include <signal.h>
#include <unistd.h>

namespace base {
namespace {

constexpr std::array kNames = {
    "message-parsed",    "message-storing",  "message-stored",    "turn-claimed",     "turn-asking",
    "draft-begun",       "draft-sent",       "turn-answered",     "turn-settling",    "turn-settled",
    "run-claimed",       "run-locked",       "run-beginning",     "run-begun",        "run-ended",
    "run-kept",          "run-settling",     "run-settled",       "approval-asking",  "approval-asked",
    "approval-answered", "approval-passed",  "delivery-claimed",  "delivery-marked",  "part-marked",
    "part-sent",         "part-kept",        "delivery-settling", "delivery-settled", "reminder-claimed",
    "reminder-settling", "reminder-settled", "recovering",        "recovered"};

const char* wanted() {
  const char* text = std::getenv("FRONTDESK_CRASH_AT");
  return text == nullptr ? "" : text;
}

/// "NAME[@ROW][:TIMES][=HOW]", see docs/developing.md.
struct Plan {
  std::string name;
  std::int64_t ref = -1;  ///< any
  int times = 1;
  std::string how = "kill";
};

std::string cut_behind(std::string& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) {
    return {};
  }
  auto behind = text.substr(at + 1);
  text.resize(at);
  return behind;
}

Plan read_plan() {
  Plan plan;
  plan.name = wanted();
  if (auto how = cut_behind(plan.name, '='); !how.empty()) {
    plan.how = how;
  }
  if (const auto times = cut_behind(plan.name, ':'); !times.empty()) {
    plan.times = std::atoi(times.c_str());
  }
  if (const auto ref = cut_behind(plan.name, '@'); !ref.empty()) {
    plan.ref = std::atoll(ref.c_str());
  }
  return plan;
}

int use_stack(int depth) {
  std::array<volatile char, 4096> frame{};
  frame.at(0) = static_cast<char>(depth);
  return depth == 0 ? 0 : use_stack(depth - 1) + frame.at(0);
}

void die(const std::string& how) {
  if (how == "segv") {
    ::raise(SIGSEGV);
  } else if (how == "abort") {
    std::abort();
  } else if (how == "throw") {
    std::terminate();
  } else if (how == "stack") {
    use_stack(1'000'000);
  }
  ::kill(::getpid(), SIGKILL);
}

}  // namespace

namespace detail {

const bool crash_points_armed = *wanted() != '\0';

void pass(CrashPoint point, std::int64_t ref) {
  static const Plan plan = read_plan();
  static std::atomic<int> passed = 0;
  if (plan.name == to_string(point) && (plan.ref < 0 || plan.ref == ref) && ++passed == plan.times) {
    die(plan.how);
  }
}

}  // namespace detail

std::string_view to_string(CrashPoint point) {
  return kNames.at(static_cast<std::size_t>(point));
}

}  // namespace base
