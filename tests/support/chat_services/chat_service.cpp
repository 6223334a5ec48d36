#include "tests/support/chat_services/chat_service.h"

#include <algorithm>
#include <stdexcept>

#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

namespace support {

ChatService::ChatService() = default;
ChatService::~ChatService() = default;

void ChatService::open() {
  base::HttpServer::Options options;
  options.max_body_bytes = 32 * 1024 * 1024;
  server_ = std::make_unique<base::HttpServer>(
      options, [this](const base::HttpRequest& request) { return take(request); });
  server_->start();
}

void ChatService::close() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  server_.reset();
}

std::string ChatService::url() const {
  return loopback_url(server_->port());
}

void ChatService::behave(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviours_.push_back(std::move(behaviour));
}

base::HttpResponse ChatService::take(const base::HttpRequest& request) {
  ServiceCall call{request, 200, std::chrono::steady_clock::now()};
  std::unique_lock lock(mutex_);
  const auto chosen = std::find_if(behaviours_.begin(), behaviours_.end(), [&](const Behaviour& b) {
    return b.times > 0 && (b.applies ? b.applies(call) : is_write(call));
  });
  base::HttpResponse response;
  if (chosen == behaviours_.end()) {
    response = answer(call);
  } else {
    --chosen->times;
    const auto behaviour = *chosen;
    if (behaviour.accepts) {
      response = answer(call);
    }
    if (behaviour.status != 200) {
      response = refusal(behaviour.status, behaviour.retry_after);
    }
    call.answered = response.status;
    calls_.push_back(call);
    changed_.notify_all();
    changed_.wait_for(lock, behaviour.delay, [this] { return ending_; });
    return response;
  }
  call.answered = response.status;
  calls_.push_back(call);
  changed_.notify_all();
  return response;
}

std::vector<ServiceCall> ChatService::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<Shown> ChatService::shown() const {
  const std::lock_guard lock(mutex_);
  return screen_;
}

std::vector<Shown> ChatService::answers() const {
  auto messages = shown();
  std::erase_if(messages, [this](const Shown& message) { return is_placeholder(message.text); });
  return messages;
}

bool ChatService::wait_until(const std::function<bool()>& condition,
                             std::chrono::milliseconds patience) const {
  return support::wait_until(condition, mutex_, changed_, patience);
}

Shown ChatService::wait_for(const std::function<bool(const Shown&)>& wanted,
                            std::chrono::milliseconds patience) const {
  std::optional<Shown> found;
  wait_until(
      [&] {
        for (const auto& message : shown()) {
          if (wanted(message)) {
            found = message;
          }
        }
        return found.has_value();
      },
      patience);
  if (!found) {
    std::string all = "no such message is shown; what is shown:";
    for (const auto& message : shown()) {
      all += "\n[" + message.chat + "] " + message.text;
    }
    throw std::runtime_error(all);
  }
  return *found;
}

Shown ChatService::wait_for_text(const std::string& part) const {
  return wait_for([&](const Shown& message) { return message.text.find(part) != std::string::npos; });
}

base::HttpResponse ChatService::tell(const Desk& desk, const base::HttpRequest& request) {
  base::HttpCall call;
  call.method = request.method;
  call.url = desk.url() + request.path;
  call.headers = request.headers;
  call.body = request.body;
  call.content_type = request.headers.get("content-type").value_or("application/json");
  call.deadline = call.read_timeout = std::chrono::seconds(20);
  return base::http_call(call);
}

}  // namespace support
