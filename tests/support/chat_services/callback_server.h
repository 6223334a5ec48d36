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

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "tests/support/chat_services/shown.h"
#include "tests/support/wait.h"

namespace support {

/// One call of the program to the receiver.
struct Callback {
  std::string id;  ///< webhook-id
  bool is_signed = false;
  int answered = 0;  ///< the status it got
  std::string raw;
  std::shared_ptr<const nlohmann::json> body;
  std::chrono::steady_clock::time_point at;

  std::string text(const char* key) const;  ///< a member of the body, empty where it is no text
};

/// The receiver of the generic platform. Records every call in order, checks its signature, and answers as it
/// is told. Thread rule: any thread.
class CallbackServer {
 public:
  explicit CallbackServer(std::string secret);
  ~CallbackServer();

  std::string url() const;

  /// How the calls that `applies` (all, if empty) are answered from now on: the next `times` with this.
  struct Behaviour {
    int times = 1;
    int status = 500;
    std::string retry_after = {};
    bool accepts = false;  ///< whether the call counts as received although the caller is not told
    std::chrono::milliseconds delay{0};
    std::function<bool(const Callback&)> applies = {};
  };
  void behave(Behaviour behaviour);
  /// For every call: the behaviour to use, or nothing. Replaces behave().
  void decide(std::function<std::optional<Behaviour>(const Callback&)> decider);

  /// Nobody listens any more, until come_back().
  void go_away();
  void come_back();
  /// Takes that many connections, reads a request from each and closes it without an answer, then comes back.
  /// Returns what was read.
  std::vector<std::string> hang_up(int times);

  std::vector<Callback> calls() const;
  std::vector<Callback> calls_of(const std::string& chat) const;
  /// What a receiver that drops repeated ids has on its screen.
  std::vector<Shown> shown() const;

  /// Waits for a call or until the time is over; false then.
  bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds patience) const;
  /// The shown message of which that is true; throws with all that came if none appears in time.
  Shown wait_for(const std::function<bool(const Shown&)>& wanted,
                 std::chrono::milliseconds patience = kPatience) const;
  std::string transcript() const;

 private:
  base::HttpResponse take(const base::HttpRequest& request);
  void listen(int port);

  const std::string secret_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ending_ = false;
  std::deque<Behaviour> behaviours_;
  std::function<std::optional<Behaviour>(const Callback&)> decider_;
  std::vector<Callback> calls_;
  std::vector<Callback> accepted_;
  int port_ = 0;
  std::unique_ptr<base::HttpServer> server_;
};

}  // namespace support
