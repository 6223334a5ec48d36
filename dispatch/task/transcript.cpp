#include "dispatch/task/transcript.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/task/model_problem.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDetail = 120;
constexpr std::size_t kMostDenials = 100;
constexpr int kRefusalsOfKey = 3;
constexpr const char* kName = "Claude Code";

std::string one_line(std::string_view text, std::size_t max_bytes) {
  return base::ellipsize(base::trim(text.substr(0, text.find('\n'))), max_bytes);
}

int lines_in(const json& input, const char* key) {
  const auto text = base::json_string(input, key).value_or("");
  return static_cast<int>(std::count(text.begin(), text.end(), '\n')) +
         (text.empty() || text.ends_with('\n') ? 0 : 1);
}

/// A count that the CLI reports: 0 where there is none, and never so large that a sum of them overflows.
std::int64_t count_of(const json& holder, const char* key) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return std::clamp<std::int64_t>(base::json_integer(holder, key).value_or(0), 0, kMost);
}

/// What a tool is about to write; a file that is written whole counts whole.
void count_lines(const json& input, Event& event) {
  if (event.tool == "Write") {
    event.lines_added = lines_in(input, "content");
  } else if (event.tool == "Edit") {
    event.lines_added = lines_in(input, "new_string");
    event.lines_removed = lines_in(input, "old_string");
  }
}

std::string detail_of(std::string_view tool, const json& input, const std::filesystem::path& folder) {
  for (const char* key : {"file_path", "notebook_path", "path"}) {
    if (const auto value = base::json_string(input, key)) {
      const std::filesystem::path path(*value);
      const auto relative = path.is_absolute() ? path.lexically_relative(folder) : path;
      const bool inside = !relative.empty() && *relative.begin() != "..";
      return base::ellipsize((inside ? relative : path).string(), kMaxDetail);
    }
  }
  for (const char* key : {"command", "pattern", "url", "query", "description", "prompt"}) {
    if (const auto value = base::json_string(input, key)) {
      return one_line(*value, kMaxDetail);
    }
  }
  return std::string(tool == "TodoWrite" ? "plan" : "");
}

/// A result that is an error, as a sentence for the chat.
std::string problem_of(const json& result) {
  const auto subtype = base::json_string(result, "subtype").value_or("");
  if (subtype == "error_max_turns") {
    return texts::kTurnLimit;
  }
  if (subtype == "error_max_budget_usd") {
    return texts::kSpendingLimit;
  }
  auto text = base::json_string(result, "result").value_or("");
  if (const auto* errors = base::json_member(result, "errors");
      text.empty() && errors != nullptr && errors->is_array()) {
    for (const auto& error : *errors) {
      if (error.is_string() && text.empty()) {
        text = error.get<std::string>();
      }
    }
  }
  return model_problem(kName, base::json_integer(result, "api_error_status").value_or(0), text);
}

}  // namespace

std::optional<std::string> Transcript::fatal_problem() const {
  return key_refused_ ? std::optional(login_problem(kName)) : std::nullopt;
}

std::string tool_detail(std::string_view tool, std::string_view input_json,
                        const std::filesystem::path& folder) {
  const auto input = base::parse_json(input_json);
  return input ? detail_of(tool, *input, folder) : std::string();
}

Transcript::Transcript(std::filesystem::path folder, std::optional<TokenPrice> price,
                       std::function<void(const Event&)> on_event, UsageMeter::Session session)
    : folder_(std::move(folder)), meter_(price, session), on_event_(std::move(on_event)) {}

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
    const auto& session = base::json_object(response, "session");
    if (const auto* usage = base::json_member(session, "model_usage")) {
      const auto before = t_.meter_.usd();
      t_.meter_.take_totals(*usage);
      if (t_.meter_.usd() > before) {
        tell_usage();
      }
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
    r.raw_result = std::string(line);
    const auto text = base::json_string(event, "result").value_or("");
    tell(text);
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
    // The exit status and the subtype alone do not say: an API error has the subtype "success".
    const bool failed = base::json_member(event, "is_error") == nullptr
                            ? !base::json_string(event, "result")
                            : base::json_bool(event, "is_error").value_or(true);
    if (failed || base::json_string(event, "subtype").value_or("").starts_with("error")) {
      r.outcome = Outcome::error;
      r.problem = problem_of(event);
    } else if (!r.denials.empty()) {
      r.outcome = Outcome::blocked;
      r.problem = texts::actions_refused(r.denials.size());
    } else {
      r.outcome = Outcome::success;
      r.problem.clear();
    }
  }

 private:
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
    if (const auto* used = base::json_member(event, "usage")) {
      r.tokens.input += count_of(*used, "input_tokens");
      r.tokens.cache_read += count_of(*used, "cache_read_input_tokens");
      r.tokens.cache_write += count_of(*used, "cache_creation_input_tokens");
      r.tokens.output += count_of(*used, "output_tokens");
    }
    const auto& price = t_.meter_.price();
    r.usd = price ? price->usd(r.tokens) : base::json_number(event, "total_cost_usd").value_or(0);
    r.usd_is_of_session = !price;
  }

  /// Of the call that the main thread is in: not all gateways give each call an id of its own.
  void main_usage(const json& holder) {
    see_call("main " + std::to_string(t_.main_calls_), t_.report_.model, holder);
  }

  void see_call(const std::string& id, const std::string& model, const json& holder) {
    const auto* used = base::json_member(holder, "usage");
    if (used == nullptr || !used->is_object()) {
      return;
    }
    t_.meter_.see_call(id, model, *used);
    tell_usage();
  }

  void tell_usage() {
    Event used{Event::Kind::used};
    used.spent = t_.meter_.spending();
    emit(std::move(used));
  }

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
  }
  return report;
}

void Transcript::take_result(std::string_view json) {
  if (const auto event = base::parse_json(json); event && event->is_object()) {
    Reader(*this).result(*event, json);
  }
}

Report report_of_result(std::string_view json, const std::filesystem::path& folder) {
  Transcript transcript(folder, {}, {});
  transcript.take_result(json);
  auto report = transcript.report();
  if (!transcript.has_result()) {
    report.problem = texts::kUnreadableResult;
  }
  return report;
}

void Transcript::take(std::string_view line) {
  // Text deltas are most of the lines and say nothing that the whole messages do not say.
  if (line.substr(0, 200).find("\"content_block_delta\"") != std::string_view::npos) {
    return;
  }
  const auto event = base::parse_json(line);
  if (!event) {
    return;
  }
  Reader reader(*this);
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
