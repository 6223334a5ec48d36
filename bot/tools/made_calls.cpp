#include "bot/tools/made_calls.h"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"
#include "bot/texts/made_calls.h"
#include "bot/texts/tools.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/patterns.h"
#include "bot/tools/read_back.h"
#include "store/made_calls.h"

namespace bot::tools {
namespace {

using State = store::ToolCallState;
using texts::Made;

constexpr std::size_t kShownArguments = 200;  ///< to the person
constexpr std::size_t kToldArguments = 400;   ///< to the model
constexpr std::size_t kToldResult = 600;
constexpr std::size_t kMostTold = 6'000;

const char* end_of(State state) {
  switch (state) {
    case State::done:
      return "done";
    case State::failed:
      return "failed";
    case State::refused:
      return "not made, since the person said no";
    case State::expired:
      return "not made, since nobody answered the question in time";
    default:
      return "nobody knows whether it took effect";
  }
}

}  // namespace

std::string short_arguments(const std::string& arguments) {
  const auto given = base::parse_json(arguments).value_or(nlohmann::json::object());
  std::string line;
  for (const auto& [name, value] : given.items()) {
    line += fmt::format("{}{}: {}", line.empty() ? "" : ", ", name,
                        value.is_string() ? value.get<std::string>() : base::dump_json(value));
  }
  return line.empty()
             ? line
             : markup::inline_code(base::ellipsize(base::one_line(base::visible(line)), kShownArguments));
}

bool seems_to_read(const store::ToolCallRecord& call) {
  return call.only_reads || is_named_as_reading(call.tool);
}

std::string told_before_failure(store::Database& db, store::MessageId message) {
  std::string lines;
  for (const auto& call : store::ToolCalls(db).of(message)) {
    if (seems_to_read(call) || !call.begun) {
      continue;
    }
    const auto made = was_seen(call)                ? Made::seen
                      : call.state == State::done   ? Made::done
                      : call.state == State::failed ? Made::failed
                                                    : Made::unknown;
    lines += texts::made_call(call_name(call.server, call.tool), short_arguments(call.arguments), made);
  }
  return lines.empty() ? lines : texts::made_before_failure(lines);
}

std::string told_of_doubts(store::Database& db, store::MessageId message) {
  std::string lines;
  for (const auto& call : store::ToolCalls(db).of(message)) {
    if (call.state == State::uncertain && !call.only_reads) {
      lines += "\n\n" + texts::call_uncertain(call_name(call.server, call.tool),
                                              markup::literal_markdown(call.result));
    }
  }
  return lines;
}

std::string told_of_same(store::Database& db, const store::ToolCallRecord& call,
                         const std::string& timezone) {
  const auto before = store::MadeCalls(db).same_before(call);
  return before ? texts::same_call_before(base::format_minute(before->begun.value_or(before->made), timezone),
                                          was_seen(*before)              ? Made::seen
                                          : before->state == State::done ? Made::done
                                                                         : Made::unknown)
                : std::string();
}

std::string told_to_model(store::Database& db, const std::vector<store::ToolCallRecord>& calls,
                          const std::string& timezone) {
  store::MadeCalls made(db);
  std::string text;
  for (auto at = calls.rbegin(); at != calls.rend(); ++at) {
    const auto& call = *at;
    const bool is_lost = call.state == State::done && made.is_in_doubt(call);
    auto line = fmt::format(
        "- {}: {} of {} with {}: {}{}{}\n", base::format_minute(call.begun.value_or(call.made), timezone),
        call.tool, call.server, base::ellipsize(base::one_line(call.arguments), kToldArguments),
        end_of(call.state), is_lost ? "; the turn failed behind it, so that the person saw no answer" : "",
        call.result.empty() ? "" : ". It said: " + base::one_line(base::keep_ends(call.result, kToldResult)));
    if (text.size() + line.size() > kMostTold) {
      break;
    }
    text = std::move(line) + text;
  }
  return text;
}

}  // namespace bot::tools
