#include "bot/texts/tools.h"

#include <fmt/core.h>

namespace bot::texts {
namespace {

constexpr const char* kDeadline = "\n\nNothing is done before you say so";

}  // namespace

std::string call_request(const std::string& tool, const std::string& arguments, const std::string& until,
                         const std::string& read) {
  return fmt::format(
      "Shall I do this? {}:\n\n{}{}{}; this can be answered until {}. To have it different, press Change and "
      "write what.",
      tool, arguments,
      read.empty()
          ? ""
          : fmt::format("\n\nBefore I prepared it I read texts from {}, which may have led me to it.", read),
      kDeadline, until);
}

std::string call_without_deadline(const std::string& shown) {
  return shown.substr(0, shown.rfind(kDeadline));
}

std::string call_done(const std::string& tool, const std::string& words) {
  return fmt::format("{} was called. It says:\n\n{}", tool, words);
}

std::string call_failed(const std::string& tool, const std::string& words) {
  return fmt::format("{} failed. It says:\n\n{}", tool, words);
}

std::string read_back(const std::string& tool, const std::string& lines, bool has_unasked) {
  return fmt::format("I looked before and after it with {}. This has changed:\n\n{}{}", tool, lines,
                     has_unasked ? "\n\n**Nobody asked for what begins with `!`.**" : "");
}

std::string read_back_same(const std::string& tool, bool is_guess) {
  if (is_guess) {
    return fmt::format("{} shows the same as before, so that this is the tool's word alone.", tool);
  }
  return fmt::format("I looked before and after it with {}: **nothing has changed there.**", tool);
}

std::string call_not_made(const std::string& tool, const std::string& why) {
  return fmt::format("{} was not called, and nothing was done. {}", tool, why);
}

std::string call_uncertain(const std::string& tool, const std::string& why) {
  return fmt::format("I do not know whether {} was done: please check. I do not try it again by myself. {}",
                     tool, why);
}

std::string call_cut(const std::string& tool, const std::string& arguments) {
  return fmt::format(
      "The program ended while {} was called. I do not know whether it was done: please check. I do not try it "
      "again by myself. It was called with:\n\n{}",
      tool, arguments);
}

}  // namespace bot::texts
