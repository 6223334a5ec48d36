#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/chat/receiver.h"
#include "bot/messages/intake.h"

namespace bot::messages {

/// What one chat section brings, by whichever door, goes into the intake. The platform must be that of the
/// section; both must outlive it. Thread rule: any thread.
class SectionReceiver final : public chat::Receiver {
 public:
  SectionReceiver(Intake& intake, std::string section, chat::Platform& platform)
      : intake_(intake), section_(std::move(section)), platform_(platform) {}

  void take(const chat::IncomingMessage& incoming) override;

  /// Told once the message is stored, or why it is not. Called by any thread; it must neither wait nor throw.
  using Done = std::function<void(std::exception_ptr)>;
  /// The same, but no thread waits for the commit; this object need not live until then.
  void take_later(chat::IncomingMessage incoming, Done done);

  void advance(const chat::Cursor& cursor) override;
  void note_trouble(const std::string& what) noexcept override;
  std::optional<std::string> cursor(const std::string& name) override;
  std::vector<store::Conversations::Use> chats_used_since(base::Timestamp since) override;

 private:
  Intake& intake_;
  const std::string section_;
  chat::Platform& platform_;
};

}  // namespace bot::messages
