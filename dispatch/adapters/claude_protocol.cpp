#include "dispatch/adapters/claude_protocol.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/id.h"
#include "base/json.h"
#include "base/json_lines.h"
#include "base/log.h"
#include "dispatch/project/context.h"
#include "dispatch/task/prompt.h"

namespace dispatch {
namespace {

/// When something has ended in the background it begins a turn at once.
constexpr std::chrono::seconds kFollowUpGrace{5};
/// After its turn has ended it takes an addition up as soon as its model begins to answer.
constexpr std::chrono::seconds kTakeUpGrace{30};
constexpr std::chrono::seconds kUsagePace{1};
constexpr const char* kAdded = "The person adds this to the task that you work on:";

}  // namespace

std::string context_for_claude(const Task& task) {
  return project_context(task.folder, task.trusts_folder ? ReadByCli::claude_md : ReadByCli::nothing);
}

ClaudeProtocol::ClaudeProtocol(const Task& task, std::optional<TokenPrice> price,
                               const std::function<void(const Event&)>& on_event, base::ChildProcess& child)
    : task_(task),
      on_event_(on_event),
      child_(child),
      transcript_(task.folder, price, on_event,
                  task.continues_session ? UsageMeter::Session::continued : UsageMeter::Session::fresh,
                  Claims(task.max_usd)),
      control_(task.folder) {}

void ClaudeProtocol::begin() {
  auto prompt = task_.prompt;
  if (task_.continues_session) {
    prompt += context_for_claude(task_);
  }
  say(harmless_prompt(task_.introduction, prompt, task_.folder), base::random_uuid());
  if (task_.continues_session) {
    ask_usage();  // what the session's earlier processes spent is no part of this run
  }
}

void ClaudeProtocol::on_line(const std::string& written) {
  const auto line = base::with_escaped_controls(written);
  transcript_.take(line);
  if (auto request = control_.take(line); request && was_allowed_before(*request)) {
    base::log_info("\"{}\" is asked for again, which was allowed for this task: {}", request->tool,
                   request->hash);
    take_reply({request->id, request->hash, Reply::Verdict::allow_for_task, {}, {}});
  } else if (request) {
    emit({.kind = Event::Kind::asks, .request = std::make_shared<const Request>(*std::move(request))});
  } else if (const auto id = control_.withdrawn(line)) {
    emit({.kind = Event::Kind::withdrawn, .text = *id});
  }
  if (transcript_.results() > results_) {
    results_ = transcript_.results();
    in_turn_ = false;
    quiet_since_ = std::chrono::steady_clock::now();
  } else if (!interrupted_ && line.find("\"subtype\":\"init\"") != std::string::npos) {
    in_turn_ = true;  // it comes before each turn
  } else if (!written_.empty()) {
    take_replay(line);
  }
  take_background(line);
}

bool ClaudeProtocol::was_allowed_before(const Request& request) const {
  return request.kind != Request::Kind::question &&
         std::find(task_.allowed_before.begin(), task_.allowed_before.end(), request.hash) !=
             task_.allowed_before.end();
}

void ClaudeProtocol::take_background(const std::string& line) {
  const bool changed = background_.take(line);
  if (changed) {
    quiet_since_ = std::chrono::steady_clock::now();
  }
  const bool turn_ended = quiet_since_ > told_at_ && is_between_turns() && !background_.empty();
  if (changed || turn_ended) {
    told_at_ = quiet_since_;
    emit({.kind = Event::Kind::background,
          .background = background_.descriptions(),
          .between_turns = is_between_turns()});
  }
}

void ClaudeProtocol::take_reply(const Reply& reply) {
  const auto refused = control_.refused_by(reply);
  const auto answer = control_.answer(reply);
  if (!answer) {
    return;
  }
  if (refused) {
    // Of a sub-agent's no result tells.
    transcript_.add_denial(refused->tool_use_id, refused->tool, refused->input);
  }
  child_.write(*answer);
}

void ClaudeProtocol::on_mail() {
  while (const auto mail = task_.mailbox ? task_.mailbox->take() : std::nullopt) {
    if (const auto* reply = std::get_if<Reply>(&*mail)) {
      take_reply(*reply);
    } else if (!interrupted_ && !input_closed_ && !has_result()) {
      const auto& addition = std::get<Addition>(*mail);
      const auto uuid = base::random_uuid();
      written_[uuid] = addition.id;
      say(harmless_prompt(kAdded, addition.text, task_.folder), uuid);
    }
  }
}

bool ClaudeProtocol::finished() const {
  return is_between_turns() && !work_was_cut_ && background_.empty() &&
         (!background_.awaits_turn() || std::chrono::steady_clock::now() > quiet_since_ + kFollowUpGrace);
}

bool ClaudeProtocol::has_result() const {
  if (interrupted_) {
    return is_between_turns();
  }
  return finished() && (written_.empty() || std::chrono::steady_clock::now() > quiet_since_ + kTakeUpGrace);
}

void ClaudeProtocol::on_tick() {
  const auto now = std::chrono::steady_clock::now();
  if (transcript_.agent_is_working() && now >= next_usage_ && !input_closed_) {
    next_usage_ = now + kUsagePace;
    ask_usage();
  }
}

/// Its events do not say what a sub-agent's answers cost.
void ClaudeProtocol::ask_usage() {
  child_.write(ControlProtocol::ask_usage());
}

bool ClaudeProtocol::is_sign_of_life(const std::string& line) const {
  return line.find(ControlProtocol::kUsageId) == std::string::npos;
}

bool ClaudeProtocol::interrupt() {
  if (!interrupted_) {
    work_was_cut_ = !background_.empty() || background_.awaits_turn();
    cut_ = background_.descriptions();
  }
  interrupted_ = true;
  child_.write(ControlProtocol::interrupt());
  return true;
}

void ClaudeProtocol::say(const std::string& text, const std::string& uuid) {
  child_.write(base::dump_json({{"type", "user"},
                                {"message", {{"role", "user"}, {"content", text}}},
                                {"parent_tool_use_id", nullptr},
                                {"session_id", ""},
                                {"uuid", uuid}}) +
               "\n");
}

/// With --replay-user-messages the CLI repeats a message when it takes it up: in the turn that is going on,
/// after a tool, or as a turn of its own.
void ClaudeProtocol::take_replay(const std::string& line) {
  if (interrupted_ || has_result()) {
    return;  // it would begin what is about to be cut; left in the queue it is carried out later
  }
  const auto event = line.find("\"isReplay\"") == std::string::npos ? std::nullopt : base::parse_json(line);
  const auto found = written_.find(event ? base::json_string(*event, "uuid").value_or("") : "");
  if (found != written_.end()) {
    in_turn_ = true;
    emit({.kind = Event::Kind::added, .addition = found->second});
    written_.erase(found);
  }
}

void ClaudeProtocol::emit(Event event) {
  event.usd_so_far = transcript_.usd_so_far();
  if (on_event_) {
    on_event_(event);
  }
}

}  // namespace dispatch
