#include "dispatch/adapters/control_protocol.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/adapters/request_detail.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using nlohmann::json;

/// What a person can take in; any other answer can be given in words.
constexpr std::size_t kMostOptions = 10;
constexpr std::size_t kMostQuestions = 10;
constexpr const char* kCommandTool = "Bash";
constexpr const char* kToolLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

std::vector<Question> questions_of(const json& input) {
  std::vector<Question> questions;
  const auto* list = base::json_member(input, "questions");
  if (list == nullptr || !list->is_array()) {
    return questions;
  }
  for (const auto& item : *list) {
    Question question;
    question.text = base::json_string(item, "question").value_or("");
    question.several = base::json_bool(item, "multiSelect").value_or(false);
    if (const auto* options = base::json_member(item, "options"); options != nullptr && options->is_array()) {
      for (const auto& option : *options) {
        if (question.options.size() < kMostOptions) {
          question.options.push_back(base::json_string(option, "label").value_or("?"));
        }
      }
    }
    if (questions.size() < kMostQuestions) {
      questions.push_back(std::move(question));
    }
  }
  return questions;
}

/// As the CLI's --allowedTools takes it; nothing where that would read it otherwise.
std::optional<std::string> rule_as_argument(const json& rule) {
  const auto tool = base::json_string(rule, "toolName").value_or("");
  const auto content = base::json_string(rule, "ruleContent").value_or("");
  const bool plain =
      !tool.empty() && tool.find_first_not_of(kToolLetters) == std::string::npos &&
      std::none_of(content.begin(), content.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }) &&
      content.find_first_of("()\\") == std::string::npos;
  if (!plain) {
    return std::nullopt;
  }
  return content.empty() ? tool : tool + "(" + content + ")";
}

/// Of what the CLI suggests, what holds for this session only and is more than this one request.
json permissions_for_task(const json& request, std::string& scope, std::vector<std::string>& named) {
  auto kept = json::array();
  const auto* list = base::json_member(request, "permission_suggestions");
  if (list == nullptr || !list->is_array()) {
    return kept;
  }
  for (auto suggestion : *list) {
    const auto type = base::json_string(suggestion, "type").value_or("");
    std::string covers;
    if (const auto* rules = base::json_member(suggestion, "rules");
        type == "addRules" &&
        base::json_string(suggestion, "behavior") == std::optional<std::string>("allow") &&
        rules != nullptr && rules->is_array()) {
      for (const auto& rule : *rules) {
        covers += (covers.empty() ? "" : ", ") + rule_in_words(rule);
        if (auto name = rule_as_argument(rule)) {
          named.push_back(*std::move(name));
        }
      }
    } else if (type == "setMode" &&
               base::json_string(suggestion, "mode") == std::optional<std::string>("acceptEdits")) {
      covers = texts::kAllEdits;
    }
    if (!covers.empty()) {
      suggestion["destination"] = "session";
      kept.push_back(std::move(suggestion));
      scope += (scope.empty() ? "" : ", ") + covers;
    }
  }
  return kept;
}

std::string response_line(const std::string& id, const json& response) {
  return base::dump_json(
             {{"type", "control_response"},
              {"response", {{"subtype", "success"}, {"request_id", id}, {"response", response}}}}) +
         "\n";
}

}  // namespace

std::string ControlProtocol::interrupt() {
  return base::dump_json({{"type", "control_request"},
                          {"request_id", "frontdesk-interrupt"},
                          {"request", {{"subtype", "interrupt"}}}}) +
         "\n";
}

std::string ControlProtocol::ask_usage() {
  return base::dump_json({{"type", "control_request"},
                          {"request_id", kUsageId},
                          {"request", {{"subtype", "get_usage"}}}}) +
         "\n";
}

void ControlProtocol::remember_plan(const std::string& line) {
  const auto event = base::parse_json(line);
  const auto* message = event ? base::json_member(*event, "message") : nullptr;
  const auto* content = message != nullptr ? base::json_member(*message, "content") : nullptr;
  if (content == nullptr || !content->is_array()) {
    return;
  }
  for (const auto& block : *content) {
    said_ = base::json_string(block, "text").value_or(said_);
    const auto tool = base::json_string(block, "name").value_or("");
    const auto* input = base::json_member(block, "input");
    if (input == nullptr) {
      continue;
    }
    const auto path = base::json_string(*input, "file_path").value_or("");
    if (tool == "ExitPlanMode") {
      plan_ = base::json_string(*input, "plan").value_or(plan_);
    } else if (tool == "Write" && path.find("/plans/") != std::string::npos) {
      plan_ = base::json_string(*input, "content").value_or(plan_);
    }
  }
}

