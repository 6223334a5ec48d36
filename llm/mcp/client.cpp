#include "llm/mcp/client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "llm/mcp/message.h"

namespace llm::mcp {
namespace {

using nlohmann::json;
using Kind = ServerError::Kind;

constexpr const char* kNewestWithHandshake = "2025-11-25";
constexpr std::array kWithHandshake = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

constexpr std::chrono::milliseconds kLongestProbe{10'000};
/// How many times its time a request may take that reports progress.
constexpr int kLongestWithProgress = 5;
constexpr std::size_t kMostTools = 2'000;
constexpr int kMostPages = 200;
constexpr std::size_t kMostRubbish = 1'000;
/// Of requests of its own while it owes an answer.
constexpr int kMostAsked = 1'000;
constexpr std::size_t kLongestWords = 300;
constexpr int kMethodNotFound = -32601;
constexpr int kHeaderMismatch = -32020;

/// Errors that only servers of the newer revision know (schema of 2026-07-28: header mismatch, missing
/// capability, unsupported version).
bool is_modern_error(std::int64_t code) {
  return code <= -32020 && code >= -32022;
}

/// JSON-RPC 2.0, as the protocol uses it.
struct Incoming {
  enum class Kind { result, error, request, notification };
  Kind kind = Kind::notification;
  json id;
  std::string method;
  json body;  ///< the result, the error, or the params
};

/// The message; nothing where the text is none.
std::optional<Incoming> read_message(const std::string& text) {
  auto parsed = base::parse_json(text);
  if (!parsed || !parsed->is_object() || base::json_text(*parsed, "jsonrpc") != "2.0") {
    return std::nullopt;
  }
  auto& message = *parsed;
  Incoming incoming;
  incoming.method = base::json_text(message, "method");
  const bool has_id = message.contains("id") && !message["id"].is_null();
  if (has_id) {
    incoming.id = message["id"];
  }
  if (!incoming.method.empty()) {
    incoming.kind = has_id ? Incoming::Kind::request : Incoming::Kind::notification;
    incoming.body = message.contains("params") ? std::move(message["params"]) : json::object();
  } else if (message.contains("result")) {
    incoming.kind = Incoming::Kind::result;
    incoming.body = std::move(message["result"]);
  } else if (message.contains("error")) {
    incoming.kind = Incoming::Kind::error;
    incoming.body = std::move(message["error"]);
  } else {
    return std::nullopt;
  }
  return incoming;
}

json client_info() {
  return {{"name", "frontdesk"}, {"version", FRONTDESK_VERSION}};
}

/// An error of the protocol, with its code for whoever wants to tell one from the other.
class Refusal : public ServerError {
 public:
  Refusal(json told, const std::string& what) : ServerError(Kind::refused, what), error(std::move(told)) {}
  json error;
};

bool lists(const json& versions, const char* version) {
  return versions.is_array() && std::find(versions.begin(), versions.end(), version) != versions.end();
}

}  // namespace

Client::Client(std::unique_ptr<Transport> transport, Options options)
    : transport_(std::move(transport)), options_(options) {}

Client::~Client() {
  transport_->close();
}

void Client::throw_ended() {
  if (transport_->could_not_start()) {
    throw ServerError(Kind::cannot_start, "its program cannot be started; is it installed?");
  }
  throw ServerError(Kind::ended, transport_->how_it_ended());
}

void Client::note_rubbish(const std::string& line) {
  if (rubbish_lines_++ == 0) {
    first_rubbish_ = base::ellipsize(base::one_line(line.substr(0, 4 * kLongestWords)), kLongestWords / 3);
  }
  if (rubbish_lines_ > kMostRubbish) {
    throw ServerError(Kind::unreadable,
                      fmt::format("it floods its output with what is no message (\"{}\")", first_rubbish_));
  }
}

void Client::take_other(const json& id, const std::string& method) {
  if (id.is_null()) {
    list_changed_ = list_changed_ || method == "notifications/tools/list_changed";
    return;  // progress, words for a log
  }
  transport_->send(method == "ping" ? result_text(id, json::object())
                                    : error_text(id, kMethodNotFound, "this client offers no " + method));
}

void Client::cancel(std::int64_t id, const char* reason) {
  transport_->send(notification_text("notifications/cancelled", {{"requestId", id}, {"reason", reason}}));
}

/// The wait for the answer to one request.
class Client::Answer final : public Receiver {
 public:
  Answer(Client& client, std::int64_t id, const std::string& method, std::chrono::milliseconds timeout)
      : client_(client), id_(id), method_(method), timeout_(timeout) {}

