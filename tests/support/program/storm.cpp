#include "tests/support/program/storm.h"

#include <algorithm>
#include <thread>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/json.h"
#include "tests/support/text.h"

namespace support {
namespace {

constexpr int kChats = 8;
constexpr int kKinds = 8;
constexpr int kMessagesPerLife = 6;
constexpr int kMostLifeMs = 160;  ///< after it listens
constexpr std::chrono::seconds kCalm{90};

enum class Kind { answer, question, task, task_with_leave };

Kind kind_of(int n) {
  switch (n % kKinds) {
    case 3:
      return Kind::question;
    case 5:
      return Kind::task;
    case 7:
      return Kind::task_with_leave;
    default:
      return Kind::answer;
  }
}

std::string text_of(int n) {
  switch (kind_of(n)) {
    case Kind::question:
      return fmt::format("maybe build it, m-{}", n);
    case Kind::task:
      return fmt::format("surely build it, m-{}", n);
    case Kind::task_with_leave:
      return fmt::format("surely build it with leave, m-{}", n);
    case Kind::answer:
      return fmt::format("question m-{}", n);
  }
  return {};
}

bool is_result(const Callback& call) {
  return !call.text("dispatch_id").empty() && call.text("text").starts_with("**");
}

bool is_apology(const std::string& text) {
  return contains(text, "I could not answer this") || contains(text, "I gave this up") ||
         contains(text, "that I cannot show you");
}

}  // namespace

StormCount& StormCount::operator+=(const StormCount& other) {
  messages += other.messages;
  kills += other.kills;
  lost += other.lost;
  given_up += other.given_up;
  duplicates += other.duplicates;
  uncertain += other.uncertain;
  double_runs += other.double_runs;
  orphans += other.orphans;
  return *this;
}

std::string StormCount::text() const {
  return fmt::format(
      "{} messages, {} kills, {} lost, {} given up, {} duplicates, {} uncertain, {} double runs, {} orphans",
      messages, kills, lost, given_up, duplicates, uncertain, double_runs, orphans);
}

Storm::Storm(unsigned seed) : random_(seed), desk_(Desk::Claude::fake), way_(desk_.callbacks.url(), seed) {
  desk_.config.set("chat.ops", "callback_url", toml_text(way_.url()));
  desk_.model.secretary("surely", {propose("high", "site")});
  desk_.model.secretary("maybe", {propose("medium", "site")});
  write_text(desk_.folder() / "claude.work", "0.05");
}

bool Storm::send(const Desk::Message& message) {
  try {
    return desk_.post(Desk::message_body(message)).status == 200;
  } catch (const base::HttpError&) {
    return false;
  }
}

/// What was not acknowledged is sent again first, as a platform does; now and then a message comes twice, and
/// chats overtake each other.
bool Storm::send_next() {
  const int n = sent_;
  const auto chat = fmt::format("c-{}", random_() % kChats);
  const auto waiting = unacknowledged_.find(chat);
  Desk::Message message =
      waiting != unacknowledged_.end()
          ? waiting->second
          : Desk::Message{text_of(n), chat, fmt::format("u-{}", n), fmt::format("m-{}", n)};
  sent_ += waiting == unacknowledged_.end() ? 1 : 0;
  if (!send(message)) {
    unacknowledged_[chat] = message;
    return false;
  }
  unacknowledged_.erase(chat);
  acknowledged_.push_back(message);
  return random_() % 10 != 0 || send(message);
}

bool Storm::press_buttons() {
  for (const auto& shown : desk_.callbacks.shown()) {
    for (const char* label : {"Yes", "Allow once"}) {
      const auto action = shown.action(label);
      if (action.empty() || pressed_.contains(action)) {
        continue;
      }
      const auto user = shown.reply_to.empty() ? "u-0" : "u" + shown.reply_to.substr(1);
      const auto body = base::dump_json({{"type", "action"},
                                         {"message_id", "click-" + action},
                                         {"chat_id", shown.chat},
                                         {"user_id", user},
                                         {"action_id", action}});
      try {
        if (desk_.post(body).status != 200) {
          return false;
        }
      } catch (const base::HttpError&) {
        return false;
      }
      pressed_.insert(action);
    }
  }
  return true;
}

void Storm::live_and_die() {
  desk_.launch();
  const std::chrono::milliseconds life(random_() % kMostLifeMs);
  // Some die before they have recovered what the last one left.
  if (random_() % 8 == 0) {
    std::this_thread::sleep_for(life);
  } else {
    desk_.use_port(desk_.program->wait_for_port());
    const std::jthread killer([&, pid = desk_.program->pid()] {
      std::this_thread::sleep_for(life);
      ::kill(pid, SIGKILL);
    });
    for (int i = 0; i < kMessagesPerLife && send_next() && press_buttons(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 30));
    }
  }
  desk_.stop(SIGKILL);
  ++kills_;
}

