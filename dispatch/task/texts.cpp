#include "dispatch/task/texts.h"

#include <algorithm>

#include <fmt/core.h>

namespace dispatch::texts {
namespace {

constexpr const char* kAskOperator = "The operator can check it with `frontdesk doctor`.";

}  // namespace

std::string out_of_time(std::chrono::seconds limit) {
  return fmt::format("It ran out of time ({} s).", limit.count());
}

std::string silent_for(std::chrono::seconds time) {
  return fmt::format("It stopped responding (no output for {} s).", time.count());
}

std::string cut_in_background(const std::vector<std::string>& works) {
  std::string names;
  for (auto name : works) {
    std::replace(name.begin(), name.end(), '`', '\'');
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
  }
  return "What it still had running in the background was stopped: " + names + ".";
}

std::string spending_limit(double usd) {
  return fmt::format("It reached this run's spending limit of ${:.{}f} before it finished.", usd,
                     usd < 0.01 ? 4 : 2);
}

std::string disk_full(const std::string& slug, std::uintmax_t held_mib) {
  return fmt::format(
      "The server's disk was nearly full, so the work was stopped; {} alone holds {} MiB of it. Somebody has to make "
      "room.",
      slug, held_mib);
}

std::string folder_limit(std::uintmax_t written_mib, std::uintmax_t limit_mib) {
  return fmt::format("It wrote {} MiB into the project folder; the limit for one run is {} MiB.", written_mib,
                     limit_mib);
}

std::string actions_refused(std::size_t count) {
  return count == 1 ? "One action was refused, so the work may be incomplete."
                    : fmt::format("{} actions were refused, so the work may be incomplete.", count);
}

std::string could_not_start(const std::string& cli) {
  return fmt::format("{} could not be started on the server. {}", cli, kAskOperator);
}

std::string no_result(const std::string& cli, int exit_status, const std::string& error_line) {
  return fmt::format("{} ended without a result (exit status {}{}{}).", cli, exit_status,
                     error_line.empty() ? "" : ": ", error_line);
}

std::string failed_after_result(const std::string& cli, int exit_status, const std::string& error_line) {
  return fmt::format("{} gave an answer, and then ended as if it had failed (exit status {}{}).", cli,
                     exit_status, error_line.empty() ? "" : ": " + error_line);
}

std::string not_logged_in(const std::string& cli) {
  return fmt::format("{} is not logged in, or its key was refused. {}", cli, kAskOperator);
}

std::string out_of_credit(const std::string& cli) {
  return fmt::format("The account of {} is out of credit. The operator needs to top it up.", cli);
}

std::string cannot_plan(const std::string& specialist) {
  return fmt::format("{} cannot show a plan first; permission \"plan\" is for Claude Code.", specialist);
}

std::string cannot_review(const std::string& specialist) {
  return fmt::format("{0} cannot review: specialist.{0}.review is not configured.", specialist);
}

std::string cannot_limit_turns(const std::string& specialist) {
  return fmt::format("{} has no turn limit; omit --max-turns.", specialist);
}

std::string cannot_choose_model(const std::string& specialist) {
  return fmt::format("{0} takes no model: the arguments of specialist.{0} have no {{model}}.", specialist);
}

std::string write_file(const std::string& path) {
  return fmt::format("write the file {}:", path);
}

std::string change_file(const std::string& path) {
  return fmt::format("change the file {}:", path);
}

std::string read_file(const std::string& path) {
  return fmt::format("read the file {}", path);
}

std::string use_tool(const std::string& tool) {
  return fmt::format("use the tool {} with:", tool);
}

std::string many_lines(std::size_t lines, const std::string& last) {
  return fmt::format("It has {} lines; read all of them before you allow it. The last one: {}", lines, last);
}

std::string empty_lines(std::size_t count) {
  return fmt::format("[… {} empty lines …]", count);
}

std::string blanks(std::size_t count) {
  return fmt::format("[… {} blanks …]", count);
}

std::string commands_beginning_with(const std::string& words) {
  return "every command that begins with " + words;
}

std::string commands_of_form(const std::string& pattern) {
  return fmt::format("every command of the form {}, where * is anything at all", pattern);
}

std::string command_each_time(const std::string& command) {
  return fmt::format("the command {}, each time", command);
}

std::string uses_of(const std::string& tool, const std::string& of) {
  return of.empty() ? fmt::format("every use of {}", tool) : fmt::format("every use of {} on {}", tool, of);
}

std::string under_rule(const std::string& what, const std::string& rule) {
  return fmt::format("{} (the rule {})", what, rule);
}

std::string with_field(const std::string& name) {
  return fmt::format("With {}:", name);
}

std::string finding(std::string_view severity, std::string_view place, std::string_view problem,
                    std::string_view fix) {
  return fmt::format("- **{}** `{}` {}\n  Fix: {}\n", severity, place, problem, fix);
}

std::string not_a_project_name(const std::string& name) {
  return fmt::format(
      "\"{}\" cannot name a project: use letters, digits, \".\", \"_\" and \"-\", at most 64, not beginning "
      "with \".\" or \"-\".",
      name);
}

std::string folder_is_link(const std::string& project) {
  return fmt::format("The project folder {} is a link to another place.", project);
}

std::string folder_unusable(const std::string& folder, const std::string& reason) {
  return fmt::format("The project folder {} cannot be used: {}.", folder, reason);
}

std::string larger_than_can_be_sent(std::uint64_t mb) {
  return fmt::format("is larger than the {} MB that can be sent", mb);
}

std::string not_a_folder(const std::string& path) {
  return fmt::format("`{}` in the project is not a folder", path);
}

std::string larger_than(std::uint64_t mb) {
  return fmt::format("it is larger than {} MB", mb);
}

}  // namespace dispatch::texts
