#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.h"
#include "bot/chat/capabilities.h"

namespace bot::discord {

/// What an interaction gives to be answered with, as it is kept in OutgoingCall::ticket.
struct Ticket {
  /// The answer to a command is a message of its own, which Discord shows as "thinking" until it is there;
  /// that to a click is the message that has the button.
  enum class Kind { command, click };
  Kind kind = Kind::command;
  std::string token;       ///< a secret for as long as it lives
  std::string message_id;  ///< of a click: the message that has the button
};
std::string to_string(const Ticket& ticket);
/// Nothing where the text is no ticket.
std::optional<Ticket> parse_ticket(std::string_view text);

/// How long a ticket is used: Discord's 15 minutes, less what a clock may be wrong and a call may take.
inline constexpr std::chrono::minutes kTicketLife{14};

/// The name of the message command, as people see it in a message's menu.
inline constexpr const char* kAskAboutMessage = "Ask about this message";

/// In seconds since 1970; part of what is signed.
inline constexpr const char* kTimestampHeader = "X-Signature-Timestamp";

/// Whether the application with that public key (32 bytes) was sent the call by Discord: Ed25519 over the
/// header X-Signature-Timestamp and the body. How old it may be is for the caller to say.
bool is_signed(const base::HttpRequest& request, std::string_view public_key);

/// Reads the body of a signed call. Any bytes will do; throws Refused for what is no interaction that Discord
/// would send.
chat::Received read_interaction(std::string_view body);

/// Whether it is one of Discord's ids, a decimal number of 64 bits
/// (https://discord.com/developers/docs/reference#snowflakes).
bool is_snowflake(std::string_view text);

/// Whether it can be an id of Discord's and is safe in an address: at most 64 letters, digits, `_` and `-`.
bool is_id(std::string_view text);

}  // namespace bot::discord
