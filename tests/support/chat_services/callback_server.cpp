#include "tests/support/chat_services/callback_server.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/json.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

namespace support {
namespace {

constexpr int kConnectionPatienceMs = 40'000;

void apply(std::vector<Shown>& screen, const Callback& call) {
  const bool edit = call.text("type") == "edit";
  const auto known = std::find_if(screen.begin(), screen.end(),
                                  [&](const Shown& s) { return edit && s.id == call.text("target"); });
  if (edit && known == screen.end()) {
    return;
  }
  Shown& message = edit ? *known : screen.emplace_back();
  if (edit) {
    ++message.edits;
  } else {
    message.id = call.id;
    message.chat = call.text("chat_id");
    message.reply_to = call.text("reply_to");
    message.dispatch = call.text("dispatch_id");
  }
  message.text = call.text("text");
  message.actions = actions_of(*call.body);
}

}  // namespace

std::string Callback::text(const char* key) const {
  return base::json_string(*body, key).value_or("");
}

CallbackServer::CallbackServer(std::string secret) : secret_(std::move(secret)) {
  listen(0);
}

CallbackServer::~CallbackServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  go_away();
}

void CallbackServer::listen(int port) {
  base::HttpServer::Options options;
  options.port = port;
  server_ = std::make_unique<base::HttpServer>(
      options, [this](const base::HttpRequest& request) { return take(request); });
  port_ = server_->port();
  server_->start();
}

void CallbackServer::go_away() {
  if (server_) {
    server_->stop();
    server_.reset();
  }
}

void CallbackServer::come_back() {
  listen(port_);
}

std::vector<std::string> CallbackServer::hang_up(int times) {
  go_away();
  std::vector<std::string> requests;
  {
    const base::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 8) != 0) {
      throw std::runtime_error("the callback's port cannot be bound again");
    }
    for (int i = 0; i < times; ++i) {
      pollfd waiting{listener.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kConnectionPatienceMs) <= 0) {
        throw std::runtime_error("nobody called back");
      }
      const base::Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      char buffer[64 * 1024];
      const auto size = ::recv(connection.get(), buffer, sizeof buffer, 0);
      requests.emplace_back(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
  }
  come_back();
  return requests;
}

std::string CallbackServer::url() const {
  return loopback_url(port_) + "/frontdesk";
}

void CallbackServer::behave(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviours_.push_back(std::move(behaviour));
}

void CallbackServer::decide(std::function<std::optional<Behaviour>(const Callback&)> decider) {
  const std::lock_guard lock(mutex_);
  decider_ = std::move(decider);
}

base::HttpResponse CallbackServer::take(const base::HttpRequest& request) {
  Callback call;
  call.id = request.headers.get("webhook-id").value_or("");
  call.is_signed = is_signed(secret_, request.headers, request.body);
  call.raw = request.body;
  call.body =
      std::make_shared<const nlohmann::json>(base::parse_json(request.body).value_or(nlohmann::json()));
  call.at = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  Behaviour chosen{.times = 0, .status = 200, .accepts = true};
  if (decider_) {
    chosen = decider_(call).value_or(chosen);
  } else {
    const auto found = std::find_if(behaviours_.begin(), behaviours_.end(), [&](const Behaviour& b) {
      return b.times > 0 && (!b.applies || b.applies(call));
    });
    if (found != behaviours_.end()) {
      --found->times;
      chosen = *found;
    }
  }
  call.answered = chosen.status;
  calls_.push_back(call);
  if (chosen.accepts || (chosen.status >= 200 && chosen.status < 300)) {
    accepted_.push_back(call);
  }
  changed_.notify_all();
  changed_.wait_for(lock, chosen.delay, [&] { return ending_; });
  base::HttpResponse response;
  response.status = chosen.status;
  response.body = "{}";
  if (!chosen.retry_after.empty()) {
    response.headers.add("Retry-After", chosen.retry_after);
  }
  return response;
}

std::vector<Callback> CallbackServer::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<Callback> CallbackServer::calls_of(const std::string& chat) const {
  auto of_chat = calls();
  std::erase_if(of_chat, [&](const Callback& call) { return call.text("chat_id") != chat; });
  return of_chat;
}

std::vector<Shown> CallbackServer::shown() const {
  const std::lock_guard lock(mutex_);
  std::vector<Shown> screen;
  std::set<std::string> seen;
  for (const auto& call : accepted_) {
    if (seen.insert(call.id).second) {
      apply(screen, call);
    }
  }
  return screen;
}

bool CallbackServer::wait_until(const std::function<bool()>& condition,
                                std::chrono::milliseconds patience) const {
  return support::wait_until(condition, mutex_, changed_, patience);
}

Shown CallbackServer::wait_for(const std::function<bool(const Shown&)>& wanted,
                               std::chrono::milliseconds patience) const {
  std::optional<Shown> found;
  wait_until(
      [&] {
        const auto screen = shown();
        const auto it = std::find_if(screen.begin(), screen.end(), wanted);
        if (it != screen.end()) {
          found = *it;
        }
        return found.has_value();
      },
      patience);
  if (!found) {
    throw std::runtime_error("the awaited message did not come; what came:\n" + transcript());
  }
  return *found;
}

std::string CallbackServer::transcript() const {
  std::string text;
  for (const auto& call : calls()) {
    text += std::to_string(call.answered) + " " + call.id + " " + call.raw + "\n";
  }
  return text;
}

}  // namespace support
