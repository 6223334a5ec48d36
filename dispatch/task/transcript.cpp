#include "dispatch/task/transcript.h"

#include <algorithm>
#include <limits>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/json_lines.h"
#include "base/thoughts.h"
#include "base/utf8.h"
#include "dispatch/task/model_problem.h"
#include "dispatch/task/result_problem.h"
#include "dispatch/task/texts.h"
#include "dispatch/task/tool_detail.h"

namespace dispatch {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDenials = 100;
constexpr int kRefusalsOfKey = 3;
constexpr const char* kName = "Claude Code";

/// A count that the CLI reports: 0 where there is none, and never so large that a sum of them overflows.
std::int64_t count_of(const json& holder, const char* key) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return std::clamp<std::int64_t>(base::json_integer(holder, key).value_or(0), 0, kMost);
}

/// Whether a line that cannot be read is a result.
bool names_result(std::string_view line) {
  const auto after_blanks = [&](std::size_t at) {
    return std::min(line.find_first_not_of(" \t", at), line.size());
  };
  constexpr std::string_view kType = "\"type\"";
  for (auto at = line.find(kType); at != std::string_view::npos; at = line.find(kType, at + 1)) {
    const auto colon = after_blanks(at + kType.size());
    if (line.substr(colon, 1) == ":" && line.substr(after_blanks(colon + 1)).starts_with("\"result\"")) {
      return true;
    }
  }
  return false;
}

/// Whether the model was not done, which the CLI does not always take for an error.
bool is_cut(std::string_view stop_reason) {
  return stop_reason == "max_tokens" || stop_reason == "pause_turn" ||
         stop_reason == "model_context_window_exceeded";
}

std::string with_result(json event, const std::string& text) {
  if (!text.empty()) {
    event["result"] = text;
  }
  return base::dump_json(event);
}

}  // namespace

std::optional<std::string> Transcript::fatal_problem() const {
  return key_refused_ ? std::optional(login_problem(kName)) : std::nullopt;
}

Transcript::Transcript(std::filesystem::path folder, std::optional<TokenPrice> price,
                       std::function<void(const Event&)> on_event, UsageMeter::Session session,
                       const Claims& claims)
    : folder_(std::move(folder)), meter_(price, session, claims), on_event_(std::move(on_event)) {}

/// The handlers of the single kinds of events; a nested class so that JSON stays out of the header.
class Transcript::Reader {
 public:
  explicit Reader(Transcript& t) : t_(t) {}

  void system(const json& event) {
    const auto subtype = base::json_string(event, "subtype").value_or("");
    if (subtype == "init") {
      t_.report_.model = base::json_string(event, "model").value_or("");
      t_.report_.session_id = base::json_string(event, "session_id").value_or("");
      if (!t_.report_.session_begun) {
        t_.report_.session_begun = true;
        emit({Event::Kind::session_begun, {}, t_.report_.session_id});
      }
    } else if (subtype == "api_retry") {
      const auto status = base::json_integer(event, "error_status").value_or(0);
      // A wrong key stays wrong; the CLI alone would keep trying for minutes.
      t_.key_refused_ = (status == 401 || status == 403) &&
                        base::json_integer(event, "attempt").value_or(0) >= kRefusalsOfKey;
      emit({Event::Kind::retrying, {}, status == 429 ? texts::kWaitsForRate : texts::kWaitsForModel});
    } else if (subtype == "task_started" && base::json_text(event, "task_type") == "local_agent") {
      t_.agents_.insert(base::json_text(event, "task_id"));
    } else if (subtype == "task_notification") {
      t_.agents_.erase(base::json_text(event, "task_id"));
    }
  }

  void assistant(const json& event) {
    const auto* message = base::json_member(event, "message");
    if (message != nullptr && !base::json_string(event, "parent_tool_use_id")) {
      t_.answers_.insert(base::json_string(*message, "id").value_or(""));
    }
    const auto* content = message != nullptr ? base::json_member(*message, "content") : nullptr;
    if (content == nullptr || !content->is_array()) {
      return;
    }
    if (!base::json_text(event, "parent_tool_use_id").empty()) {
      // Of a sub-agent there are no stream events: this is all that is seen of its calls.
      see_call(base::json_text(*message, "id"), base::json_text(*message, "model"), *message);
    }
    for (const auto& block : *content) {
      const auto type = base::json_string(block, "type").value_or("");
      if (type == "text") {
        say(event, *message, base::json_string(block, "text").value_or(""));
        emit({Event::Kind::said, {}, base::json_string(block, "text").value_or("")});
      } else if (type == "tool_use") {
        const auto tool = base::json_string(block, "name").value_or("");
        t_.open_tools_.insert(base::json_string(block, "id").value_or(""));
        const auto* input = base::json_member(block, "input");
        Event used{Event::Kind::tool_used, tool};
        if (input != nullptr) {
          used.text = detail_of(tool, *input, t_.folder_);
          count_lines(*input, used);
        }
        emit(std::move(used));
      }
    }
  }

