// The files named http_*_httplib.cpp alone include <httplib.h>.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <httplib.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/http.h"
#include "base/http_call_guard.h"
#include "base/http_field_syntax.h"
#include "base/http_response_head.h"
#include "base/log.h"

namespace base {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct SplitUrl {
  std::string origin;
  std::string target;
};

/// With escapes for what stands in no URI (RFC 3986, appendix A), and nothing else changed.
std::string escaped(std::string_view target) {
  std::string text;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x7f || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
      text += "%" + to_hex(std::string_view(&c, 1));
    } else {
      text += c;
    }
  }
  return text;
}

SplitUrl split_url(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos || (url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https") ||
      std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' '; })) {
    throw PermanentError("not an http:// or https:// address");
  }
  const auto path = url.find('/', scheme + 3);
  const auto origin = url.substr(0, path);
  if (origin.size() <= scheme + 3) {
    throw PermanentError("an address without a host");
  }
  return {origin, path == std::string::npos ? "/" : escaped(std::string_view(url).substr(path))};
}

/// A connection may be used again for so long after a call: a server that closes it just then leaves nobody
/// knowing what became of the call, and hardly any closes so soon.
constexpr milliseconds kKeptFor{3'000};
constexpr std::size_t kMostKept = 32;  ///< to one server

/// So much may still come after the caller has ended the body, within so long.
constexpr std::size_t kMostRest = 16 * 1024;
constexpr milliseconds kRestWithin{20};
constexpr std::size_t kMostHead = 64 * 1024;

/// A client with the connection that it keeps.
struct Connected {
  explicit Connected(const std::string& origin) : client(origin) {
    client.set_url_encode(
        false);  // it would escape "+", "," and ";", which a server reads as other characters
  }

  httplib::Client client;
  std::shared_ptr<const Fd> socket;
  SteadyClock::time_point until = {};  ///< may be used again
};

/// The connections between calls. Thread rule: any thread.
class IdleConnections {
 public:
  std::unique_ptr<Connected> take(const std::string& origin) {
    const auto now = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    const auto found = idle_.find(origin);
    if (found == idle_.end() || found->second.empty() || found->second.back()->until < now) {
      return nullptr;
    }
    auto connected = std::move(found->second.back());
    found->second.pop_back();
    return connected;
  }

  void give_back(const std::string& origin, std::unique_ptr<Connected> connected) {
    const auto now = SteadyClock::now();
    std::vector<std::unique_ptr<Connected>> old;  // closed without the mutex
    const std::lock_guard lock(mutex_);
    if (now > swept_ + kKeptFor) {
      swept_ = now;
      for (auto& [name, idle] : idle_) {
        const auto fresh =
            std::partition(idle.begin(), idle.end(), [&](const auto& one) { return one->until < now; });
        std::move(idle.begin(), fresh, std::back_inserter(old));
        idle.erase(idle.begin(), fresh);
      }
      std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
    }
    auto& idle = idle_[origin];
    if (idle.size() < kMostKept) {
      idle.push_back(std::move(connected));
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::unique_ptr<Connected>>> idle_;
  SteadyClock::time_point swept_ = {};
};

IdleConnections& idle_connections() {
  // Never destroyed: OpenSSL, which its clients use, may clean up before it at the end of the program.
  static auto* const connections = new IdleConnections;
  return *connections;
}

/// For how long the server lets the connection be used again.
milliseconds kept_for(const httplib::Response& response) {
  const auto value = response.get_header_value("Keep-Alive");
  const auto at = value.find("timeout=");
  int seconds = 0;
  if (at != std::string::npos &&
      std::from_chars(value.data() + at + 8, value.data() + value.size(), seconds).ec == std::errc()) {
    return std::min(kKeptFor, milliseconds(1'000) * std::clamp(seconds - 1, 0, 60));
  }
  return kKeptFor;
}

httplib::Request request_of(const HttpCall& call, const std::string& target) {
  httplib::Request request;
  request.method = call.method;
  request.path = target;
  for (const auto& [name, value] : call.headers.all()) {
    if (!is_token(name) || has_line_break(value)) {
      throw PermanentError("the header " + name + " has a line break in it");
    }
    request.headers.emplace(name, value);
  }
  if (!call.body.empty() || call.method == "POST") {
    request.body = call.body;
    request.set_header("Content-Type", call.content_type);
  }
  return request;
}

/// What has come of the response, and why no more of it is read.
class Incoming {
 public:
  Incoming(const HttpCall& call, SteadyClock::time_point until) : call_(call), until_(until) {}

  void head(const httplib::Response& head) {
    // httplib passes over "100 Continue" alone: for it, what follows any other interim response is its body.
    is_interim_ = head.status < 200;
    if (!is_interim_) {
      HttpResponse told;
      take_head(head, told);
      begin(told);
    }
  }
  /// Before the call.
  void set_guard(CallGuard& guard) { guard_ = &guard; }

  /// Takes a piece of the body; false ends the call.
  bool piece(const char* data, std::size_t size) {
    if (is_interim_) {
      return behind_interim({data, size});
    }
    last_progress_ = SteadyClock::now();
    total_ += size;
    if (ended_by_caller_) {
      return total_ - wanted_ <= kMostRest;
    }
    too_large_ = total_ > call_.max_response_bytes;
    too_late_ = SteadyClock::now() > until_;
    if (too_large_ || too_late_) {
      return false;
    }
    if (call_.on_body && status_ >= 200 && status_ < 300) {
      give({data, size});
    } else {
      body_.append(data, size);
    }
    if (final_ && !ended_by_caller_ && length_ > 0 && total_ >= length_) {
      ended_by_caller_ = true;  // httplib does not know that it is whole
      return false;
    }
    return true;
  }

  /// Or by the end of a response that httplib cannot see.
  bool ended_by_caller() const { return ended_by_caller_; }
  bool ended_by_interim() const { return is_interim_; }
  bool had_interim() const { return is_interim_ || final_; }

  /// The error where there is no response to give.
  HttpError failure(const std::string& origin, httplib::Error error) const {
    using Kind = HttpError::Kind;
    if (too_large_) {
      return {Kind::too_large, "the response of " + origin + " is too large"};
    }
    const auto now = SteadyClock::now() + milliseconds(50);  // timers may end a little early
    const auto waited_long = now >= until_ || now >= last_progress_ + call_.read_timeout;
    switch (error) {
      case httplib::Error::Connection:
      case httplib::Error::BindIPAddress:
      case httplib::Error::ConnectionTimeout:
        return {Kind::connect, "no connection to " + origin};
      case httplib::Error::SSLConnection:
      case httplib::Error::SSLLoadingCerts:
      case httplib::Error::SSLServerVerification:
        return {Kind::connect, "no trusted TLS connection to " + origin};
      case httplib::Error::Read:
        return {too_late_ || waited_long ? Kind::timeout : Kind::broken,
                origin + " closed the connection or did not respond in time"};
      default:
        return {too_late_ ? Kind::timeout : Kind::broken,
                origin + " did not send a complete response (" + httplib::to_string(error) + ")"};
    }
  }

  /// `result` is empty where the caller ended the call.
  HttpResponse response(const httplib::Result& result) {
    HttpResponse response;
    if (final_) {
      response = *final_;
    } else if (result) {
      take_head(*result, response);
    } else {
      response.status = status_;
    }
    response.body = std::move(body_);
    return response;
  }

 private:
  static void take_head(const httplib::Response& head, HttpResponse& response) {
    response.status = head.status;
    for (const auto& [name, value] : head.headers) {
      response.headers.add(name, value);
    }
    response.content_type = head.get_header_value("Content-Type");
  }

  void begin(const HttpResponse& head) {
    status_ = head.status;
    if (call_.on_head) {
      call_.on_head(head);
    }
    if (call_.until && call_.until() < until_) {
      until_ = call_.until();
      guard_->set_deadline(until_);
    }
    is_framed_ = head.headers.get("Transfer-Encoding") || head.headers.get("Content-Encoding");
    if (const auto length = head.headers.get("Content-Length"); length && !is_framed_) {
      std::from_chars(length->data(), length->data() + length->size(), length_);
    }
  }

  /// Looks for the head of the final response in what came after an interim one; false ends the call.
  bool behind_interim(std::string_view piece) {
    last_progress_ = SteadyClock::now();
    head_.append(piece);
    while (!final_) {
      const auto end = head_.find("\r\n\r\n");
      if (end == std::string::npos) {
        too_large_ = head_.size() > kMostHead;
        return !too_large_;
      }
      final_ = read_response_head(std::string_view(head_).substr(0, end + 2));
      head_.erase(0, end + 4);
      if (!final_) {
        return false;
      }
      if (final_->status < 200) {
        final_.reset();
      }
    }
    is_interim_ = false;
    begin(*final_);
    const bool has_none = status_ == 204 || status_ == 304 || final_->headers.get("Content-Length") == "0";
    ended_by_caller_ = has_none;
    // on_head told the status; what is in chunks or packed nobody unpacks here.
    return !has_none && !is_framed_ && (head_.empty() || this->piece(head_.data(), head_.size()));
  }

  /// Gives the caller a piece of what it wants to read itself.
  void give(std::string_view piece) {
    if (!call_.on_body(piece)) {
      ended_by_caller_ = true;
      wanted_ = total_;
      // With what belongs to the end of the response the connection can be used again. httplib tells of
      // each chunk where it ends, which is not the end of the response.
      if (total_ != length_) {
        guard_->set_deadline(SteadyClock::now() + kRestWithin);
      }
    } else if (call_.until && call_.until() != until_) {
      until_ = call_.until();
      guard_->set_deadline(until_);
    }
  }

  const HttpCall& call_;
  bool is_interim_ = false;
  std::string head_;                   ///< what came after an interim response
  std::optional<HttpResponse> final_;  ///< the head that came after one
  bool is_framed_ = false;             ///< the body is no plain bytes
  SteadyClock::time_point until_;
  SteadyClock::time_point last_progress_ = SteadyClock::now();
  int status_ = 0;
  std::uint64_t length_ = 0;
  CallGuard* guard_ = nullptr;
  std::string body_;
  std::size_t total_ = 0;
  std::size_t wanted_ = 0;  ///< so much came before the caller ended it
  bool too_large_ = false;
  bool too_late_ = false;
  bool ended_by_caller_ = false;
};

HttpError stopped() {
  return {HttpError::Kind::stopped, "the program is stopping"};
}

}  // namespace

HttpResponse http_call(const HttpCall& call, std::stop_token stop) {
  const auto [origin, target] = split_url(call.url);
  auto connected = idle_connections().take(origin);
  if (!connected) {
    connected = std::make_unique<Connected>(origin);
  }
  auto& client = connected->client;
  if (!client.is_valid()) {
    throw PermanentError("not an address that can be called: " + origin);
  }
  client.set_connection_timeout(call.connect_timeout);
  client.set_read_timeout(call.read_timeout);
  client.set_write_timeout(call.read_timeout);
  client.set_tcp_nodelay(true);
  client.set_keep_alive(true);

  auto request = request_of(call, target);
  const auto until = SteadyClock::now() + call.deadline;
  Incoming incoming(call, until);
  request.response_handler = [&](const httplib::Response& head) {
    incoming.head(head);
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    return incoming.piece(data, size);
  };

  if (stop.stop_requested()) {
    throw stopped();
  }
  CallGuard guard(until, stop);
  guard.take(connected->socket);
  incoming.set_guard(guard);
  client.set_socket_options([&](socket_t fd) {
    connected->socket = std::make_shared<const Fd>(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    guard.take(connected->socket);
  });
  const auto result = client.send(request);
  // A body without a length looks complete when its connection is shut down.
  const bool ended_by_guard = guard.ended() && !incoming.ended_by_caller();
  const bool is_whole = (result && !incoming.ended_by_interim()) || incoming.ended_by_caller();
  if (ended_by_guard || !is_whole) {
    if (stop.stop_requested()) {
      throw stopped();
    }
    if (ended_by_guard) {
      throw HttpError(HttpError::Kind::timeout, origin + " did not send a complete response in time");
    }
    throw incoming.failure(origin, result.error());
  }
  if (result && !guard.ended() && !incoming.had_interim()) {
    client.set_socket_options(nullptr);
    connected->until = SteadyClock::now() + kept_for(*result);
    idle_connections().give_back(origin, std::move(connected));
  }
  return incoming.response(result);
}

}  // namespace base
