// The real program dies at every named step of a message's way, with each chat service, and keeps its
// promise.
#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <signal.h>

#include "base/crash_point.h"
#include "tests/support/chat_services/discord_service.h"
#include "tests/support/chat_services/generic_service.h"
#include "tests/support/chat_services/mattermost_service.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/chat_services/telegram_service.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using base::CrashPoint;
using support::ChatService;
using support::contains;
using support::Desk;
using support::Shown;

namespace {

constexpr std::array kOfReminders = {CrashPoint::reminder_claimed, CrashPoint::reminder_settling,
                                     CrashPoint::reminder_settled};

/// One message that was on its way when the program died.
struct Sent {
  ChatService::Said said;
  bool acknowledged = false;
  bool is_task() const { return contains(said.text, "build"); }
};

/// A desk with one chat of that service. The life in which the program dies at one point is the one in which
/// it makes good what its death at the point before has left.
class Points {
 public:
  explicit Points(ChatService& service) : service_(service) {
    service.configure(desk_);
    desk_.model.secretary("surely", {support::propose("high", "site")});
    for (const auto point : kOfReminders) {
      const auto text = "remind me of " + std::string(base::to_string(point));
      desk_.model.secretary(text, {support::remind("the way of " + std::string(base::to_string(point)),
                                                   std::chrono::seconds(1)),
                                   support::say("Answer to: " + text)});
    }
  }

  void die_at(CrashPoint point) {
    desk_.environment["FRONTDESK_CRASH_AT"] = std::string(base::to_string(point));
    desk_.launch();
    desk_.use_port(desk_.program->wait_for_port());
    if (desk_.port() != 0) {
      send_again();
      sent_.push_back({message_for(point), false});
      send(sent_.back());
    }
    // What needs a person comes to an end only with one.
    const bool died = support::wait_until(
        [&] { return press_buttons(), desk_.program->wait(std::chrono::milliseconds(0)).has_value(); },
        support::kPatience);
    INFO(desk_.program->log());
    REQUIRE(died);
    CHECK(desk_.stop(SIGKILL) == 128 + SIGKILL);
  }

  void come_to_an_end() {
    desk_.environment.erase("FRONTDESK_CRASH_AT");
    desk_.start();
    send_again();
    const bool ended = support::wait_until(
        [&] {
          press_buttons();
          return desk_.query("SELECT count(*) FROM jobs") == "0" &&
                 desk_.query("SELECT count(*) FROM dispatches WHERE state <> 'finished'") == "0";
        },
        std::chrono::seconds(60));
    INFO(desk_.program->log());
    CHECK(ended);
  }

  /// Each was answered, and none twice.
  void check_promise() {
    int tasks = 0;
    for (const auto& sent : sent_) {
      CAPTURE(sent.said.text);
      CHECK(sent.acknowledged);
      if (sent.is_task()) {
        ++tasks;
      } else {
        CHECK(shown_with("Answer to: " + sent.said.text) == 1);
      }
    }
    // What took longer than half a minute, or asked something, is told by a message of its own, too: an edit
    // notifies nobody, and stands above the question.
    const int told_again = std::stoi(
        desk_.query("SELECT count(*) FROM dispatches d WHERE finished_at - created_at > 29000 OR EXISTS "
                    "(SELECT 1 FROM approvals a WHERE a.dispatch_id = d.id)"));
    for (const auto point : kOfReminders) {
      const auto text = "remind me of " + std::string(base::to_string(point));
      const bool ordered =
          std::any_of(sent_.begin(), sent_.end(), [&](const Sent& sent) { return sent.said.text == text; });
      CHECK(shown_with("Reminder: the way of " + std::string(base::to_string(point))) == (ordered ? 1 : 0));
    }
    CHECK(shown_with("Done: site") >= tasks);
    CHECK(shown_with("Done: site") <= tasks + told_again);
    CHECK(desk_.query("SELECT count(*) FROM dispatches") == std::to_string(tasks));
    CHECK(desk_.query("SELECT count(*) FROM dispatches WHERE outcome = 'success'") == std::to_string(tasks));
    CHECK(desk_.query("SELECT count(*) FROM messages WHERE author = 'user' AND button IS NULL AND id NOT IN "
                      "(SELECT message_id FROM decisions)") == "0");
    CHECK(desk_.query("SELECT count(*) FROM outbox WHERE state <> 'delivered'") == "0");
    CHECK_FALSE(contains(support::read_text(desk_.folder() / "claude.journal"), "OVERLAP"));
    // Nobody can tell whether a placeholder arrived when the program died behind its call: then there is
    // another one, and it is counted.
    const auto left = service_.shown().size() - service_.answers().size();
    CHECK(left <= std::stoul("0" + desk_.query("SELECT sum(doubtful) FROM pieces")));
    CHECK(desk_.query("SELECT count(*) FROM pieces WHERE state = 'uncertain'") == "0");
  }

