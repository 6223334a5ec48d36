// SIGKILL at many moments while messages come in, are answered and handed to the specialist.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>

#include "base/guarded.h"
#include "tests/support/program/desk.h"

using support::Callback;
using support::CallbackServer;
using support::Desk;

namespace {

constexpr int kKills = 25;
constexpr int kChats = 6;
constexpr int kMessagesPerLife = 10;
constexpr int kMostLifeMs = 700;

/// Random, but the same again with FRONTDESK_CRASH_SEED.
unsigned seed() {
  const char* given = std::getenv("FRONTDESK_CRASH_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

/// Sends messages one after the other; what was not acknowledged is sent again, as a platform does.
class Sender {
 public:
  explicit Sender(Desk& desk) : desk_(desk) {}

  /// Returns whether the message was acknowledged.
  bool send_next() {
    const auto n = acknowledged_.size();
    Desk::Message message;
    message.id = "m-" + std::to_string(n);
    message.chat = "c-" + std::to_string(n % kChats);
    message.user = "u-" + std::to_string(n);  // what one person sends meanwhile is answered together
    message.text = (n % 5 == 4 ? "surely build it, " : "question ") + message.id;
    try {
      if (desk_.post(Desk::message_body(message)).status != 200) {
        return false;
      }
    } catch (const base::HttpError&) {
      return false;
    }
    builds_ += n % 5 == 4 ? 1 : 0;
    acknowledged_.push_back(message);
    return true;
  }

  const std::vector<Desk::Message>& acknowledged() const { return acknowledged_; }
  int builds() const { return builds_; }

 private:
  Desk& desk_;
  std::vector<Desk::Message> acknowledged_;
  int builds_ = 0;
};

/// A receiver that takes a call for good, but now and then does not say so.
class Forgetful {
 public:
  explicit Forgetful(unsigned start) : random_(start) {}

  std::optional<CallbackServer::Behaviour> operator()(const Callback& call) {
    const bool first = seen_.insert(call.id).second;
    if (first && random_() % 100 < 15) {
      return CallbackServer::Behaviour{.status = 500, .accepts = true};
    }
    return std::nullopt;
  }

 private:
  std::mt19937 random_;
  std::set<std::string> seen_;
};

/// The messages, without repeats, that answer each message_id. The result of a long run is a message beside
/// its note, and no second answer.
std::map<std::string, std::vector<std::string>> answers(const Desk& desk) {
  std::map<std::string, std::vector<std::string>> found;
  std::set<std::string> seen;
  for (const auto& call : desk.callbacks.calls()) {
    const bool result = !call.text("dispatch_id").empty() && call.text("text").starts_with("**");
    if (call.text("type") == "message" && !result && seen.insert(call.id).second) {
      found[call.text("reply_to")].push_back(call.id);
    }
  }
  return found;
}

void check_calls(const Desk& desk) {
  std::map<std::string, std::string> bodies;
  for (const auto& call : desk.callbacks.calls()) {
    CHECK(call.is_signed);
    CHECK(bodies.emplace(call.id, call.raw).first->second == call.raw);
  }
}

/// In each chat the first answers came in the order of the messages.
void check_order(const Desk& desk, const std::vector<Desk::Message>& messages) {
  std::map<std::string, std::vector<std::string>> expected, seen;
  for (const auto& message : messages) {
    expected[message.chat].push_back(message.id);
  }
  for (const auto& call : desk.callbacks.calls()) {
    auto& order = seen[call.text("chat_id")];
    if (const auto to = call.text("reply_to");
        !to.empty() && std::find(order.begin(), order.end(), to) == order.end()) {
      order.push_back(to);
    }
  }
  CHECK(seen == expected);
}

/// Starts the program, sends messages while it lives, and kills it at a random moment.
void live_and_die(Desk& desk, Sender& sender, std::mt19937& random) {
  const std::chrono::milliseconds life(random() % kMostLifeMs);
  desk.launch();
  const auto until = std::chrono::steady_clock::now() + life;
  const std::jthread killer([&, pid = desk.program->pid()] {
    std::this_thread::sleep_until(until);
    ::kill(pid, SIGKILL);
  });
  desk.use_port(desk.program->wait_for_port());
  for (int i = 0; desk.port() != 0 && i < kMessagesPerLife && sender.send_next(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
  }
  REQUIRE(desk.program->wait(support::kPatience) == 128 + SIGKILL);
}

}  // namespace

TEST_CASE("whatever the moment of a kill, each acknowledged message is answered exactly once" *
          doctest::timeout(110)) {
  const auto start = seed();
  INFO("FRONTDESK_CRASH_SEED=", start);
  MESSAGE("FRONTDESK_CRASH_SEED=" << start);
  std::mt19937 random(start);
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("surely", {support::propose("high", "site")});
  support::write_text(desk.folder() / "claude.work", "0.15");
  Forgetful forgetful(start);
  desk.callbacks.decide([&](const Callback& call) { return forgetful(call); });
  Sender sender(desk);

  for (int kill = 0; kill < kKills; ++kill) {
    live_and_die(desk, sender, random);
  }

  desk.start();
  REQUIRE(sender.send_next());  // again, should the kill have come between storing and acknowledging
  while (sender.acknowledged().size() < 3 * kChats) {
    REQUIRE(sender.send_next());
  }
  const auto all_answered = [&] {
    const auto found = answers(desk);
    return std::all_of(sender.acknowledged().begin(), sender.acknowledged().end(),
                       [&](const auto& message) { return found.contains(message.id); }) &&
           desk.query("SELECT count(*) FROM dispatches WHERE state <> 'finished'") == "0" &&
           desk.query("SELECT count(*) FROM jobs") == "0";
  };
  CHECK(desk.callbacks.wait_until(all_answered, std::chrono::seconds(60)));
  MESSAGE(sender.acknowledged().size() << " messages, " << sender.builds() << " dispatches, "
                                       << desk.callbacks.calls().size() << " calls");

  const auto found = answers(desk);
  for (const auto& message : sender.acknowledged()) {
    INFO(message.id);
    CHECK(found.contains(message.id));
  }
  for (const auto& answered : found) {
    INFO(answered.first);
    CHECK(answered.second.size() == 1);
  }
  CHECK(found.size() == sender.acknowledged().size());
  check_calls(desk);
  check_order(desk, sender.acknowledged());
  CHECK(desk.query("SELECT count(*) FROM dispatches") == std::to_string(sender.builds()));
  for (const auto& shown : desk.callbacks.shown()) {
    INFO(shown.text);
    CHECK((shown.dispatch.empty() || shown.text.starts_with("**")));
  }
  CHECK(support::read_text(desk.folder() / "claude.journal").find("OVERLAP") == std::string::npos);
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(support::wait_until([&] { return desk.specialist_processes().empty(); }));
}