  void user(const json& event) {
    const auto* message = base::json_member(event, "message");
    const auto* content = message != nullptr ? base::json_member(*message, "content") : nullptr;
    if (content == nullptr || !content->is_array()) {
      return;
    }
    for (const auto& block : *content) {
      if (const auto id = base::json_string(block, "tool_use_id")) {
        t_.open_tools_.erase(*id);
      }
    }
  }

  /// The answer to a `get_usage` of ours.
  void control_response(const json& event) {
    const auto& response = base::json_object(base::json_object(event, "response"), "response");
    const auto* usage = base::json_member(base::json_object(response, "session"), "model_usage");
    if (usage != nullptr && t_.meter_.take_totals(*usage)) {
      tell_usage();
    }
  }

  void stream_event(const json& event) {
    const auto* inner = base::json_member(event, "event");
    if (inner == nullptr) {
      return;
    }
    const auto type = base::json_string(*inner, "type").value_or("");
    if (type == "message_start") {
      ++t_.main_calls_;
      main_usage(base::json_object(*inner, "message"));
    } else if (type == "message_delta") {
      main_usage(*inner);
    }
  }

  void result(const json& event, std::string_view line) {
    auto& r = t_.report_;
    ++t_.results_;
    const bool failed = has_failed(event);
    const auto given = base::json_string(event, "result").value_or("");
    const auto text = answer(given);
    const bool is_better = !failed && text != given;
    if (!failed || has_words_beside_error(event)) {  // else it is the CLI's word for the error
      tell(text);
    }
    // Others read it, too, and not every parser takes half a character.
    r.raw_result =
        is_better || !json::accept(line) ? with_result(event, is_better ? text : given) : std::string(line);
    r.turns = static_cast<int>(
        std::min<std::int64_t>(r.turns + count_of(event, "num_turns"), std::numeric_limits<int>::max()));
    r.duration += std::chrono::milliseconds(count_of(event, "duration_ms"));
    if (const auto* structured = base::json_member(event, "structured_output"); structured != nullptr) {
      r.structured = base::dump_json(*structured);
    }
    r.stop_reason = base::json_string(event, "stop_reason").value_or("");
    r.session_id = base::json_string(event, "session_id").value_or(r.session_id);
    spent(event);
    denials(event);
    if (failed) {
      r.outcome = Outcome::error;
      r.problem = result_problem(kName, event);
    } else if (is_cut(r.stop_reason)) {
      r.outcome = Outcome::error;
      r.problem = texts::kCutOff;
    } else if (!r.denials.empty()) {
      r.outcome = Outcome::blocked;
      r.problem = texts::actions_refused(r.denials.size());
    } else {
      r.outcome = Outcome::success;
      r.problem.clear();
    }
  }

  /// What came before it may be all that is known of a finished work.
  void unreadable_result() {
    auto& r = t_.report_;
    ++t_.results_;
    tell(answer({}));
    r.raw_result.clear();
    r.usd_at_least = t_.usd_so_far();
    r.outcome = Outcome::error;
    r.problem = texts::kUnreadableResult;
  }

 private:
  /// The exit status and the subtype alone do not say: an API error has the subtype "success".
  static bool has_failed(const json& event) {
    const auto subtype = base::json_string(event, "subtype").value_or("");
    if (base::json_member(event, "is_error") != nullptr) {
      return base::json_bool(event, "is_error").value_or(true) || subtype.starts_with("error");
    }
    return subtype.starts_with("error") || (subtype != "success" && !base::json_string(event, "result"));
  }

  /// Keeps what the last message of the main turn says; the CLI gives each of its blocks as an event.
  void say(const json& event, const json& message, std::string text) {
    if (base::json_string(event, "parent_tool_use_id") || base::trim(text).empty()) {
      return;
    }
    const auto id = base::json_string(message, "id").value_or("");
    if (id.empty() || id != t_.said_in_) {
      t_.words_.clear();
    }
    t_.said_in_ = id;
    t_.words_.push_back(std::move(text));
  }

  /// The answer of a turn that ends: the result's text is that of a single block, and may be empty.
  std::string answer(const std::string& given) {
    const auto said = t_.unfinished_words();
    t_.words_.clear();
    // What it passes on of its commands' output may be meant for a terminal, and what some models think is
    // meant for nobody.
    const auto text = base::strip_controls(said.find(base::trim(given)) != std::string::npos ? said : given);
    const auto clean = base::without_thoughts(text);
    return clean == text ? text : std::string(base::trim(clean));
  }

