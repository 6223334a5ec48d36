#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bot/chat/errors.h"
#include "bot/chat/incoming_message.h"
#include "store/message_parts.h"
#include "store/outbox.h"

namespace bot::chat {

/// What the rest of the program has to know of a service.
struct Features {
  /// What is written before the word of a command.
  std::string_view command_prefix = "/";
  /// Whether a Post may carry a file.
  bool sends_files = false;
  /// Whether people can open the files of a project where the chat is shown.
  bool opens_files = false;
  /// Whether delivering needs nothing outside this process, so that it never has to wait.
  bool is_local = false;
  /// Whether a chat there is one of several that are all of one person.
  bool chats_are_personal = false;
};

/// A chat service, spoken to through one [chat.<name>] section. What is here every service has; what a
/// service can besides is an interface of its own in capabilities.h, from which its class inherits too.
/// Thread rule: all functions, those of the capabilities as well, may be called from several threads at once.
class Platform {
 public:
  virtual ~Platform() = default;

  /// Makes the call and returns the platform's id of the message (may be empty). The call's key is the same
  /// at every attempt; `parts` keeps what earlier attempts achieved. Throws base::TransientError, Moved,
  /// base::PermanentError, RateLimited, or base::Stopped.
  virtual std::string deliver(const store::OutgoingCall& call, store::MessageParts& parts,
                              base::Timestamp now, std::stop_token stop) = 0;

  /// Always the same.
  virtual Features features() const { return {}; }
};

/// "d-17", the form in which a dispatch is named to people and platforms.
std::string dispatch_name(store::DispatchId id);

}  // namespace bot::chat
