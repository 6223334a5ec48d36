// Local servers and proxies often know a handful of a service's methods and tell of a message no more than
// its number. What people see may not depend on the rest.
#include <algorithm>
#include <mutex>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "tests/support/chat_services/discord_service.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/chat_services/telegram_service.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

using nlohmann::json;
using support::Desk;
using support::Shown;

namespace {

using Button = std::pair<std::string, std::string>;

/// The buttons anywhere in a call, by the members that hold their label and their id.
void find_buttons(const json& value, const std::string& label, const std::string& id,
                  std::vector<Button>& found) {
  if (value.is_object() && value.contains(label) && value.contains(id)) {
    const auto& text = value[label];
    found.emplace_back(text.is_object() ? text.value("text", "") : text.get<std::string>(), value[id]);
  }
  for (const auto& member : value) {
    if (member.is_structured()) {
      find_buttons(member, label, id, found);
    }
  }
}

/// What differs between the services.
struct Dialect {
  std::function<bool(const base::HttpRequest&)> sends;
  std::function<bool(const base::HttpRequest&)> edits;
  std::function<json(const std::string& number)> message;  ///< how the API tells of it
  std::string button_label;
  std::string button_id;
  json anything;  ///< an answer without content that means success
};

Dialect telegram() {
  const auto is = [](const std::string& method) {
    return [method](const base::HttpRequest& request) { return request.path.ends_with("/" + method); };
  };
  return {is("sendMessage"),
          is("editMessageText"),
          [](const auto& number) {
            return json{{"ok", true}, {"result", {{"message_id", std::stoll(number)}}}};
          },
          "text",
          "callback_data",
          {{"ok", true}, {"result", true}}};
}

Dialect slack() {
  const auto is = [](const std::string& method) {
    return [method](const base::HttpRequest& request) { return request.path == "/" + method; };
  };
  return {is("chat.postMessage"),
          is("chat.update"),
          [](const auto& number) {
            return json{{"ok", true}, {"ts", "1795363400." + number}};
          },
          "text",
          "action_id",
          {{"ok", true}}};
}

Dialect discord() {
  return {[](const base::HttpRequest& request) {
            return request.method == "POST" && request.path.ends_with("/messages");
          },
          [](const base::HttpRequest& request) {
            return request.method == "PATCH" && request.path.find("/messages/") != std::string::npos;
          },
          [](const auto& number) {
            return json{{"id", number}};
          },
          "label",
          "custom_id",
          json::object()};
}

/// A server that knows how to send and how to change a message; the rest it does not know, or takes without a
/// word. Thread rule: any thread.
class SparseService {
 public:
  enum class Rest { unknown, taken };
  SparseService(Dialect dialect, Rest rest)
      : dialect_(std::move(dialect)),
        rest_(rest),
        server_({}, [this](const auto& request) { return take(request); }) {
    server_.start();
  }
  ~SparseService() { server_.stop(); }
  std::string url() const { return support::loopback_url(server_.port()); }

  /// The numbers of the sends and edits, in order, with their bodies.
  struct Write {
    std::string number;
    json body;
  };
  std::vector<Write> writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  int writes_with(const std::string& part) const {
    const auto all = writes();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Write& write) {
      return write.body.dump().find(part) != std::string::npos;
    }));
  }
  std::string transcript() const {
    std::string text;
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines_) {
      text += line + "\n";
    }
    return text;
  }
  Write wait_for(const std::string& part) const {
    Write found;
    const bool came = support::wait_until(
        [&] {
          for (const auto& write : writes()) {
            if (write.body.dump().find(part) != std::string::npos) {
              found = write;
              return true;
            }
          }
          return false;
        },
        support::kPatience);
    INFO(transcript());
    REQUIRE(came);
    return found;
  }

 private:
  base::HttpResponse take(const base::HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(request.method + " " + request.path + " " + request.body);
    base::HttpResponse response;
    const bool sends = dialect_.sends(request);
    if (sends || dialect_.edits(request)) {
      const auto number = std::to_string(100'000 + writes_.size());
      writes_.push_back({number, base::parse_json(request.body).value_or(json())});
      response.body = dialect_.message(number).dump();
    } else if (rest_ == Rest::taken) {
      response.body = dialect_.anything.dump();
    } else {
      response.status = 404;
      response.content_type = "text/plain";
      response.body = "not found";
    }
    return response;
  }

  const Dialect dialect_;
  const Rest rest_;
  mutable std::mutex mutex_;
  std::vector<Write> writes_;
  std::vector<std::string> lines_;
  base::HttpServer server_;
};

struct Telegram {
  support::TelegramService people{support::TelegramService::Transport::webhook};
  Dialect dialect = telegram();
  std::string chat = "1001";
};
struct Slack {
  support::SlackService people;
  Dialect dialect = slack();
  std::string chat = "D1001";
};
struct Discord {
  support::DiscordService people;
  Dialect dialect = discord();
  std::string chat = "71001";
};

template <typename Kind>
void converse(SparseService::Rest rest) {
  Kind kind;
  SparseService service(kind.dialect, rest);
  Desk desk{Desk::Claude::fake};
  kind.people.configure(desk);
  desk.config.set("chat.svc", "api_base_url", support::toml_text(service.url()));
  desk.start();
  desk.model.secretary("maybe", {support::propose("medium", "site")});
  const auto tell = [&](const base::HttpRequest& request) {
    REQUIRE(kind.people.tell(desk, request).status == 200);
  };

  tell(kind.people.message({"hello"}));
  service.wait_for("Answer to: hello");
  tell(kind.people.message({"maybe build it"}));
  const auto question = service.wait_for("\"" + kind.dialect.button_id + "\"");
  Shown shown;
  shown.id = question.number;
  shown.chat = kind.chat;
  find_buttons(question.body, kind.dialect.button_label, kind.dialect.button_id, shown.actions);
  tell(kind.people.click(shown, "Yes", "1001"));
  service.wait_for("Done: site.");
  const bool settled = support::wait_until(
      [&] { return desk.query("SELECT count(*) FROM outbox WHERE state IN ('new', 'attempted')") == "0"; },
      support::kPatience);
  INFO(service.transcript());
  CHECK(settled);
  CHECK(service.writes_with("Answer to: hello") == 1);
  CHECK(service.writes_with("Done: site.") == 1);
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE state = 'dead'") == "0");
}

}  // namespace

TEST_CASE_TEMPLATE("a server that knows only how to send and to change is enough", Kind, Telegram, Slack,
                   Discord) {
  converse<Kind>(SparseService::Rest::unknown);
}

TEST_CASE_TEMPLATE("a server that takes everything without a word is enough", Kind, Telegram, Slack,
                   Discord) {
  converse<Kind>(SparseService::Rest::taken);
}