  void emit(Event event) {
    event.usd_so_far = t_.usd_so_far();
    if (t_.on_event_) {
      t_.on_event_(event);
    }
  }

  /// The last result is the report, with what earlier ones said that it does not repeat.
  void tell(const std::string& text) {
    if (text.empty()) {
      return;
    }
    std::erase_if(t_.texts_,
                  [&](const std::string& earlier) { return text.find(earlier) != std::string::npos; });
    t_.texts_.push_back(text);
    t_.report_.text = fmt::format("{}", fmt::join(t_.texts_, "\n\n"));
  }

  void spent(const json& event) {
    auto& r = t_.report_;
    t_.counts_itself_ = t_.meter_.settle(event) || t_.counts_itself_;
    if (t_.counts_itself_) {
      r.usd = t_.meter_.usd();
      r.tokens = t_.meter_.tokens();
      tell_usage();
      return;
    }
    r.tokens += UsageMeter::tokens_of(base::json_object(event, "usage"));
    r.tokens = t_.meter_.claims().believed(r.tokens);
    const auto& price = t_.meter_.price();
    r.usd = price ? price->usd(r.tokens) : base::json_number(event, "total_cost_usd").value_or(0);
    r.usd_is_of_session = r.usd_is_claim = !price;
  }

  /// Of the call that the main thread is in: not all gateways give each call an id of its own.
  void main_usage(const json& holder) {
    see_call("main " + std::to_string(t_.main_calls_), t_.report_.model, holder);
  }

  void see_call(const std::string& id, const std::string& model, const json& holder) {
    if (t_.meter_.see_call(id, model, base::json_object(holder, "usage"))) {
      tell_usage();
    }
  }

  void tell_usage() { emit({.kind = Event::Kind::used, .spent = t_.meter_.spending()}); }

  void denials(const json& event) {
    const auto* list = base::json_member(event, "permission_denials");
    if (list == nullptr || !list->is_array()) {
      return;
    }
    for (const auto& denial : *list) {
      if (t_.report_.denials.size() >= kMostDenials) {
        return;
      }
      const auto id = base::json_string(denial, "tool_use_id");
      if (id && !t_.denied_.insert(*id).second) {
        continue;  // an earlier result named it
      }
      const auto tool = base::json_string(denial, "tool_name").value_or("?");
      const auto* input = base::json_member(denial, "tool_input");
      t_.report_.denials.push_back({tool, input != nullptr ? detail_of(tool, *input, t_.folder_) : ""});
    }
  }

  Transcript& t_;
};

void Transcript::add_denial(const std::string& tool_use_id, const std::string& tool, std::string_view input) {
  if (report_.denials.size() < kMostDenials && denied_.insert(tool_use_id).second) {
    report_.denials.push_back({tool, tool_detail(tool, input, folder_)});
  }
}

Report Transcript::final_report() const {
  auto report = report_;
  if (counts_itself_ || !has_result()) {
    report.usd = meter_.usd();
    report.usd_is_estimate = meter_.is_estimate() || !has_result();
    report.tokens = meter_.tokens();
    report.spent = meter_.spending();
    report.usd_is_claim = false;
  }
  report.claims_too_much = meter_.claims_too_much();
  return report;
}

int Transcript::turns_so_far() const {
  return std::max(report_.turns, static_cast<int>(answers_.size()));
}

std::string Transcript::unfinished_words() const {
  return fmt::format("{}", fmt::join(words_, "\n\n"));
}

void Transcript::take_result(std::string_view json) {
  if (const auto event = base::parse_json(json); event && event->is_object()) {
    Reader(*this).result(*event, json);
  }
}

void Transcript::take(std::string_view line) {
  // Text deltas are most of the lines and say nothing that the whole messages do not say.
  if (line.substr(0, 200).find("\"content_block_delta\"") != std::string_view::npos) {
    return;
  }
  Reader reader(*this);
  const auto event = base::parse_json_leniently(line);
  if (!event && names_result(line)) {
    reader.unreadable_result();
  }
  if (!event) {
    return;
  }
  const auto type = base::json_string(*event, "type").value_or("");
  if (type == "system") {
    reader.system(*event);
  } else if (type == "assistant") {
    reader.assistant(*event);
  } else if (type == "user") {
    reader.user(*event);
  } else if (type == "stream_event") {
    reader.stream_event(*event);
  } else if (type == "control_response") {
    reader.control_response(*event);
  } else if (type == "result") {
    reader.result(*event, line);
  }
}

}  // namespace dispatch
