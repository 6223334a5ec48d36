#pragma once

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/desk.h"

namespace support {

/// A desk with an admin, whose console is asked through its API.
class ConsoleDesk : public Desk {
 public:
  ConsoleDesk() : Desk(Claude::fake) {}

  void sign_in(const std::string& password = kAdminPassword, const std::string& name = "admin") {
    const auto answer = call("POST", "/login", "name=" + name + "&password=" + password,
                             {{"Content-Type", "application/x-www-form-urlencoded"}});
    const auto cookie = answer.headers.get("Set-Cookie").value_or("");
    REQUIRE_MESSAGE(!cookie.empty(), answer.body);
    cookie_ = cookie.substr(0, cookie.find(';'));
    csrf_ = json_text(ask("GET", "/me").body, "csrf");
  }

  base::HttpResponse ask(const std::string& method, const std::string& path,
                         const std::string& body = {}) const {
    base::HttpFields headers{{"Cookie", cookie_}};
    if (method != "GET") {
      headers.add("X-CSRF-Token", csrf_);
      headers.add("Content-Type", "application/json");
    }
    return call(method, "/api/v1" + path, body, headers);
  }
  nlohmann::json get(const std::string& path) const {
    const auto answer = ask("GET", path);
    REQUIRE_MESSAGE(answer.status == 200, path << ": " << answer.body);
    return json_of(answer.body);
  }
  base::HttpResponse post(const std::string& path, const nlohmann::json& body) const {
    return ask("POST", path, body.dump());
  }

 private:
  static std::string json_text(const std::string& body, const char* member) {
    const auto object = nlohmann::json::parse(body, nullptr, false);
    return object.is_object() ? object.value(member, "") : "";
  }

  std::string cookie_, csrf_;
};

}  // namespace support