bool Storm::is_over() const {
  return desk_.query("SELECT count(*) FROM dispatches WHERE state <> 'finished'") == "0" &&
         desk_.query("SELECT count(*) FROM jobs WHERE kind <> 'question'") == "0" &&
         desk_.query("SELECT count(*) FROM decisions WHERE question = 'open'") == "0";
}

StormCount Storm::run(int kills) {
  for (int kill = 0; kill < kills; ++kill) {
    live_and_die();
  }
  way_.become_reliable();
  desk_.start();
  while (!unacknowledged_.empty()) {
    send_next();
  }
  wait_until(
      [&] {
        press_buttons();
        return is_over();
      },
      kCalm);
  return count();
}

void Storm::count_answers(StormCount& counted) const {
  std::map<std::string, std::set<std::string>> answers;
  std::map<std::string, std::string> bodies;
  for (const auto& call : desk_.callbacks.calls()) {
    counted.duplicates += bodies.emplace(call.id, call.raw).first->second == call.raw ? 0 : 1;
    const auto text = call.text("text");
    const bool asks_leave = contains(text, "wants to run this command");
    const bool tells_of_cuts = contains(text, "interrupted ten times");
    if (call.text("type") == "message" && !is_result(call) && !asks_leave && !tells_of_cuts) {
      answers[call.text("reply_to")].insert(call.id);
    }
    counted.given_up += call.text("type") == "message" && is_apology(text) ? 1 : 0;
  }
  for (const auto& message : acknowledged_) {
    const auto found = answers.find(message.id);
    counted.lost += found == answers.end() ? 1 : 0;
    counted.duplicates += found != answers.end() && found->second.size() > 1 ? 1 : 0;
  }
}

StormCount Storm::count() const {
  StormCount counted;
  counted.kills = kills_;
  counted.messages = static_cast<int>(acknowledged_.size());
  count_answers(counted);
  const auto number = [&](const std::string& sql) { return std::atoi(desk_.query(sql).c_str()); };
  counted.given_up += number("SELECT count(*) FROM outbox WHERE state = 'dead'");
  counted.given_up += number("SELECT count(*) FROM dispatches WHERE coalesce(outcome, '') <> 'success'");
  counted.given_up += number("SELECT count(*) FROM decisions WHERE became = 'failed'");
  counted.uncertain = number("SELECT count(*) FROM pieces WHERE state = 'uncertain' OR doubtful > 0");
  const auto tasks =
      std::count_if(acknowledged_.begin(), acknowledged_.end(),
                    [](const Desk::Message& message) { return contains(message.text, "build"); });
  counted.double_runs += std::abs(number("SELECT count(*) FROM dispatches") - static_cast<int>(tasks));
  counted.double_runs += static_cast<int>(count_of(read_text(desk_.folder() / "claude.journal"), "OVERLAP"));
  counted.double_runs += number(
      "SELECT count(*) FROM (SELECT 1 FROM decisions WHERE follows_id IS NULL GROUP BY message_id HAVING count(*) > 1)");
  counted.orphans += number("SELECT count(*) FROM jobs WHERE kind <> 'question'");
  desk_.program->signal(SIGKILL);
  desk_.program->wait(kPatience);
  if (!wait_until([&] { return desk_.specialist_processes().empty(); })) {
    counted.orphans += static_cast<int>(desk_.specialist_processes().size());
  }
  return counted;
}

}  // namespace support