std::optional<Request> ControlProtocol::take(std::string_view line) {
  if (line.find("\"type\":\"assistant\"") != std::string_view::npos) {
    remember_plan(std::string(line));
  }
  if (line.find("\"control_request\"") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto event = base::parse_json(line);
  const auto* body = event ? base::json_member(*event, "request") : nullptr;
  if (body == nullptr || base::json_string(*event, "type") != std::optional<std::string>("control_request") ||
      base::json_string(*body, "subtype") != std::optional<std::string>("can_use_tool")) {
    return std::nullopt;
  }
  const auto* input = base::json_member(*body, "input");
  Open open;
  auto& request = open.request;
  request.id = base::json_string(*event, "request_id").value_or("");
  request.tool = base::json_string(*body, "tool_name").value_or("?");
  open.tool_use_id = base::json_text(*body, "tool_use_id");
  open.input = input != nullptr ? base::dump_json(*input) : "{}";
  request.hash = base::to_hex(base::sha256(request.tool + "\n" + open.input));
  const auto fields = input != nullptr ? *input : json::object();
  if (request.tool == "AskUserQuestion") {
    request.kind = Request::Kind::question;
    request.questions = questions_of(fields);
  } else if (request.tool == "ExitPlanMode") {
    request.kind = Request::Kind::plan;
    request.detail = base::visible(
        base::to_valid_utf8(base::json_string(fields, "plan").value_or(!plan_.empty() ? plan_ : said_)));
    if (base::trim(request.detail).empty()) {
      request.detail = texts::kNoPlan;
    }
    // The plan may stand elsewhere than in the input.
    request.hash = base::to_hex(base::sha256(request.tool + "\n" + open.input + "\n" + request.detail));
  } else {
    request.detail = detail_of_request(request.tool, fields, folder_);
    request.shown_whole = is_shown_whole(request.detail);
    open.permissions = base::dump_json(permissions_for_task(*body, request.scope, request.rules));
  }
  auto asked = request;
  open_[asked.id] = std::move(open);
  return asked;
}

std::optional<std::string> ControlProtocol::withdrawn(std::string_view line) {
  if (line.find("\"control_cancel_request\"") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto event = base::parse_json(line);
  const auto id = event ? base::json_string(*event, "request_id") : std::nullopt;
  return id && open_.erase(*id) > 0 ? id : std::nullopt;
}

std::optional<ControlProtocol::Refusal> ControlProtocol::refused_by(const Reply& reply) const {
  const auto it = open_.find(reply.request);
  if (it == open_.end() || it->second.request.hash != reply.hash || reply.verdict != Reply::Verdict::deny ||
      it->second.request.kind != Request::Kind::permission || it->second.tool_use_id.empty()) {
    return std::nullopt;
  }
  const auto& open = it->second;
  return Refusal{open.tool_use_id, open.request.tool, open.input};
}

std::optional<std::string> ControlProtocol::answer(const Reply& reply) {
  const auto it = open_.find(reply.request);
  if (it == open_.end() || it->second.request.hash != reply.hash) {
    return std::nullopt;
  }
  const auto open = std::move(it->second);
  open_.erase(it);
  if (open.request.kind == Request::Kind::plan) {
    plan_goes_ = reply.verdict != Reply::Verdict::deny;
  }
  if (reply.verdict == Reply::Verdict::deny) {
    return response_line(
        reply.request,
        {{"behavior", "deny"}, {"message", reply.text.empty() ? "The person said no." : reply.text}});
  }
  auto input = base::parse_json(open.input).value_or(json::object());
  if (open.request.kind == Request::Kind::question && input.is_object()) {
    input["answers"] = reply.answers;
  }
  if (!reply.command.empty() && open.request.tool == kCommandTool && input.is_object()) {
    input["command"] = reply.command;
  }
  json response = {{"behavior", "allow"}, {"updatedInput", input}};
  if (open.request.kind == Request::Kind::plan) {
    // Out of plan mode it may edit, as the person has just agreed to.
    response["updatedPermissions"] =
        json::array({{{"type", "setMode"}, {"mode", "acceptEdits"}, {"destination", "session"}}});
  } else if (reply.verdict == Reply::Verdict::allow_for_task && !open.permissions.empty()) {
    response["updatedPermissions"] = base::parse_json(open.permissions).value_or(json::array());
  }
  return response_line(reply.request, response);
}

}  // namespace dispatch
