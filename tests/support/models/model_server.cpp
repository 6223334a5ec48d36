#include "tests/support/models/model_server.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "tests/support/loopback_server.h"

namespace support {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

bool is_tool_result(const json& message) {
  const auto content = message.value("content", json());
  return content.is_array() && std::any_of(content.begin(), content.end(), [](const json& block) {
           return block.value("type", "") == "tool_result";
         });
}

/// Without what Frontdesk says of earlier calls in front of a person's words.
std::string without_material(std::string text) {
  constexpr std::string_view kEnd = "(End of what the program says. What the person says now:)";
  const auto end = text.starts_with("(From the program, not from a person. What tools") ? text.find(kEnd)
                                                                                        : std::string::npos;
  return end == std::string::npos ? text : text.substr(end + kEnd.size());
}

/// What a person wrote, or what Claude Code tells its model of work in the background: it adds reminders of
/// its own, too.
std::string text_of(const json& message) {
  const auto content = message.value("content", json());
  if (content.is_string()) {
    return without_material(content.get<std::string>());
  }
  std::string text;
  for (const auto& block : content) {
    const auto part = without_material(block.value("text", ""));
    const bool is_reminder =
        part.starts_with("<system-reminder>") && part.find("<task-notification>") == std::string::npos;
    text += is_reminder ? "" : part + "\n";
  }
  return text;
}

ModelRequest read_request(const base::HttpRequest& http) {
  ModelRequest request;
  request.raw = http.body;
  request.body = std::make_shared<const json>(base::parse_json(http.body).value_or(json::object()));
  request.key = http.headers.get("x-api-key").value_or("");
  request.from = request.offers("project_status") ? ModelRequest::From::secretary
                 : request.offers("Write")        ? ModelRequest::From::specialist
                                                  : ModelRequest::From::summary;
  for (const auto& message : request.body->value("messages", json::array())) {
    if (message.value("role", "") == "assistant") {
      ++request.turn;
    } else if (message.value("role", "") == "user" && !is_tool_result(message)) {
      request.user_text = text_of(message);
      request.turn = 0;
    }
  }
  return request;
}

void event(std::string& stream, const json& data) {
  stream += "event: " + data.at("type").get<std::string>() + "\ndata: " + base::dump_json(data) + "\n\n";
}

void block(std::string& stream, int index, const json& start, const json& delta) {
  event(stream, {{"type", "content_block_start"}, {"index", index}, {"content_block", start}});
  event(stream, {{"type", "content_block_delta"}, {"index", index}, {"delta", delta}});
  event(stream, {{"type", "content_block_stop"}, {"index", index}});
}

/// An array is a call for each of its members, in one answer.
std::vector<std::string> inputs_of(const ModelTurn& turn) {
  if (turn.tool.empty()) {
    return {};
  }
  const auto input = json::parse(turn.input, nullptr, false);
  std::vector<std::string> inputs;
  if (input.is_array()) {
    for (const auto& one : input) {
      inputs.push_back(one.dump());
    }
  } else {
    inputs.push_back(turn.input);
  }
  return inputs;
}

base::HttpResponse stream_of(const ModelTurn& turn, std::size_t number) {
  const auto id = std::to_string(number);
  std::string stream;
  event(stream, {{"type", "message_start"},
                 {"message",
                  {{"id", "msg_" + id},
                   {"type", "message"},
                   {"role", "assistant"},
                   {"model", "scripted"},
                   {"content", json::array()},
                   {"stop_reason", nullptr},
                   {"stop_sequence", nullptr},
                   {"usage", {{"input_tokens", turn.input_tokens}, {"output_tokens", 1}}}}}});
  int index = 0;
  if (!turn.text.empty()) {
    block(stream, index++, {{"type", "text"}, {"text", ""}}, {{"type", "text_delta"}, {"text", turn.text}});
  }
  for (const auto& input : inputs_of(turn)) {
    block(stream, index,
          {{"type", "tool_use"},
           {"id", "toolu_" + id + (index > 0 ? "_" + std::to_string(index) : "")},
           {"name", turn.tool},
           {"input", json::object()}},
          {{"type", "input_json_delta"}, {"partial_json", input}});
    ++index;
  }
  event(stream, {{"type", "message_delta"},
                 {"delta",
                  {{"stop_reason", turn.tool.empty() ? "end_turn" : "tool_use"}, {"stop_sequence", nullptr}}},
                 {"usage", {{"output_tokens", turn.output_tokens}}}});
  event(stream, {{"type", "message_stop"}});
  base::HttpResponse response;
  response.content_type = "text/event-stream";
  response.body = std::move(stream);
  return response;
}

/// The proposal with the user's words where it has none of its own.
ModelTurn with_prompt(ModelTurn proposal, const std::string& words) {
  auto input = json::parse(proposal.input);
  if (input.at("prompt").get<std::string>().empty()) {
    input["prompt"] = std::string(base::trim(words));
    proposal.input = base::dump_json(input);
  }
  return proposal;
}

}  // namespace

ModelTurn say(std::string text) {
  return {std::move(text), {}, {}, false};
}

ModelTurn use(std::string tool, const json& input) {
  return {{}, std::move(tool), base::dump_json(input), false};
}

