#include "bot/texts/tools.h"

#include <fmt/core.h>

namespace bot::texts {
namespace {

constexpr const char* kDeadline = "\n\nNothing is done before you say so";

}  // namespace

std::string call_request(const std::string& tool, const std::string& arguments, const std::string& about,
                         const std::string& until, const std::string& read) {
  return fmt::format(
      "Shall I do this? {}:\n\n{}{}{}{}; this can be answered until {}. To have it different, press Change and "
      "write what.",
      tool, arguments, about.empty() ? "" : "\n\n" + about,
      read.empty()
          ? ""
          : fmt::format("\n\nBefore I prepared it I read texts from {}, which may have led me to it.", read),
      kDeadline, until);
}

std::string concerned(const std::string& server, const std::string& tool, const std::string& lines,
                      const std::string& when) {
  return fmt::format("This is what it concerns, in the words of {}, read{} with {}:\n\n{}", server,
                     when.empty() ? "" : " at " + when, tool, lines);
}

std::string call_part(const std::string& tool, const std::string& arguments, std::size_t number,
                      std::size_t count) {
  return fmt::format("What I am going to ask you about, {}, part {} of {}:\n\n{}", tool, number, count,
                     arguments);
}

std::string call_last_part(const std::string& arguments, std::size_t count) {
  return fmt::format("(the end, part {0} of {0}; the rest stands above)\n\n{1}", count, arguments);
}

std::string calls_not_asked(const std::string& calls, std::size_t most) {
  return fmt::format(
      "I do not ask about more than {} calls at once. Left out, and not done: {}. When you have answered these, tell me "
      "to go on.",
      most, calls);
}

std::string said_before_answer(const std::string& words) {
  return "*(Written before you answered the question below; at that point nothing had been done.)*\n\n" +
         words;
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

std::string there_otherwise(const std::string& name, const std::string& asked, const std::string& there) {
  return fmt::format("**Otherwise than asked:** asked was {} {}, there is {}.", name, asked, there);
}

std::string read_back_same(const std::string& tool, bool is_guess) {
  if (is_guess) {
    return fmt::format("{} shows the same as before, so that this is the tool's word alone.", tool);
  }
  return fmt::format("I looked before and after it with {}: **nothing has changed there.**", tool);
}

std::string read_back_was_there(const std::string& tool) {
  return fmt::format(
      "I looked before and after it with {}: what was asked for was there already, and is there.", tool);
}

std::string call_not_made(const std::string& tool, const std::string& why) {
  return fmt::format("{} was not called, and nothing was done. {}", tool, why);
}

std::string call_put_off(const std::string& tool, const std::string& why, const std::string& when,
                         bool is_over_by_then) {
  const auto again = when.empty() ? std::string("in a moment") : "from " + when + " on";
  return fmt::format(
      "{} was not called yet, and nothing was done. {} {}", tool, why,
      is_over_by_then
          ? fmt::format("It can be tried again {}; the question is over by then, so ask me for it once more.",
                        again)
          : fmt::format("The question above stays open: press Do it again {}.", again));
}

std::string call_uncertain(const std::string& tool, const std::string& why) {
  return fmt::format("I do not know whether {} was done: please check. I do not try it again by myself. {}",
                     tool, why);
}

std::string call_refused_by(const std::string& name, const std::string& why) {
  return fmt::format("{} said no{}{}{} Nothing was done.", name, why.empty() ? "" : ": ", why,
                     why.ends_with('.') ? "" : ".");
}

std::string state_of_call(const std::string& state) {
  if (state == "open") {
    return "waits for an answer";
  }
  if (state == "running") {
    return "is being done";
  }
  if (state == "done") {
    return "done, as the tool says";
  }
  if (state == "uncertain") {
    return "nobody knows whether it was done";
  }
  if (state == "replaced") {
    return "replaced by another version";
  }
  return state == "expired" ? "not answered in time" : state;
}

std::string read_with(const std::string& tool, const std::string& lines) {
  return fmt::format("Read before and after it with {}:{}", tool,
                     lines.empty() ? " nothing has changed" : "\n" + lines);
}

std::string working_with(const std::string& server) {
  return "Looking into " + server;
}

std::string call_lost(const std::string& tool, const std::string& arguments) {
  return fmt::format(
      "{} was called, and what came of it could not be written down. I do not know whether it was done: please "
      "check. I do not try it again by myself. It was called with:\n\n{}",
      tool, arguments);
}

std::string call_cut(const std::string& tool, const std::string& arguments) {
  return fmt::format(
      "The program ended while {} was called. I do not know whether it was done: please check. I do not try it "
      "again by myself. It was called with:\n\n{}",
      tool, arguments);
}

}  // namespace bot::texts
