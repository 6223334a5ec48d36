#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "base/json.h"
#include "tests/support/program/desk.h"

namespace support {

/// The session of a person on the chat page, by its API.
class PageSession {
 public:
  explicit PageSession(const Desk& desk) : desk_(desk) {
    const auto login = desk.call("POST", "/login", std::string("password=") + Desk::kAdminPassword,
                                 {{"Origin", desk.url()}});
    cookie_ = login.headers.get("Set-Cookie").value_or("");
    cookie_ = cookie_.substr(0, cookie_.find(';'));
  }
  void say(const std::string& text, const std::string& id) const {
    desk_.call("POST", "/api/messages", base::dump_json({{"id", id}, {"chat", "main"}, {"text", text}}),
               {{"Origin", desk_.url()}, {"Cookie", cookie_}, {"Content-Type", "application/json"}});
  }
  void press(const std::string& action, const std::string& id) const {
    desk_.call("POST", "/api/actions", base::dump_json({{"id", id}, {"chat", "main"}, {"action", action}}),
               {{"Origin", desk_.url()}, {"Cookie", cookie_}, {"Content-Type", "application/json"}});
  }
  nlohmann::json state() const {
    return base::parse_json(desk_.call("GET", "/api/state?chat=main", {}, {{"Cookie", cookie_}}).body)
        .value_or(nlohmann::json());
  }
  const std::string& cookie() const { return cookie_; }

 private:
  const Desk& desk_;
  std::string cookie_;
};

/// A page that is open on the chat "main": what its event stream brings. Thread rule: any thread.
class OpenPage {
 public:
  OpenPage(int port, const std::string& cookie);
  ~OpenPage();
  OpenPage(const OpenPage&) = delete;
  OpenPage& operator=(const OpenPage&) = delete;

  struct Event {
    nlohmann::json data;
    std::chrono::steady_clock::time_point came;
  };
  std::vector<Event> events() const;
  /// The first event from `from` on of which that is true; an empty one after twenty seconds.
  Event wait_for(const std::function<bool(const nlohmann::json&)>& is_it, std::size_t from = 0);
  /// Waits for a text of a draft that holds `part`, put together of its pieces; returns all of it.
  std::string wait_for_draft(const std::string& part);
  Event wait_for_type(const std::string& type, std::size_t from = 0) {
    return wait_for([&](const auto& data) { return data.value("type", "") == type; }, from);
  }
  /// What a person sees of the draft now: the pieces since the last withdrawal or message that took its
  /// place.
  std::string draft() const;
  std::string html() const;

 private:
  void read(const std::stop_token& stop);

  int fd_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::jthread thread_;
};

}  // namespace support