 private:
  ChatService::Said message_for(CrashPoint point) {
    const auto name = std::string(base::to_string(point));
    const auto text = name.starts_with("approval") ? "surely build it with leave: "
                      : name.starts_with("run")    ? "surely build it: "
                      : name.starts_with("remind") ? "remind me of "
                                                   : "what of ";
    const auto n = 2001 + sent_.size();
    return {.text = text + name, .user = std::to_string(n), .id = "m-" + std::to_string(n)};
  }

  void send(Sent& sent) {
    try {
      sent.acknowledged = service_.tell(desk_, service_.message(sent.said)).status / 100 == 2;
    } catch (const base::HttpError&) {
      // It died meanwhile, and the service sends it again.
    }
  }

  void send_again() {
    for (auto& sent : sent_) {
      if (!sent.acknowledged) {
        send(sent);
      }
    }
  }

  /// Allows what is asked. Where the chat does not tell whose task it is, the others who press are refused.
  void press_buttons() {
    for (const auto& shown : service_.shown()) {
      if (shown.action("Allow once").empty()) {
        continue;
      }
      for (const auto& sent : sent_) {
        const bool may_be_asked = contains(shown.chat, "/") || contains(shown.chat, sent.said.user);
        if (may_be_asked && contains(sent.said.text, "with leave")) {
          press(shown, sent.said.user);
        }
      }
    }
  }

  void press(const Shown& shown, const std::string& user) {
    try {
      if (!pressed_.contains(shown.id + user) &&
          service_.tell(desk_, service_.click(shown, "Allow once", user)).status / 100 == 2) {
        pressed_.insert(shown.id + user);
      }
    } catch (const std::runtime_error&) {
      // It died meanwhile, or took the button away.
    }
  }

  int shown_with(const std::string& part) const {
    const auto shown = service_.answers();
    return static_cast<int>(std::count_if(
        shown.begin(), shown.end(), [&](const Shown& message) { return contains(message.text, part); }));
  }

  ChatService& service_;
  Desk desk_{Desk::Claude::fake};
  std::vector<Sent> sent_;
  std::set<std::string> pressed_;
};

/// All, without those that the service's calls do not come by, nor an answer that is there at once (they are
/// in draft_test.cpp).
void die_at_every_point(ChatService& service, std::set<CrashPoint> missing = {},
                        bool with_reminders = false) {
  missing.insert({CrashPoint::draft_begun, CrashPoint::draft_sent});
  Points points(service);
  for (int n = 0; n <= static_cast<int>(CrashPoint::recovered); ++n) {
    const auto point = static_cast<CrashPoint>(n);
    CAPTURE(base::to_string(point));
    // Nothing of a reminder is the service's but its delivery.
    const bool is_of_reminder =
        std::find(kOfReminders.begin(), kOfReminders.end(), point) != kOfReminders.end();
    if (!missing.contains(point) && (with_reminders || !is_of_reminder)) {
      points.die_at(point);
    }
  }
  points.come_to_an_end();
  points.check_promise();
}

}  // namespace

TEST_CASE("killed at each step, it keeps its promise to a receiver that keeps keys" * doctest::timeout(300)) {
  support::GenericService service;
  // A call is one part, and its key is what is kept of it.
  die_at_every_point(service, {CrashPoint::part_kept}, true);
}

TEST_CASE("killed at each step, it keeps its promise to Slack, which can be asked" * doctest::timeout(300)) {
  support::SlackService service;
  die_at_every_point(service);
}

TEST_CASE("killed at each step, it keeps its promise to Mattermost, which can be asked" *
          doctest::timeout(300)) {
  support::MattermostService service;
  die_at_every_point(service);
}

TEST_CASE("killed at each step, it keeps its promise to Telegram, whose placeholders are edited" *
          doctest::timeout(300)) {
  support::TelegramService service;
  die_at_every_point(service);
}

TEST_CASE("killed at each step, it keeps its promise to Discord, which keeps keys for a while" *
          doctest::timeout(300)) {
  support::DiscordService service;
  die_at_every_point(service);
}
