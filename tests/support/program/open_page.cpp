#include "tests/support/program/open_page.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include "tests/support/wait.h"

namespace support {

using nlohmann::json;
using std::chrono::steady_clock;

OpenPage::OpenPage(int port, const std::string& cookie)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto request = "GET /api/events?chat=main HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                       "\r\nCookie: " + cookie + "\r\nAccept: text/event-stream\r\n\r\n";
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    throw std::runtime_error("the page cannot connect");
  }
  std::string head;
  char c = 0;
  while (head.find("retry: ") == std::string::npos && ::recv(fd_, &c, 1, 0) == 1) {
    head += c;  // up to there the server has the stream open
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

OpenPage::~OpenPage() {
  thread_ = {};
  ::close(fd_);
}

void OpenPage::read(const std::stop_token& stop) {
  std::string line;
  while (!stop.stop_requested()) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, 20) <= 0) {
      continue;
    }
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    const auto came = steady_clock::now();
    if (n <= 0) {
      return;
    }
    line.append(buffer, static_cast<std::size_t>(n));
    for (auto end = line.find('\n'); end != std::string::npos; end = line.find('\n')) {
      const auto data = line.substr(0, end);
      line.erase(0, end + 1);
      if (data.starts_with("data:")) {
        const std::lock_guard lock(mutex_);
        events_.push_back({base::parse_json(data.substr(5)).value_or(json::object()), came});
        changed_.notify_all();
      }
    }
  }
}

std::vector<OpenPage::Event> OpenPage::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

OpenPage::Event OpenPage::wait_for(const std::function<bool(const json&)>& is_it, std::size_t from) {
  const auto until = steady_clock::now() + kPatience;
  std::unique_lock lock(mutex_);
  for (auto at = from;; ++at) {
    if (!changed_.wait_until(lock, until, [&] { return events_.size() > at; })) {
      return {json::object(), {}};
    }
    if (is_it(events_[at].data)) {
      return events_[at];
    }
  }
}

std::string OpenPage::draft() const {
  std::string text;
  for (const auto& event : events()) {
    const auto type = event.data.value("type", "");
    const bool over = type == "withdrawn" || (type == "message" && event.data.contains("turn"));
    text = over ? std::string() : text + (type == "stream" ? event.data.value("text", "") : "");
  }
  return text;
}

std::string OpenPage::html() const {
  std::string html;
  for (const auto& event : events()) {
    html = event.data.value("type", "") == "stream" ? event.data.value("html", "") : html;
  }
  return html;
}

std::string OpenPage::wait_for_draft(const std::string& part) {
  const auto until = steady_clock::now() + kPatience;
  for (auto text = draft();; text = draft()) {
    if (text.find(part) != std::string::npos || steady_clock::now() > until) {
      return text;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(10));
  }
}

}  // namespace support
