#include "bot/platforms/slack/catch_up.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/backoff.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/wait.h"
#include "bot/platforms/slack/calls.h"
#include "bot/platforms/slack/events.h"

namespace bot::slack {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// What was received last may have overtaken something else.
constexpr std::chrono::minutes kOverlap{5};
/// The methods that read conversations are of tier 3: 50 calls a minute, and some at once.
constexpr milliseconds kPause{1'200};
constexpr int kBurst = 10;
constexpr int kMostPages = 50;
constexpr milliseconds kLongestPause{10 * 60'000};
/// Where nothing is taken of this app until somebody mends its token.
constexpr milliseconds kAccessPause{60'000};
constexpr int kPageSize = 200;

/// Calls in Slack's pace, and again until Slack answers.
class Caller {
 public:
  Caller(const WebApi& api, std::stop_token stop) : api_(api), stop_(std::move(stop)) {}

  /// Throws base::PermanentError where only this call is refused, base::Stopped.
  json ask(const std::string& method, const WebApi::Arguments& arguments) {
    for (int failures = 1;; ++failures) {
      const auto pause = base::Backoff{kPause, kLongestPause}.pause(failures);
      if (++calls_ > kBurst) {
        wait(kPause);
      }
      try {
        return api_.ask(method, arguments, stop_);
      } catch (const base::TransientError& e) {
        note(method, e);
        wait(base::at_least(pause, e.retry_after));
      } catch (const Refusal& e) {
        if (!e.is_about_access()) {
          throw;
        }
        note(method, e);
        wait(std::max(pause, kAccessPause));
      }
    }
  }

 private:
  static void note(const std::string& method, const std::exception& e) {
    base::log_warning("{} is tried again later: {}", method, e.what());
  }

  void wait(milliseconds time) {
    if (!base::wait_for(time, stop_)) {
      throw base::Stopped();
    }
  }

  const WebApi& api_;
  const std::stop_token stop_;
  int calls_ = 0;
};

class CatchUp {
 public:
  CatchUp(const WebApi& api, chat::Receiver& receiver, base::Timestamp since, std::stop_token stop)
      : caller_(api, std::move(stop)),
        receiver_(receiver),
        since_(fmt::format("{:010}.000000", base::to_unix_ms(since) / 1000)) {}

  void run(const std::vector<store::Conversations::Use>& used) {
    bot_user_ = base::json_string(caller_.ask("auth.test", {}), "user_id").value_or("");
    std::set<std::string> channels;
    std::set<std::pair<std::string, std::string>> threads;
    for (const auto& use : used) {
      const auto target = chat::ChatAddress::parse(use.chat_id);
      channels.insert(target.chat);
      if (!target.thread.empty()) {
        threads.emplace(target.chat, target.thread);
      }
    }
    for (const auto& channel : channels) {
      read(channel, "");
    }
    for (const auto& [channel, thread] : threads) {
      read(channel, thread);
    }
    base::log_info("caught up with Slack; messages found: {}", found_);
  }

 private:
  void read(const std::string& channel, const std::string& thread) {
    try {
      const auto messages = messages_of(channel, thread);
      const auto ours = thread.empty() ? std::string() : ours_since(channel, messages);
      for (const auto& message : messages) {
        const auto ts = base::json_string(message, "ts").value_or("");
        // The first message of a thread stands in the channel, too.
        if (thread.empty() || (ts != thread && ts > since_ && ts >= ours)) {
          take(channel, message);
        }
      }
    } catch (const base::PermanentError& e) {
      base::log_warning("what was written to {} meanwhile cannot be read: {}", channel, e.what());
    }
  }

  /// When the bot was first named in the thread, or wrote there; what people said to each other before is
  /// not meant for it. Empty: from its beginning.
  std::string ours_since(const std::string& channel, const std::vector<json>& messages) const {
    for (const auto& message : messages) {
      try {
        const auto incoming = understood(channel, message);
        const bool by_bot = !bot_user_.empty() && base::json_string(message, "user") == bot_user_;
        if (by_bot || (incoming && incoming->addressed == chat::IncomingMessage::Addressed::always)) {
          return base::json_string(message, "ts").value_or("");
        }
      } catch (const chat::Refused&) {
        continue;
      }
    }
    return {};
  }

  /// The oldest first; a thread from its beginning.
  std::vector<json> messages_of(const std::string& channel, const std::string& thread) {
    WebApi::Arguments arguments = {{"channel", channel}, {"limit", std::to_string(kPageSize)}};
    if (thread.empty()) {
      arguments.emplace_back("oldest", since_);
    } else {
      arguments.emplace_back("ts", thread);
    }
    std::vector<json> messages;
    for (int page = 0; page < kMostPages; ++page) {
      const auto answer =
          caller_.ask(thread.empty() ? "conversations.history" : "conversations.replies", arguments);
      if (const auto* list = base::json_member(answer, "messages"); list != nullptr && list->is_array()) {
        messages.insert(messages.end(), list->begin(), list->end());
      }
      const auto* metadata = base::json_member(answer, "response_metadata");
      const auto cursor = metadata == nullptr ? "" : base::json_string(*metadata, "next_cursor").value_or("");
      if (cursor.empty()) {
        break;
      }
      std::erase_if(arguments, [](const auto& argument) { return argument.first == "cursor"; });
      arguments.emplace_back("cursor", cursor);
    }
    // Times are ten digits, a dot and six digits: their order is that of their text.
    std::stable_sort(messages.begin(), messages.end(), [](const json& a, const json& b) {
      return base::json_string(a, "ts").value_or("") < base::json_string(b, "ts").value_or("");
    });
    return messages;
  }

  std::optional<chat::IncomingMessage> understood(const std::string& channel, const json& message) const {
    return read_message(message,
                        {.channel = channel, .bot_user = bot_user_, .is_direct = is_direct_channel(channel)});
  }

  void take(const std::string& channel, const json& message) {
    std::optional<chat::IncomingMessage> incoming;
    try {
      incoming = understood(channel, message);
    } catch (const chat::Refused&) {
      return;
    }
    if (incoming) {
      incoming->external_id = incoming->twin_id;
      incoming->twin_id.clear();
      receiver_.take(*incoming);
      ++found_;
    }
  }

  Caller caller_;
  chat::Receiver& receiver_;
  const std::string since_;
  std::string bot_user_;
  int found_ = 0;
};

}  // namespace

std::string learn_bot(const WebApi& api, std::stop_token stop) {
  return base::json_string(Caller(api, std::move(stop)).ask("auth.test", {}), "user_id").value_or("");
}

void catch_up(const WebApi& api, chat::Receiver& receiver, const std::vector<store::Conversations::Use>& used,
              base::Timestamp now, std::stop_token stop) {
  if (used.empty()) {
    return;
  }
  const auto since = std::max(used.back().last - kOverlap, now - kLongestCatchUp);
  try {
    CatchUp(api, receiver, since, std::move(stop)).run(used);
  } catch (const base::Stopped&) {
    // The next start asks again.
  } catch (const std::exception& e) {
    base::log_warning("what was written on Slack meanwhile could not be read: {}", e.what());
    receiver.note_trouble(e.what());
  }
}

}  // namespace bot::slack
