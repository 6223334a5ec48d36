#pragma once

#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "store/outbox.h"

namespace bot {

/// Something that a person wrote or clicked, as the platform told it.
struct Incoming {
  std::string external_id;  ///< the platform's id of it; repeats are dropped by it
  std::string chat_id;
  std::string user_id;
  std::string user_name;
  std::string text;
  std::optional<std::string> button;  ///< a click: the id of the button
};

/// A webhook call that is refused. `status` is the HTTP status, what() the sentence in the answer.
class Refused : public std::runtime_error {
 public:
  Refused(int code, const std::string& sentence) : std::runtime_error(sentence), status(code) {}
  int status;
};

/// A chat service, spoken to through one [chat.<name>] section. One .cpp per platform; the table is in
/// chat_platforms.cpp. Thread rule: all functions may be called from several threads at once.
class ChatPlatform {
 public:
  virtual ~ChatPlatform() = default;

  struct Received {
    std::vector<Incoming> incoming;
    base::HttpResponse response;  ///< what the caller gets once all of it is stored
  };

  /// Verifies and parses a call of `POST /webhooks/<name>`. No I/O. Throws Refused.
  virtual Received receive(const base::HttpRequest& request, base::Timestamp now) const = 0;

  /// Makes the call and returns the platform's id of the message (may be empty). The call's key is the same
  /// at every attempt. Throws base::TransientError, base::PermanentError, or base::Stopped.
  virtual std::string deliver(const store::OutgoingCall& call, base::Timestamp now, std::stop_token stop) = 0;

  /// Shows, where the platform can, that an answer is being thought about, or no longer.
  enum class Presence { thinking, idle };
  virtual void show_presence(const std::string& /*chat_id*/, Presence /*presence*/) {}

  /// Whether delivering needs nothing outside this process, so that it never has to wait.
  virtual bool is_local() const { return false; }
};

/// "d-17", the form in which a dispatch is named to people and platforms.
std::string dispatch_name(store::DispatchId id);

}  // namespace bot
