#include <algorithm>
#include <exception>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/http.h"
#include "base/http_field_syntax.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "llm/mcp/error.h"
#include "llm/mcp/header_parameters.h"
#include "llm/mcp/transport.h"
#include "llm/server_sent_events.h"

namespace llm::mcp {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = ServerError::Kind;
using std::chrono::milliseconds;

/// Of one answer: a stream with all its events, or one message.
constexpr std::size_t kMostBytes = 16 * 1024 * 1024;
constexpr milliseconds kConnectsWithin{10'000};
/// For a message that no answer is owed to.
constexpr milliseconds kTakesWithin{2'000};
constexpr milliseconds kEndsWithin{1'000};
/// Before a broken stream is asked for again, where the server names no time.
constexpr milliseconds kUsualRetry{500};
constexpr milliseconds kShortestRetry{50};
constexpr int kMostFailedRetries = 3;
constexpr int kMostRedirects = 3;
/// No response came, or not all of it.
constexpr int kNone = 0;
constexpr std::size_t kLongestName = 200;

/// "https://host:port", in lower case.
std::string origin_of(const std::string& url) {
  const auto scheme = url.find("://");
  return base::ascii_lower(
      url.substr(0, scheme == std::string::npos ? 0 : url.find_first_of("/?#", scheme + 3)));
}

/// What comes in answer to one request, over one connection or several.
class Arrival {
 public:
  explicit Arrival(Receiver& receiver) : receiver_(receiver) {}

  Receiver& receiver() { return receiver_; }

  /// A new connection begins with this head.
  void begin(const base::HttpResponse& head) {
    const auto type = base::ascii_lower(head.content_type);
    is_stream_ = type.starts_with("text/event-stream");
    is_json_ = type.starts_with("application/json") || type.empty();
    begun_ = head.ok();
    parser_ = {};
    body_.clear();
  }

  /// Takes a piece of the body; false where no more is wanted.
  bool push(std::string_view bytes) {
    try {
      if (is_stream_) {
        push_events(bytes);
      } else {
        body_ += bytes;
      }
    } catch (...) {
      error_ = std::current_exception();
    }
    return !received_ && !error_;
  }

  /// What went wrong while it was taken.
  void rethrow() const {
    if (error_) {
      std::rethrow_exception(error_);
    }
  }

  /// The connection has ended as it should.
  void end() {
    rethrow();
    if (begun_ && !is_stream_ && !body_.empty()) {
      if (!is_json_) {
        throw ServerError(Kind::unreadable,
                          "what it answers with is no message; is url the address of its MCP endpoint?");
      }
      received_ = receiver_.take(body_, true);
    }
  }

  bool received() const { return received_; }
  bool is_stream() const { return begun_ && is_stream_; }
  /// From which it can be asked for again; empty where it cannot.
  const std::string& last_id() const { return last_id_; }
  milliseconds retry() const { return retry_; }

 private:
  void push_events(std::string_view bytes) {
    const auto events = parser_.push(bytes);
    if (!parser_.last_id().empty()) {
      last_id_ = parser_.last_id();
    }
    retry_ = parser_.retry().value_or(retry_);
    for (const auto& event : events) {
      // The first one only brings an id.
      if (!received_ && event.type == "message" && !event.data.empty()) {
        received_ = receiver_.take(event.data, false);
      }
    }
  }

  Receiver& receiver_;
  ServerSentEventParser parser_;
  std::string body_;
  std::string last_id_;
  milliseconds retry_ = kUsualRetry;
  std::exception_ptr error_;
  bool begun_ = false;
  bool is_stream_ = false;
  bool is_json_ = false;
  bool received_ = false;
};

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(const ServerAddress& address)
      : url_(address.url), bearer_token_(address.bearer_token) {}

  void speak(const std::string& revision) override {
    revision_ = revision;
    has_worked_ = false;
    if (revision.empty()) {
      session_.clear();
    }
  }

  void send(std::string message) override {
    if (is_stateless()) {
      return;  // that revision has no messages from us but requests; a closed stream is a request given up
    }
    auto call = new_call("POST", kTakesWithin);
    call.body = std::move(message);
    try {
      base::http_call(call, exchange_stop_);
    } catch (const base::HttpError&) {
      // The next exchange shows it.
    }
  }

  End exchange(const Outgoing& request, Receiver& receiver, const std::stop_token& stop) override {
    Arrival arrival(receiver);
    exchange_stop_ = stop;
    auto end = post(request, arrival, stop);
    for (int failures = 0; !end && failures < kMostFailedRetries; ++failures) {
      end = resume(arrival, failures, stop);
    }
    exchange_stop_ = {};
    if (!end) {
      throw ServerError(Kind::ended, "the connection ended before its answer came");
    }
    has_worked_ = has_worked_ || *end == End::received;
    return *end;
  }

  bool look(const std::function<void(const std::string&)>&) override { return true; }

  void close() override {
    if (session_.empty() || is_stateless()) {
      return;
    }
    try {
      base::http_call(new_call("DELETE", kEndsWithin));
    } catch (const base::HttpError&) {
      // It ends by itself some time.
    }
    session_.clear();
  }

  std::string how_it_ended() const override { return "the connection ended"; }
  std::string last_lines() const override { return {}; }
  bool could_not_start() const override { return false; }

 private:
  bool is_stateless() const { return revision_ == kStatelessRevision; }

  base::HttpCall new_call(const char* method, milliseconds within) const {
    base::HttpCall call;
    call.method = method;
    call.url = url_;
    call.connect_timeout = std::min(within, kConnectsWithin);
    call.read_timeout = std::chrono::hours(1);  // the deadline ends it
    call.deadline = within;
    call.max_response_bytes = kMostBytes;
    call.headers.add("Accept",
                     call.method == "GET" ? "text/event-stream" : "application/json, text/event-stream");
    if (!bearer_token_.empty()) {
      call.headers.add("Authorization", "Bearer " + bearer_token_);
    }
    if (!revision_.empty()) {
      call.headers.add("MCP-Protocol-Version", revision_);
    }
    if (!session_.empty()) {
      call.headers.add("Mcp-Session-Id", session_);
    }
    return call;
  }

  static milliseconds time_left(const Receiver& receiver) {
    return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(receiver.until() - Clock::now()));
  }

  /// Makes the call; how the exchange ended by it, nothing where its connection broke off. `response` is what
  /// came of it.
  std::optional<End> make(base::HttpCall& call, Arrival& arrival, const std::stop_token& stop,
                          base::HttpResponse& response) {
    call.on_head = [&](const base::HttpResponse& head) {
      arrival.begin(head);
      const auto session = head.headers.get("Mcp-Session-Id");
      if (session && revision_.empty() && head.ok() && base::is_field_value(*session)) {
        session_ = *session;
      }
    };
    call.on_body = [&](std::string_view piece) { return arrival.push(piece); };
    call.until = [&] { return arrival.receiver().until(); };
    try {
      response = base::http_call(call, stop);
    } catch (const base::HttpError& error) {
      arrival.rethrow();
      switch (error.kind) {
        case base::HttpError::Kind::connect:
          throw ServerError(Kind::not_taken, error.what());
        case base::HttpError::Kind::timeout:
          return End::timeout;
        case base::HttpError::Kind::too_large:
          return End::too_long;
        case base::HttpError::Kind::stopped:
          return End::stopped;
        case base::HttpError::Kind::broken:
          return std::nullopt;
      }
    }
    arrival.end();
    return arrival.received() ? std::optional(End::received) : std::nullopt;
  }

  std::optional<End> post(const Outgoing& request, Arrival& arrival, const std::stop_token& stop) {
    for (int redirects = 0;; ++redirects) {
      auto call = new_call("POST", time_left(arrival.receiver()));
      call.body = request.text;
      if (is_stateless()) {
        call.headers.add("Mcp-Method", request.method);
        if (!request.tool.empty()) {
          call.headers.add("Mcp-Name", header_value(request.tool));
        }
        for (const auto& [name, value] : request.parameters) {
          call.headers.add(name, value);
        }
      }
      base::HttpResponse response;
      response.status = kNone;
      const auto end = make(call, arrival, stop, response);
      if (end || response.status == kNone) {
        return end;
      }
      if (response.status >= 300 && response.status < 400) {
        follow(response, redirects);
        continue;
      }
      if (!response.ok()) {
        return refused(response, arrival);
      }
      if (!arrival.is_stream()) {
        throw ServerError(Kind::unreadable, "it took the request, and what it answered is no answer to it");
      }
      return std::nullopt;
    }
  }

  /// Asks for the rest of a stream that broke off.
  std::optional<End> resume(Arrival& arrival, int& failures, const std::stop_token& stop) {
    if (is_stateless() || arrival.last_id().empty()) {
      failures = kMostFailedRetries;
      return std::nullopt;
    }
    if (!base::wait_for(std::min(std::max(arrival.retry(), kShortestRetry), time_left(arrival.receiver())),
                        stop)) {
      return End::stopped;
    }
    if (Clock::now() >= arrival.receiver().until()) {
      return End::timeout;
    }
    auto call = new_call("GET", time_left(arrival.receiver()));
    call.headers.add("Last-Event-ID", arrival.last_id());
    base::HttpResponse response;
    response.status = kNone;
    try {
      const auto end = make(call, arrival, stop, response);
      if (!end && response.status != kNone && !response.ok()) {
        failures = kMostFailedRetries;
      } else if (response.ok()) {
        failures = -1;  // one that closes the connection again and again may do so until the time is over
      }
      return end;
    } catch (const ServerError& error) {
      if (error.kind != Kind::not_taken) {
        throw;
      }
      return std::nullopt;
    }
  }

  /// From now on the address is another one of the same server; no other may see the token.
  void follow(const base::HttpResponse& response, int redirects) {
    auto to = response.headers.get("Location").value_or("");
    if (to.starts_with('/') && !to.starts_with("//")) {
      to = origin_of(url_) + to;
    }
    const bool keeps_method = response.status == 307 || response.status == 308;
    if (to.empty() || origin_of(to) != origin_of(url_)) {
      throw ServerError(
          Kind::not_taken,
          fmt::format("it redirects to {}, which is not followed; if that is right, write it as url",
                      base::ellipsize(base::one_line(origin_of(to)), kLongestName)));
    }
    if (!keeps_method || redirects >= kMostRedirects) {
      throw ServerError(Kind::not_taken,
                        fmt::format("it redirects with status {}, which is not followed; is url "
                                    "the address of its MCP endpoint?",
                                    response.status));
    }
    url_ = to;
  }

  /// A status that is no success.
  std::optional<End> refused(const base::HttpResponse& response, Arrival& arrival) {
    const auto status = response.status;
    if (status == 401 || status == 403) {
      throw ServerError(Kind::not_taken, denial(response));
    }
    const auto said = base::parse_json(response.body);
    const bool is_error = said && base::json_object(*said, "error").contains("code");
    if (!session_.empty() && has_worked_ &&
        (status == 404 || (status == 400 && (!is_error || said->value("id", nlohmann::json()).is_null())))) {
      session_.clear();
      throw ServerError(Kind::session_over, "it has ended the session");
    }
    if (is_error) {
      arrival.receiver().take(response.body, true);
      return End::received;
    }
    if (status >= 500 || status == 408) {
      throw ServerError(Kind::unreadable, fmt::format("it answers with status {}", status));
    }
    if (status == 429) {
      throw ServerError(Kind::not_taken, "it has too much to do (status 429)");
    }
    throw ServerError(
        Kind::refused,
        fmt::format("it answers with status {}; is url the address of its MCP endpoint?", status));
  }

  std::string denial(const base::HttpResponse& response) const {
    const auto wanted = response.headers.get("WWW-Authenticate").value_or("");
    return fmt::format("{} (status {}): look at its key bearer_token{}",
                       bearer_token_.empty() ? "it lets nobody in without a token" : "it refuses the token",
                       response.status,
                       wanted.find("resource_metadata") == std::string::npos
                           ? ""
                           : "; it offers OAuth, which the npm package mcp-remote speaks, run as command");
  }

  std::string url_;
  const std::string bearer_token_;
  std::string revision_;
  std::string session_;
  bool has_worked_ = false;        ///< in this session
  std::stop_token exchange_stop_;  ///< while there is an exchange
};

}  // namespace

std::unique_ptr<Transport> reach(const ServerAddress& address) {
  return std::make_unique<HttpTransport>(address);
}

}  // namespace llm::mcp