ModelTurn remind(const std::string& text, std::chrono::milliseconds in, const std::string& does) {
  auto turn = use("set_reminder", {{"text", text}, {"do", does}});
  turn.in = in;
  return turn;
}

ModelTurn bash(const std::string& command) {
  return use("Bash", {{"command", command}});
}

ModelTurn write_file(const std::string& path, const std::string& content) {
  return use("Write", {{"file_path", path}, {"content", content}});
}

ModelTurn propose(const std::string& confidence, const std::string& slug, const std::string& prompt,
                  const std::string& action, const std::string& specialist) {
  json input = {{"action", action},
                {"slug", slug},
                {"description", "The project " + slug},
                {"prompt", prompt},
                {"confidence", confidence},
                {"reason", "it is work"}};
  if (!specialist.empty()) {
    input["specialist"] = specialist;
  }
  return use("dispatch", input);
}

ModelTurn costing(int input_tokens, int output_tokens, ModelTurn turn) {
  turn.input_tokens = input_tokens;
  turn.output_tokens = output_tokens;
  return turn;
}

ModelTurn delegate(const std::string& task, bool in_background) {
  return use("Agent", {{"description", "help with it"},
                       {"prompt", task},
                       {"subagent_type", "general-purpose"},
                       {"run_in_background", in_background}});
}

ModelTurn hold(ModelTurn turn) {
  turn.held = true;
  return turn;
}

bool ModelRequest::offers(const std::string& tool) const {
  const auto tools = body->value("tools", json::array());
  return std::any_of(tools.begin(), tools.end(), [&](const json& t) { return t.value("name", "") == tool; });
}

ModelServer::ModelServer() {
  base::HttpServer::Options options;
  options.max_body_bytes = kMaxBody;
  options.threads = 24;
  server_ = std::make_unique<base::HttpServer>(
      options, [this](const base::HttpRequest& request) { return take(request); });
  server_->start();
}

ModelServer::~ModelServer() {
  release();
  server_->stop();
}

std::string ModelServer::url() const {
  return loopback_url(server_->port());
}

void ModelServer::secretary(const std::string& word, std::vector<ModelTurn> turns) {
  const std::lock_guard lock(mutex_);
  secretary_.push_back({word, std::move(turns)});
}

void ModelServer::specialist(const std::string& word, std::vector<ModelTurn> turns) {
  const std::lock_guard lock(mutex_);
  specialist_.push_back({word, std::move(turns)});
}

void ModelServer::summary(const std::string& text) {
  const std::lock_guard lock(mutex_);
  summary_ = text;
}

void ModelServer::fail(ModelRequest::From from, std::optional<base::HttpResponse> response) {
  const std::lock_guard lock(mutex_);
  failures_[static_cast<std::size_t>(from)] = std::move(response);
}

void ModelServer::release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

ModelTurn ModelServer::turn_for(const ModelRequest& request) const {
  const bool secretary = request.from == ModelRequest::From::secretary;
  if (request.from == ModelRequest::From::summary) {
    return say(summary_);
  }
  for (const auto& rule : secretary ? secretary_ : specialist_) {
    if (request.user_text.find(rule.word) == std::string::npos) {
      continue;
    }
    auto turns = rule.turns;
    if (secretary && !request.offers("dispatch")) {
      std::erase_if(turns, [](const ModelTurn& turn) { return turn.tool == "dispatch"; });
    }
    if (static_cast<std::size_t>(request.turn) < turns.size()) {
      auto turn = turns[static_cast<std::size_t>(request.turn)];
      return turn.tool == "dispatch" ? with_prompt(std::move(turn), request.user_text) : turn;
    }
  }
  if (!secretary) {
    return say("Nothing to do.");
  }
  return say("Answer to: " + std::string(base::truncate_utf8(base::trim(request.user_text), 200)));
}

base::HttpResponse ModelServer::take(const base::HttpRequest& http) {
  if (http.method != "POST" || http.path != "/v1/messages") {
    return base::HttpResponse::error(404, "There is nothing at this address.");
  }
  const auto request = read_request(http);
  std::unique_lock lock(mutex_);
  requests_.push_back(request);
  const auto number = requests_.size();
  changed_.notify_all();
  if (const auto& failure = failures_[static_cast<std::size_t>(request.from)]) {
    return *failure;
  }
  auto turn = turn_for(request);
  if (turn.in) {
    auto input = json::parse(turn.input);
    input["at"] = base::format_rfc3339(base::SystemClock().now() + *turn.in);
    turn.input = input.dump();
  }
  if (turn.held) {
    changed_.wait(lock, [&] { return released_; });
  }
  return stream_of(turn, number);
}

std::vector<ModelRequest> ModelServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<ModelRequest> ModelServer::requests(ModelRequest::From from) const {
  auto all = requests();
  std::erase_if(all, [&](const ModelRequest& request) { return request.from != from; });
  return all;
}

bool ModelServer::wait_for(ModelRequest::From from, std::size_t count,
                           std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] {
    return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(),
                                                  [&](const ModelRequest& r) { return r.from == from; })) >=
           count;
  });
}

bool ModelServer::saw(const std::string& text) const {
  const auto all = requests();
  return std::any_of(all.begin(), all.end(), [&](const ModelRequest& request) {
    return request.raw.find(text) != std::string::npos;
  });
}

}  // namespace support
