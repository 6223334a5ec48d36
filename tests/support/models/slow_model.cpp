#include "tests/support/models/slow_model.h"

#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

namespace support {

using nlohmann::json;

SlowModel::SlowModel() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), any, &size) != 0) {
    throw std::runtime_error("the slow model cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

SlowModel::~SlowModel() = default;

std::string SlowModel::url() const {
  return loopback_url(port_);
}

void SlowModel::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd p{listener_.get(), POLLIN, 0};
    if (::poll(&p, 1, 20) <= 0) {
      continue;
    }
    base::Fd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string body;
    if (!read_request(peer.get(), body)) {
      continue;
    }
    const int on = 1;
    ::setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    peer_ = std::move(peer);
    blocks_ = 0;
    in_text_ = called_ = false;
    send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    send_event(
        R"({"type":"message_start","message":{"content":[],"usage":{"input_tokens":9,"output_tokens":1}}})");
    requests_.push_back(std::move(body));
    changed_.notify_all();
  }
}

bool SlowModel::read_request(int fd, std::string& body) const {
  std::string all;
  for (;;) {
    pollfd p{fd, POLLIN, 0};
    char buffer[16384];
    const auto n = ::poll(&p, 1, 10'000) > 0 ? ::recv(fd, buffer, sizeof buffer, 0) : 0;
    if (n <= 0) {
      return false;
    }
    all.append(buffer, static_cast<std::size_t>(n));
    const auto head = all.find("\r\n\r\n");
    const auto lower = base::ascii_lower(all.substr(0, head));
    const auto length = lower.find("content-length:");
    if (head != std::string::npos && length != std::string::npos &&
        all.size() >= head + 4 + static_cast<std::size_t>(std::atoi(lower.c_str() + length + 15))) {
      body = all.substr(head + 4);
      return true;
    }
  }
}

bool SlowModel::wait_for_requests(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return requests_.size() >= count; });
}

std::string SlowModel::request() const {
  const std::lock_guard lock(mutex_);
  return requests_.empty() ? std::string() : requests_.back();
}

void SlowModel::send(const std::string& bytes) {
  ::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void SlowModel::send_event(const std::string& data) {
  send("event: " + base::json_text(base::parse_json(data).value_or(json()), "type") + "\ndata: " + data +
       "\n\n");
}

void SlowModel::text(const std::string& piece) {
  const std::lock_guard lock(mutex_);
  if (!in_text_) {
    in_text_ = true;
    send_event(base::dump_json({{"type", "content_block_start"},
                                {"index", blocks_++},
                                {"content_block", {{"type", "text"}, {"text", ""}}}}));
  }
  send_event(base::dump_json({{"type", "content_block_delta"},
                              {"index", blocks_ - 1},
                              {"delta", {{"type", "text_delta"}, {"text", piece}}}}));
}

void SlowModel::call(const std::string& tool, const std::string& input) {
  const std::lock_guard lock(mutex_);
  in_text_ = false;
  called_ = true;
  const auto index = blocks_++;
  send_event(base::dump_json({{"type", "content_block_start"},
                              {"index", index},
                              {"content_block",
                               {{"type", "tool_use"},
                                {"id", "t" + std::to_string(requests_.size())},
                                {"name", tool},
                                {"input", json::object()}}}}));
  send_event(base::dump_json({{"type", "content_block_delta"},
                              {"index", index},
                              {"delta", {{"type", "input_json_delta"}, {"partial_json", input}}}}));
}

void SlowModel::end() {
  const std::lock_guard lock(mutex_);
  send_event(base::dump_json({{"type", "message_delta"},
                              {"delta", {{"stop_reason", called_ ? "tool_use" : "end_turn"}}},
                              {"usage", {{"output_tokens", 5}}}}));
  send_event(R"({"type":"message_stop"})");
  peer_ = {};
}

void SlowModel::fail(const std::string& type) {
  const std::lock_guard lock(mutex_);
  send_event(
      base::dump_json({{"type", "error"}, {"error", {{"type", type}, {"message", "as the test wants"}}}}));
  peer_ = {};
}

void SlowModel::cut() {
  const std::lock_guard lock(mutex_);
  peer_ = {};
}

bool SlowModel::is_left() {
  const std::lock_guard lock(mutex_);
  pollfd p{peer_.get(), POLLRDHUP, 0};
  return ::poll(&p, 1, 5'000) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace support