  Clock::time_point until() const override { return until_; }

  bool take(const std::string& text, bool is_answer) override {
    auto message = read_message(text);
    if (!message) {
      client_.note_rubbish(text);
      return false;
    }
    const bool answers = message->kind == Incoming::Kind::result || message->kind == Incoming::Kind::error;
    if (!answers) {
      const auto token = base::json_integer(message->body, "progressToken");
      if (message->method == "notifications/progress" && token == id_) {
        until_ = std::min(Clock::now() + timeout_, last_);
      }
      if (message->kind == Incoming::Kind::request && ++asked_ > kMostAsked) {
        throw ServerError(Kind::unreadable, "it asks without end instead of answering");
      }
      client_.take_other(message->id, message->method);
      return false;
    }
    if (message->id != id_ && !is_answer) {
      return false;  // the answer to what was given up
    }
    if (message->kind == Incoming::Kind::error) {
      const auto what = fmt::format("it refused {}: {}", method_, words_of(message->body));
      throw Refusal(std::move(message->body), what);
    }
    result = std::move(message->body);
    return true;
  }

  json result;

 private:
  Client& client_;
  const std::int64_t id_;
  const std::string& method_;
  const std::chrono::milliseconds timeout_;
  Clock::time_point until_ = Clock::now() + timeout_;
  const Clock::time_point last_ = Clock::now() + kLongestWithProgress * timeout_;
  int asked_ = 0;
};

json Client::request(const std::string& method, json params, std::chrono::milliseconds timeout,
                     const std::stop_token& stop) {
  const auto id = next_id_++;
  if (stateless_) {
    auto& meta = params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = kStatelessRevision;
    meta["io.modelcontextprotocol/clientInfo"] = client_info();
    meta["io.modelcontextprotocol/clientCapabilities"] = json::object();
  }
  if (method == "tools/call") {
    params["_meta"]["progressToken"] = id;
  }
  Outgoing outgoing{.text = request_text(id, method, params), .method = method, .tool = {}, .parameters = {}};
  if (method == "tools/call") {
    outgoing.tool = base::json_text(params, "name");
    if (const auto found = header_parameters_.find(outgoing.tool); found != header_parameters_.end()) {
      outgoing.parameters = header_fields(found->second, base::json_object(params, "arguments"));
    }
  }
  Answer answer(*this, id, method, timeout);
  switch (transport_->exchange(outgoing, answer, stop)) {
    case Transport::End::received:
      return std::move(answer.result);
    case Transport::End::stopped:
      cancel(id, "the program stops");
      throw base::Stopped();
    case Transport::End::ended:
      throw_ended();
    case Transport::End::too_long:
      throw ServerError(Kind::unreadable, "it answered with more than anybody reads");
    case Transport::End::timeout:
      break;
  }
  cancel(id, "no answer in time");
  throw ServerError(
      Kind::timeout,
      rubbish_lines_ == 0
          ? "it did not answer in time"
          : fmt::format("it did not answer in time; what it wrote is no message (\"{}\")", first_rubbish_));
}

bool Client::probe(const std::stop_token& stop) {
  stateless_ = true;  // asked as that revision asks
  transport_->speak(kStatelessRevision);
  try {
    const auto found =
        request("server/discover", json::object(), std::min(kLongestProbe, options_.timeout / 3), stop);
    const auto* versions = base::json_member(found, "supportedVersions");
    // Some older servers have an empty result for whatever they do not know.
    return versions != nullptr && lists(*versions, kStatelessRevision);
  } catch (const Refusal& refusal) {
    const auto code = base::json_integer(refusal.error, "code").value_or(0);
    if (!is_modern_error(code)) {
      return false;
    }
    const auto& supported = base::json_list(base::json_object(refusal.error, "data"), "supported");
    if (std::ranges::any_of(kWithHandshake, [&](const char* version) { return lists(supported, version); })) {
      return false;
    }
    throw ServerError(Kind::unreadable, "it speaks no revision of the protocol that this program knows");
  } catch (const ServerError& error) {
    if (error.kind != Kind::timeout && error.kind != Kind::unreadable && error.kind != Kind::refused) {
      throw;
    }
    return false;
  }
}

void Client::shake_hands(const std::stop_token& stop) {
  transport_->speak("");
  const auto agreed = request("initialize",
                              {{"protocolVersion", kNewestWithHandshake},
                               {"capabilities", json::object()},
                               {"clientInfo", client_info()}},
                              options_.start_timeout, stop);
  revision_ = base::json_text(agreed, "protocolVersion");
  if (std::find(kWithHandshake.begin(), kWithHandshake.end(), revision_) == kWithHandshake.end()) {
    throw ServerError(Kind::unreadable,
                      fmt::format("it answers the handshake with revision \"{}\" of the protocol, which this "
                                  "program does not speak with one",
                                  base::ellipsize(base::one_line(revision_), 40)));
  }
  transport_->speak(revision_);
  transport_->send(notification_text("notifications/initialized", json::object()));
}

void Client::connect(std::stop_token stop) {
  stateless_ = options_.probe && probe(stop);
  if (stateless_) {
    revision_ = kStatelessRevision;
  } else {
    shake_hands(stop);
  }
}

bool Client::keep_header_parameters(const json& item) {
  if (!stateless_) {
    return true;  // older revisions have none
  }
  const auto parameters = header_parameters(base::json_object(item, "inputSchema"));
  if (parameters && !parameters->empty()) {
    header_parameters_[base::json_text(item, "name")] = *parameters;
  }
  return parameters.has_value();
}

std::vector<Tool> Client::tools(std::stop_token stop) {
  list_changed_ = false;
  header_parameters_.clear();
  std::vector<Tool> tools;
  std::set<std::string> names;
  std::string cursor;
  for (int page = 0; page < kMostPages; ++page) {
    const auto listed = request("tools/list", cursor.empty() ? json::object() : json{{"cursor", cursor}},
                                options_.timeout, stop);
    for (const auto& item : base::json_list(listed, "tools")) {
      auto tool = read_tool(item);
      if (tool && tools.size() < kMostTools && names.insert(tool->name).second &&
          keep_header_parameters(item)) {
        tools.push_back(*std::move(tool));
      }
    }
    const auto next = base::json_text(listed, "nextCursor");
    if (next.empty() || next == cursor) {
      return tools;
    }
    cursor = next;
  }
  return tools;
}

CallResult Client::call(const std::string& name, const std::string& arguments, std::stop_token stop) {
  json params = json::object();
  params["name"] = name;
  params["arguments"] = base::parse_json(arguments).value_or(json::object());
  json result;
  try {
    result = request("tools/call", std::move(params), options_.timeout, stop);
  } catch (const Refusal& refusal) {
    // Where it finds the wrong arguments in the headers, the tool is not what it was.
    list_changed_ = list_changed_ || base::json_integer(refusal.error, "code") == kHeaderMismatch;
    return {words_of(refusal.error), true};
  }
  if (base::json_text(result, "resultType") == "input_required") {
    return {"The tool wants to ask the person something first, which this program does not let it do.", true};
  }
  return read_result(result, options_.max_result_bytes);
}

bool Client::is_there() {
  return transport_->look([this](const std::string& text) {
    if (const auto message = read_message(text); message && (message->kind == Incoming::Kind::request ||
                                                             message->kind == Incoming::Kind::notification)) {
      take_other(message->id, message->method);
    }
  });
}

bool Client::take_list_changed() {
  return std::exchange(list_changed_, false);
}

}  // namespace llm::mcp
