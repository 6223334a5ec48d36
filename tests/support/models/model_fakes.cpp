#include "tests/support/models/model_fakes.h"

#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/json.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

namespace support {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// A socket bound to a free port of the loopback interface, and that port.
std::pair<base::Fd, int> bound_socket() {
  base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    base::throw_errno("no free port");
  }
  return {std::move(fd), ntohs(address.sin_port)};
}

/// Whether there is something to read before `stop` is requested.
bool wait_readable(int fd, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd readable{fd, POLLIN, 0};
    if (::poll(&readable, 1, 20) > 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

ScriptedModel::ScriptedModel(std::vector<base::HttpResponse> responses)
    : responses_(std::move(responses)), server_([this](const base::HttpRequest&) {
        return responses_.at(std::min(next_++, responses_.size() - 1));
      }) {}

NeverStreams::NeverStreams(std::string upstream)
    : server_([upstream = std::move(upstream)](const base::HttpRequest& request) {
        auto body = base::parse_json(request.body).value();
        body.erase("stream");
        body.erase("stream_options");
        base::HttpCall call;
        call.url = base::join_url(upstream, request.path);
        call.body = base::dump_json(body);
        for (const auto* name : {"x-api-key", "anthropic-version", "Authorization"}) {
          if (const auto value = request.headers.get(name)) {
            call.headers.add(name, *value);
          }
        }
        const auto answer = base::http_call(call);
        base::HttpResponse response;
        response.status = answer.status;
        response.body = answer.body;
        response.content_type = answer.content_type;
        return response;
      }) {}

BrokenModel::BrokenModel(std::string bytes, Then then, std::string drop)
    : bytes_(std::move(bytes)), then_(then), drop_(std::move(drop)) {
  std::tie(listener_, port_) = bound_socket();
  if (::listen(listener_.get(), 16) != 0) {
    base::throw_errno("cannot listen");
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

BrokenModel::~BrokenModel() = default;

void BrokenModel::serve(const std::stop_token& stop) {
  std::vector<base::Fd> open;
  while (wait_readable(listener_.get(), stop)) {
    base::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    // A connection closed with unread bytes is reset, which is another failure than the one to be shown.
    std::string request;
    char buffer[65536];
    while (request.find("\r\n\r\n") == std::string::npos && wait_readable(connection.get(), stop)) {
      const auto size = ::recv(connection.get(), buffer, sizeof buffer, 0);
      if (size <= 0) {
        break;
      }
      request.append(buffer, static_cast<std::size_t>(size));
    }
    ::send(connection.get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
    if (then_ == Then::close) {
      ::shutdown(connection.get(), SHUT_WR);
    }
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
      changed_.notify_all();
    }
    while (then_ == Then::trickle && !stop.stop_requested() &&
           ::send(connection.get(), drop_.data(), drop_.size(), MSG_NOSIGNAL) > 0) {
      ::poll(nullptr, 0, 20);
    }
    open.push_back(std::move(connection));
  }
}

std::string BrokenModel::url() const {
  return loopback_url(port_);
}

bool BrokenModel::wait_for_connections(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return connections_ >= count; });
}

int BrokenModel::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

UnansweredAddress::UnansweredAddress() {
  std::tie(listener_, port_) = bound_socket();
  if (::listen(listener_.get(), 0) != 0) {
    base::throw_errno("cannot listen");
  }
  // The kernel takes as many connections as the backlog has room for, and then answers no more.
  const auto address = loopback(port_);
  for (int i = 0; i < 8; ++i) {
    base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int pending =
        ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    waiting_.push_back(std::move(fd));
  }
}

std::string UnansweredAddress::url() const {
  return loopback_url(port_);
}

std::string refusing_url() {
  return loopback_url(bound_socket().second);
}

std::string event_stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace support
