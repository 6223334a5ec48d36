#include "tests/support/chat_services/unreliable_way.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/http.h"
#include "tests/support/loopback_server.h"

namespace support {
namespace {

constexpr int kThreads = 12;
constexpr int kPollMs = 50;
constexpr std::chrono::seconds kLongestCall{10};

struct Request {
  std::string path;
  base::HttpFields headers;
  std::string body;
};

/// The value of a line "Name: value", or nothing where it is no such line.
std::pair<std::string, std::string> field_of(const std::string& line) {
  const auto colon = line.find(": ");
  return colon == std::string::npos ? std::pair<std::string, std::string>()
                                    : std::pair(line.substr(0, colon), line.substr(colon + 2));
}

/// Nothing where the other side hung up before it had said all.
std::optional<Request> read_request(int connection) {
  std::string text;
  std::optional<std::size_t> whole;
  Request request;
  while (!whole || text.size() < *whole) {
    char buffer[16 * 1024];
    const auto got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) {
      return std::nullopt;
    }
    text.append(buffer, static_cast<std::size_t>(got));
    const auto end = text.find("\r\n\r\n");
    if (whole || end == std::string::npos) {
      continue;
    }
    std::size_t length = 0;
    for (std::size_t at = text.find("\r\n") + 2; at < end;) {
      const auto next = text.find("\r\n", at);
      const auto [name, value] = field_of(text.substr(at, next - at));
      if (name == "Content-Length") {
        length = static_cast<std::size_t>(std::atoll(value.c_str()));
      } else if (name.starts_with("webhook-") || name == "Content-Type") {
        request.headers.add(name, value);
      }
      at = next + 2;
    }
    const auto path = text.find(' ') + 1;
    request.path = text.substr(path, text.find(' ', path) - path);
    whole = end + 4 + length;
    request.body = "";
  }
  request.body = text.substr(text.find("\r\n\r\n") + 4);
  return request;
}

void answer(int connection, int status) {
  const auto text = fmt::format("HTTP/1.1 {} x\r\nContent-Length: 2\r\n{}Connection: close\r\n\r\n{{}}",
                                status, status == 429 ? "Retry-After: 0\r\n" : "");
  ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

UnreliableWay::UnreliableWay(std::string receiver, unsigned seed)
    : receiver_(std::move(receiver)), random_(seed) {
  listener_ = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port can be had");
  }
  port_ = ntohs(address.sin_port);
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
  }
}

UnreliableWay::~UnreliableWay() {
  for (auto& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

std::string UnreliableWay::url() const {
  return loopback_url(port_) + "/frontdesk";
}

void UnreliableWay::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, kPollMs) <= 0) {
      continue;
    }
    const base::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) {
      continue;
    }
    const timeval patience{kLongestCall.count(), 0};
    ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    hand_on(connection.get());
  }
}

UnreliableWay::Mishap UnreliableWay::next_mishap() {
  if (reliable_) {
    return Mishap::none;
  }
  const std::lock_guard lock(mutex_);
  const auto drawn = random_() % 100;
  return drawn < 70   ? Mishap::none
         : drawn < 78 ? Mishap::late
         : drawn < 82 ? Mishap::twice
         : drawn < 86 ? Mishap::dropped_before
         : drawn < 91 ? Mishap::dropped_after
         : drawn < 96 ? Mishap::too_many
                      : Mishap::failed_after;
}

void UnreliableWay::hand_on(int connection) {
  const auto request = read_request(connection);
  if (!request) {
    return;
  }
  const auto mishap = next_mishap();
  if (mishap == Mishap::dropped_before) {
    return;
  }
  if (mishap == Mishap::too_many) {
    answer(connection, 429);
    return;
  }
  if (mishap == Mishap::late) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + request->body.size() % 7 * 30));
  }
  base::HttpCall call;
  call.method = "POST";
  call.url = receiver_;
  call.headers = request->headers;
  call.body = request->body;
  call.read_timeout = call.deadline = kLongestCall;
  int status = 502;
  try {
    for (int i = 0; i < (mishap == Mishap::twice ? 2 : 1); ++i) {
      status = base::http_call(call).status;
    }
  } catch (const base::HttpError&) {
    return;
  }
  if (mishap != Mishap::dropped_after) {
    answer(connection, mishap == Mishap::failed_after ? 500 : status);
  }
}

}  // namespace support
