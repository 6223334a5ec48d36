#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/discord/api.h"
#include "bot/platforms/discord/interactions.h"

namespace bot::discord {

/// The calls that show one message of ours on Discord. The first answer to a command takes the place of the
/// "thinking" that Discord shows; all else are messages of the bot in the channel, or, where it may not write
/// there, more messages of the interaction. Thread rule: one thread, one outgoing call.
class Calls final : public chat::PartCalls {
 public:
  /// `known` are the ids on Discord of the parts that are shown already.
  Calls(Api& api, const store::OutgoingCall& call, const std::optional<store::OutgoingCall::Ticket>& ticket,
        std::vector<std::string> known, base::Timestamp now, std::stop_token stop);

  std::string send(const chat::MessagePart& part, const std::string& key) override;
  void edit(const std::string& external_id, const chat::MessagePart& part) override;
  void remove(const std::string& external_id) override;
  DeliveryStatus delivery_status(const chat::MessagePart& part, const std::string& key,
                                 base::Timestamp attempted) override;

 private:
  using Right = Api::Call::Right;

  base::Timestamp now() const;
  bool ticket_is_valid(base::Timestamp at) const;
  bool takes_original(const std::string& key) const;
  std::string in_channel(const std::string& rest) const;
  std::string in_webhook(const std::string& rest) const;
  nlohmann::json call(const char* method, const std::string& path, Right right, const nlohmann::json& body,
                      const chat::MessagePart* part);
  /// Whether an earlier attempt may have arrived.
  enum class Doubt { no, yes };
  /// Makes the call by the right of the bot, and where it has none in this channel by that of the ticket,
  /// unless that could show something twice.
  nlohmann::json call_either(const char* method, const std::string& channel_path, const nlohmann::json& body,
                             const std::string& webhook_path, const nlohmann::json& webhook_body,
                             const chat::MessagePart* part, Doubt doubt);
  nlohmann::json shown(const chat::MessagePart& part) const;

  /// What became of an attempt, as far as the channel shows it.
  DeliveryStatus look_up(const chat::MessagePart& part, const std::string& key, base::Timestamp attempted);
  DeliveryStatus search(const chat::MessagePart& part, const std::string& key, bool original,
                        base::Timestamp attempted);
  enum class Match { none, by_content, sure };
  Match is_it(const nlohmann::json& message, const chat::MessagePart& part, const std::string& key,
              bool original);
  nlohmann::json get_messages(const std::string& query);
  std::string anchor() const;

  Api& api_;
  const store::OutgoingCall& call_;
  const std::string channel_;
  std::optional<Ticket> ticket_;
  base::Timestamp expires_{};
  const std::vector<std::string> known_;
  std::map<std::string, base::Timestamp> in_doubt_;  ///< by key: attempts of which nobody knows the end
  const base::Timestamp began_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const std::stop_token stop_;
};

/// A flag of our messages: no previews of links.
inline constexpr int kSuppressEmbeds = 1 << 2;

/// The channel or thread that a chat id means.
std::string channel_of(const std::string& chat_id);

/// At most 25 characters for Discord's `nonce`, the same at every attempt of the call with that key to send
/// the part with that key. Another call has another: Discord refuses the nonce of a message that was
/// deleted.
std::string nonce_of(const std::string& key, const std::string& call);

}  // namespace bot::discord
