#include "bot/platforms/discord/setup.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/discord/commands.h"
#include "bot/platforms/shared/public_url.h"

namespace bot::discord {
namespace {

using nlohmann::json;
using Mark = chat::CheckResult::Mark;
using Repair = chat::Repair;

class Setup {
 public:
  Setup(Api& api, const Installation& installation, Repair repair)
      : api_(api), installation_(installation), repair_(repair) {}

  std::vector<chat::CheckResult> run() {
    try {
      if (application()) {
        address();
        endpoint();
        commands();
      }
    } catch (const std::exception& e) {
      add(Mark::failure, fmt::format("Discord cannot be asked: {}", e.what()));
    }
    return std::move(results_);
  }

 private:
  struct Answer {
    int status = 0;
    json body;
    bool good() const { return status >= 200 && status < 300; }
    std::string problem() const {
      return fmt::format(
          "status {}, {}", status,
          base::ellipsize(base::json_string(body, "message").value_or("no reason given"), 200));
    }
  };

  Answer call(const char* method, const std::string& path, const json& body = nullptr) const {
    Api::Call made{method, path, {}};
    made.body = body.is_null() ? std::string() : base::dump_json(body);
    const auto response = api_.request(made, {});
    return {response.status, base::parse_json(response.body).value_or(json())};
  }

  void add(Mark mark, std::string detail) { results_.push_back({mark, std::move(detail)}); }

  /// Whether the token is that of the application, so that more can be asked.
  bool application() {
    const auto answer = call("GET", "/applications/@me");
    if (answer.status == 401) {
      add(Mark::failure,
          "wrong bot_token: Discord does not accept it; the portal makes a new one under Bot > Reset Token");
      return false;
    }
    if (!answer.good()) {
      add(Mark::failure, "Discord did not tell about the application: " + answer.problem());
      return false;
    }
    const auto id = base::json_string(answer.body, "id").value_or("");
    if (id != api_.account().application_id) {
      add(Mark::failure, fmt::format("application_id is {}, but bot_token belongs to the application {}",
                                     api_.account().application_id, base::ellipsize(id, 30)));
      return false;
    }
    add(Mark::ok, fmt::format("bot_token is accepted for the application \"{}\"",
                              base::ellipsize(base::json_string(answer.body, "name").value_or(""), 100)));
    const auto key = base::json_string(answer.body, "verify_key").value_or("");
    if (key.empty()) {
      add(Mark::warning,
          "Discord does not tell its public key, so nobody can tell whether public_key is right");
    } else if (base::ascii_lower(key) != installation_.public_key) {
      add(Mark::failure, fmt::format("public_key is not the application's; Discord signs with {}",
                                     base::ellipsize(key, 70)));
    }
    endpoint_ = base::json_string(answer.body, "interactions_endpoint_url").value_or("");
    return true;
  }

  void address() {
    if (installation_.public_url.empty()) {
      return;
    }
    if (auto result = shared::check_public_url(installation_.public_url); result.mark != Mark::ok) {
      add(result.mark, result.detail);
    }
  }

  void endpoint() {
    if (installation_.public_url.empty()) {
      add(Mark::failure,
          fmt::format("server.public_url is not set, but Discord must reach /webhooks/{} by https; Discord "
                      "calls {}",
                      installation_.name, endpoint_.empty() ? "no address" : endpoint_));
      return;
    }
    const auto wanted = base::join_url(installation_.public_url, "/webhooks/" + installation_.name);
    if (endpoint_ == wanted) {
      add(Mark::ok, "Discord calls " + wanted);
    } else if (repair_ == Repair::yes) {
      const auto answer = call("PATCH", "/applications/@me", {{"interactions_endpoint_url", wanted}});
      answer.good() ? add(Mark::ok, "Discord calls " + wanted + " from now on")
                    : add(Mark::failure,
                          fmt::format("Discord does not take {} as its endpoint: {}. It calls that address "
                                      "at once, so the program must be running and reachable by https",
                                      wanted, answer.problem()));
    } else {
      add(Mark::failure,
          fmt::format("Discord calls {} instead of {}; enter it in the portal under General Information > "
                      "Interactions Endpoint URL, or run frontdesk doctor --fix while the program runs",
                      endpoint_.empty() ? "no address" : endpoint_, wanted));
    }
  }

  void commands() {
    const auto path = "/applications/" + api_.account().application_id +
                      (installation_.guild_id.empty() ? "" : "/guilds/" + installation_.guild_id) +
                      "/commands";
    const auto where = installation_.guild_id.empty() ? std::string("everywhere")
                                                      : "in the server " + installation_.guild_id;
    auto registered = call("GET", path);
    if (registered.good() && same_commands(registered.body)) {
      add(Mark::ok, "the commands are registered " + where);
    } else if (!registered.good()) {
      add(Mark::failure, fmt::format("the commands {} are not to be seen: {}{}", where, registered.problem(),
                                     registered.status == 403 || registered.status == 404
                                         ? "; is guild_id right, and is the application in that server with "
                                           "the scope applications.commands?"
                                         : ""));
    } else if (repair_ == Repair::yes) {
      const auto answer = call("PUT", path, commands_json());
      answer.good() ? add(Mark::ok, "the commands are registered " + where + " now")
                    : add(Mark::failure, "Discord did not take the commands: " + answer.problem());
    } else {
      add(Mark::failure,
          fmt::format(
              "the commands are not registered {}, or not as they are now; run frontdesk doctor --fix",
              where));
    }
  }

  Api& api_;
  const Installation& installation_;
  const Repair repair_;
  std::string endpoint_;
  std::vector<chat::CheckResult> results_;
};

}  // namespace

std::vector<chat::CheckResult> check_setup(Api& api, const Installation& installation, chat::Repair repair) {
  return Setup(api, installation, repair).run();
}

}  // namespace bot::discord
