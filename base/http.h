#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

/// Names are compared without case; the order of insertion is kept.
class HttpFields {
 public:
  HttpFields() = default;
  HttpFields(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  /// The first value under that name.
  std::optional<std::string> get(std::string_view name) const;
  void add(std::string name, std::string value);
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;
  std::string path;  ///< decoded, without the query
  HttpFields query;  ///< decoded
  HttpFields headers;
  std::string body;  ///< the raw bytes
  std::string remote_address;
  /// When its last byte was read; what is promised within a time is promised from here on.
  std::chrono::steady_clock::time_point received_at{};

  /// The value of that cookie.
  std::optional<std::string> cookie(std::string_view name) const;
};

/// A response that stays open and carries what HttpServer::publish() sends to `topic`
/// (Server-Sent Events, WHATWG HTML section 9.2).
struct EventStream {
  std::string topic;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  HttpFields headers;
  std::optional<EventStream> event_stream;

  bool ok() const { return status >= 200 && status < 300; }

  /// {"error": sentence}
  static HttpResponse error(int status, std::string_view sentence);
  static HttpResponse json(std::string body);
};

/// An HTTP/1.1 server for one handler. One thread ("http events") reads all requests and writes what a peer
/// does not take at once; a worker is given complete requests only, so that no peer can hold one. What a peer
/// can make it hold is bounded: bytes of header, body, responses and event streams, the time until a request
/// is complete, and the number of connections (docs/decisions/0002).
///
/// Thread rule: the handler is called from several threads at once; publish() may be called from any thread.
class HttpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  ///< 0: any free port
    std::size_t threads = 32;
    std::size_t max_header_bytes = 16 * 1024;
    std::size_t max_body_bytes = 1024 * 1024;
    std::chrono::milliseconds header_deadline{5'000};
    std::chrono::milliseconds request_deadline{10'000};
    std::chrono::milliseconds idle_deadline{30'000};
    /// For the next 16 KiB of a response.
    std::chrono::milliseconds response_deadline{10'000};
    /// At most so many, and fewer where the process may not open so many files. The oldest that is idle makes
    /// room for a new one, then the oldest without a complete request.
    std::size_t max_connections = 4'096;
    /// Connections of one address (of IPv6: of one /64) that have not sent a complete request.
    std::size_t max_incomplete_per_address = 512;
    /// The same for each of these addresses.
    std::vector<std::string> trusted_proxies = {};
    std::size_t max_incomplete_per_proxy = 2'048;
    /// Of all connections together: bytes of requests, of responses that were not taken, of events that were
    /// not taken. Requests have room for at least two bodies.
    std::size_t max_request_bytes = 4 * 1024 * 1024;
    std::size_t max_response_bytes = 16 * 1024 * 1024;
    std::size_t max_event_bytes = 4 * 1024 * 1024;
    /// Answered by a worker of their own, however busy the others are; their handler must not wait.
    std::vector<std::string> prompt_paths = {};
    /// Told of each request that is refused before a handler sees it: its status and its target, which is
    /// empty where that was not read. Called by the thread that reads, so it must not wait.
    std::function<void(int status, std::string_view target)> on_refusal = {};
  };
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Binds; throws std::runtime_error that names the address if it cannot.
  HttpServer(Options options, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The port it is bound to.
  int port() const;

  /// Takes requests from now on.
  void start();

  /// Ends the event streams, finishes the requests under way, takes no more. Idempotent.
  void stop();

  /// Sends `data` (one line) as an event to every stream open on `topic`. Never blocks: a stream that does
  /// not read is closed, and its page asks again for what it missed. Where all streams together hold too
  /// much, the one that holds most is closed.
  void publish(const std::string& topic, std::string_view data);

  /// How many event streams are open.
  std::size_t open_streams() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// No response came: unreachable, cut off, too slow, too large. `what()` is a sentence without secrets.
class HttpError : public std::runtime_error {
 public:
  enum class Kind { connect, timeout, broken, too_large, stopped };
  HttpError(Kind why, const std::string& what) : std::runtime_error(what), kind(why) {}
  Kind kind;
};

struct HttpCall {
  std::string method = "POST";
  std::string url;  ///< http:// or https://
  HttpFields headers;
  std::string body;
  std::string content_type = "application/json";
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds read_timeout{60'000};  ///< the longest silence
  std::chrono::milliseconds deadline{120'000};     ///< for the whole call
  std::size_t max_response_bytes = 16 * 1024 * 1024;
  /// Given each piece of a 2xx body as it comes; return false to end the call there. Without it, and for
  /// every other status, the body is in the response.
  std::function<bool(std::string_view)> on_body;
  /// Given status and headers before the body.
  std::function<void(const HttpResponse&)> on_head;
  /// Asked after each piece of the body: until when the call may last now, instead of `deadline`.
  std::function<std::chrono::steady_clock::time_point()> until;
};

/// Performs the call; does not follow redirects. Certificates are checked against the system's store.
/// Throws HttpError where no response came, PermanentError where the URL is not one.
HttpResponse http_call(const HttpCall& call, std::stop_token stop = {});

/// "https://host:port/base" + "/path", with exactly one slash between.
std::string join_url(std::string_view base, std::string_view path);

/// What the status of a response says about making the same call again.
enum class StatusMeaning {
  success,       ///< 2xx
  unauthorized,  ///< 401, 403: useless until somebody corrects the credentials or the permissions
  rate_limited,  ///< 429: after a pause; this time nothing was done
  temporary,     ///< 408, 5xx: worth it; whether something was done this time is unknown
  permanent      ///< everything else, redirects included, since none is followed: useless
};
StatusMeaning status_meaning(int status);

/// The seconds (or HTTP date, RFC 9110 section 10.2.3) of a Retry-After header.
std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response);

}  // namespace base
