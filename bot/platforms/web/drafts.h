#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "bot/chat/capabilities.h"

namespace bot::web_chat {

/// The answers that are being written in the chats of the page, one a chat, in memory alone. The first words
/// are told at once, what follows at a pace that falls with the length of the answer, since each event has
/// all of it as HTML. Thread rule: any thread.
class Drafts {
 public:
  /// Tells every page of that chat; must not block.
  using Publish = std::function<void(const std::string& chat_id, const std::string& json)>;

  explicit Drafts(Publish publish);
  ~Drafts();
  Drafts(const Drafts&) = delete;
  Drafts& operator=(const Drafts&) = delete;

  /// More of the answer to that message.
  void add(const std::string& chat_id, store::MessageId answered, std::string_view text);
  /// The draft is no answer; pages are told where they have seen some of it.
  void withdraw(const std::string& chat_id, store::MessageId answered);
  /// The answer to that message is there: tells the pages `event` with the draft's number in it, so that it
  /// takes its place. Nothing of the draft is told behind it.
  void settle(const std::string& chat_id, store::MessageId answered, const std::string& event);
  /// {"turn","n","text","html"}: all of it so far; empty where there is none.
  std::string state(const std::string& chat_id);

 private:
  using Steady = std::chrono::steady_clock;
  struct Draft {
    store::MessageId answered;
    std::string text;
    std::size_t told = 0;  ///< bytes of it that the pages have
    Steady::time_point next = {};
  };
  void tell(const std::string& chat_id, Draft& draft);
  void work(const std::stop_token& stop);

  const Publish publish_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Draft> drafts_;
  std::int64_t events_ = 0;
  std::jthread thread_;
};

}  // namespace bot::web_chat
