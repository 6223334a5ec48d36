#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/http.h"
#include "tests/support/chat_services/callback_server.h"
#include "tests/support/program/desk.h"
#include "tests/support/wait.h"

namespace support {

/// One call of the program to a service's Web API.
struct ServiceCall {
  base::HttpRequest request;
  int answered = 0;  ///< the status it got
  std::chrono::steady_clock::time_point at;
};

/// A chat service as its users and its API see it: a loopback server that plays the Web API and keeps a
/// screen, and the webhook calls that the service would make. One subclass per service. Thread rule: any
/// thread.
class ChatService {
 public:
  ChatService();
  virtual ~ChatService();
  ChatService(const ChatService&) = delete;
  ChatService& operator=(const ChatService&) = delete;

  std::string url() const;

  /// Writes its section [chat.svc], with access for everybody, and the secrets it names.
  virtual void configure(Desk& desk) const = 0;

  struct Said {
    std::string text;
    std::string chat = {};  ///< as in the section's chat ids; empty: the direct chat of `user`
    std::string user = "1001";
    std::string id = {};  ///< of the event, as the service numbers it; empty: the next one
  };
  /// The call of the webhook for what a person wrote to the bot, with its proof of origin. The same `id`
  /// gives the same call.
  virtual base::HttpRequest message(const Said& said) = 0;
  /// The call for a click on that button of a message that is on the screen.
  virtual base::HttpRequest click(const Shown& message, const std::string& label,
                                  const std::string& user = "1001") = 0;
  /// The same call with a proof of origin that is wrong.
  virtual base::HttpRequest forged(base::HttpRequest request) const = 0;

  /// Whether the service shows a placeholder before the text of a message.
  virtual bool shows_placeholders() const { return false; }

  /// How the program is told: by a call of its webhook, and what it answered; else by the service's own way
  /// (then status 200).
  virtual base::HttpResponse tell(const Desk& desk, const base::HttpRequest& request);
  /// Whether the program is called at a webhook; else nobody may call in.
  virtual bool is_called() const { return true; }
  /// Whether the service can be told to answer badly: it is asked over the network.
  virtual bool is_remote() const { return true; }

  /// The messages of the bot that are on the screen, in order, with what they show now.
  virtual std::vector<Shown> shown() const;
  /// Those of which the text is more than a placeholder.
  std::vector<Shown> answers() const;
  /// The message of which that is true; throws with all that is shown if none appears in time.
  Shown wait_for(const std::function<bool(const Shown&)>& wanted,
                 std::chrono::milliseconds patience = kPatience) const;
  Shown wait_for_text(const std::string& part) const;

  /// How the calls that `applies` (all that change the screen, if empty) are answered from now on.
  struct Behaviour {
    int times = 1;
    int status = 500;                    ///< 200: the service's own answer, only late
    std::string retry_after = {};        ///< in seconds, as the service says it
    bool accepts = false;                ///< whether the call has its effect although the caller is not told
    std::chrono::milliseconds delay{0};  ///< before the answer
    std::function<bool(const ServiceCall&)> applies = {};
  };
  void behave(Behaviour behaviour);

  /// Whether the call changes what is on the screen.
  virtual bool is_write(const ServiceCall& call) const = 0;

  std::vector<ServiceCall> calls() const;
  bool wait_until(const std::function<bool()>& condition,
                  std::chrono::milliseconds patience = kPatience) const;

 protected:
  /// Carries the call out and answers it as the service would. Called with the lock held.
  virtual base::HttpResponse answer(const ServiceCall& call) = 0;
  /// A refusal as the service words it.
  virtual base::HttpResponse refusal(int status, const std::string& retry_after) const = 0;
  /// Whether the text is only a placeholder.
  virtual bool is_placeholder(const std::string& /*text*/) const { return false; }

  /// Called by the subclass's constructor and destructor: its answer() must exist while the server runs.
  void open();
  void close();

  /// Holds the lock: for what a test sets while the server runs.
  std::unique_lock<std::mutex> guard() const { return std::unique_lock(mutex_); }

  std::vector<Shown> screen_;  ///< under the lock

 private:
  base::HttpResponse take(const base::HttpRequest& request);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ending_ = false;
  std::deque<Behaviour> behaviours_;
  std::vector<ServiceCall> calls_;
  std::unique_ptr<base::HttpServer> server_;
};

}  // namespace support
