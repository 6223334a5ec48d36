#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace bot::shared {

/// A thread for the calls to a chat service that are nice to have and must hold up nobody: "is typing", which
/// has to be repeated, and small acknowledgements. What fails is dropped. Thread rule: any thread.
class TypingIndicator {
 public:
  using Call = std::function<void(std::stop_token)>;

  /// `show` is made at once and again each `repeat` for a chat in which an answer is being thought about.
  /// Without a repeat of its own it is made once.
  TypingIndicator(std::function<void(const std::string& chat_id, std::stop_token)> show,
                  std::chrono::milliseconds repeat);
  ~TypingIndicator();
  TypingIndicator(const TypingIndicator&) = delete;
  TypingIndicator& operator=(const TypingIndicator&) = delete;

  /// Counted: two answers in one chat end with the second idle().
  void thinking(const std::string& chat_id);
  void idle(const std::string& chat_id);
  /// Soon, in order; dropped where too many wait.
  void soon(Call call);

 private:
  using Steady = std::chrono::steady_clock;
  void work(std::stop_token stop);

  const std::function<void(const std::string&, std::stop_token)> show_;
  const std::chrono::milliseconds repeat_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  struct Thought {
    int count = 0;
    Steady::time_point next;
  };
  std::map<std::string, Thought> thoughts_;
  std::deque<Call> calls_;
  bool news_ = false;  ///< since the thread looked last
  std::jthread thread_;
};

}  // namespace bot::shared
