#include "bot/demo/model.h"

#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "bot/demo/conversation.h"
#include "bot/demo/secretary.h"
#include "bot/demo/specialist.h"
#include "bot/demo/wire.h"

namespace bot::demo {
namespace {

/// The id that GET /v1/models lists; requests may name any model.
constexpr const char* kModelId = "frontdesk-demo";

base::HttpResponse failure(int status, std::string_view type, std::string_view message) {
  auto response = base::HttpResponse::json(error_json(type, message));
  response.status = status;
  return response;
}

bool is_claude_code(const base::HttpRequest& request) {
  return request.headers.get("user-agent").value_or("").starts_with("claude-cli");
}

/// Claude Code now and then asks for a title or a topic beside its work.
Turn side_turn(const Conversation& conversation) {
  return {conversation.wants_json ? R"({"title":"Scripted demo"})" : "Scripted demo", {}, {}};
}

base::HttpResponse model_list() {
  return base::HttpResponse::json(base::dump_json({{"data",
                                                    {{{"type", "model"},
                                                      {"id", kModelId},
                                                      {"display_name", "Frontdesk demo"},
                                                      {"created_at", "2026-01-01T00:00:00Z"}}}},
                                                   {"has_more", false},
                                                   {"first_id", kModelId},
                                                   {"last_id", kModelId}}));
}

base::HttpResponse count_tokens(const base::HttpRequest& request) {
  const auto read = read_conversation(request.body);
  if (const auto* malformed = std::get_if<Malformed>(&read)) {
    return failure(400, "invalid_request_error", malformed->message);
  }
  const auto& conversation = std::get<Conversation>(read);
  return base::HttpResponse::json(
      base::dump_json({{"input_tokens", estimated_tokens(conversation.characters)}}));
}

}  // namespace

DemoModel::DemoModel(Options options, const base::Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

base::HttpResponse DemoModel::handle(const base::HttpRequest& request) {
  if (!is_authorized(request)) {
    return failure(401, "authentication_error", "invalid x-api-key");
  }
  const bool messages = request.path == "/v1/messages";
  const bool tokens = request.path == "/v1/messages/count_tokens";
  const bool models = request.path == "/v1/models";
  if (!messages && !tokens && !models) {
    return failure(404, "not_found_error", "Not found");
  }
  if (request.method != (models ? "GET" : "POST")) {
    return failure(405, "invalid_request_error", "Method Not Allowed");
  }
  if (models) {
    return model_list();
  }
  return tokens ? count_tokens(request) : answer_messages(request);
}

base::HttpResponse DemoModel::answer_messages(const base::HttpRequest& request) {
  const auto read = read_conversation(request.body);
  if (const auto* malformed = std::get_if<Malformed>(&read)) {
    return failure(400, "invalid_request_error", malformed->message);
  }
  const auto& conversation = std::get<Conversation>(read);
  Turn turn;
  if (conversation.offers("Write")) {
    wait_pace();
    turn = specialist_turn(conversation);
  } else if (is_claude_code(request)) {
    turn = side_turn(conversation);
  } else {
    turn = secretary_turn(conversation, clock_);
  }
  if (!conversation.stream) {
    return base::HttpResponse::json(message_json(turn, conversation, request.body));
  }
  base::HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers.add("Cache-Control", "no-cache");
  response.body = message_events(turn, conversation, request.body);
  return response;
}

bool DemoModel::is_authorized(const base::HttpRequest& request) const {
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = request.headers.get("authorization").value_or("");
  const auto key =
      request.headers.get("x-api-key")
          .value_or(authorization.starts_with(kBearer) ? authorization.substr(kBearer.size()) : "");
  return !options_.api_key.empty() && base::constant_time_equal(key, options_.api_key);
}

void DemoModel::wait_pace() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, options_.pace, [this] { return stopped_; });
}

void DemoModel::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

const std::vector<DemoExample>& demo_examples() {
  static const std::vector<DemoExample> kExamples = {
      {"What can you do?", "What can you do?"},
      {"The time in Tokyo", "What time is it in Tokyo?"},
      {"A task API in Python", "Build me a small REST API for tasks in Python"},
      {"Add pagination to it", "Add pagination to the task API"},
      {"A New Year countdown", "Make a web page that counts down to New Year"},
      {"Make the page dark", "Make the countdown page dark"},
      {"SQLite or PostgreSQL?", "Compare SQLite and PostgreSQL for a small web shop and write me a report"},
      {"A command to allow", "Start a Git repository for my notes"},
      {"My projects", "What projects do I have?"},
      {"A reminder", "Remind me in two minutes to stretch"},
      {"Something to remember", "Remember that I like short answers"},
      {"What you remember", "What did I ask you to remember?"},
      {"What was said", "What did we say about the countdown?"},
  };
  return kExamples;
}

}  // namespace bot::demo
