#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "bot/chat/message_parts.h"
#include "bot/chat/platform.h"
#include "bot/platforms/shared/rate_limiter.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/telegram/updates.h"

namespace bot::telegram {

/// Telegram refused the call: `code` and what() are the service's (Bot API, "Making requests").
class Refusal : public base::PermanentError {
 public:
  Refusal(int number, const std::string& what) : base::PermanentError(what), code(number) {}
  int code;
};

/// Telegram does not know the token. what() is for the log and points to doctor; `answer` is Telegram's own.
class WrongToken : public chat::NotSent {
 public:
  WrongToken(const std::string& told, std::chrono::milliseconds pause)
      : chat::NotSent(told + "; is the token right? `frontdesk doctor` tells", pause), answer(told) {}
  std::string answer;
};

/// The methods of the Bot API. Thread rule: any thread.
class Api {
 public:
  Api(std::string base_url, std::string token);

  /// The result of the method. Throws Refusal, NotSent for a 429 and where no connection came about,
  /// WrongToken, Moved, base::TransientError where nobody knows, base::Stopped. No text of an error holds the
  /// token.
  nlohmann::json call(const std::string& method, const nlohmann::json& parameters, std::stop_token stop,
                      std::chrono::milliseconds patience = std::chrono::seconds(20)) const;
  nlohmann::json upload(const std::string& method, const std::vector<shared::FormField>& fields,
                        std::stop_token stop) const;

  /// The content of a file by its file_id; throws as FetchesFiles::fetch().
  void fetch(const std::string& file_id, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token stop) const;

 private:
  std::string url(const std::string& method) const;
  nlohmann::json result(const std::string& method, const base::HttpResponse& response) const;

  const std::string base_url_;
  const std::string token_;
};

/// The calls that show the parts of one message in a chat. A message is first a placeholder, then edited to
/// its text: Telegram offers nothing against sending twice, but an edit may be repeated.
class Calls final : public chat::PartCalls {
 public:
  Calls(const Api& api, shared::RateLimiter& rate_limiter, const store::OutgoingCall& call,
        base::Timestamp now, std::stop_token stop);

  std::string send(const chat::MessagePart& part, const std::string& key) override;
  void edit(const std::string& external_id, const chat::MessagePart& part) override;
  void remove(const std::string& external_id) override;
  DeliveryStatus delivery_status(const chat::MessagePart& part, const std::string& key,
                                 base::Timestamp attempted) override;
  bool sends_placeholder(const chat::MessagePart& part) const override;

 private:
  nlohmann::json call(const std::string& method, const nlohmann::json& parameters);
  /// Sends the part, or the placeholder for it. Returns the message.
  nlohmann::json send_to(const Chat& chat, const chat::MessagePart& part);
  /// Makes the call; a pause that the service asks for is kept from then on.
  nlohmann::json held(const std::function<nlohmann::json()>& make);
  void edit_text(nlohmann::json parameters, const std::string& external_id);

  const Api& api_;
  shared::RateLimiter& rate_limiter_;
  const std::string chat_id_;
  const std::string chat_;  ///< without the topic
  const shared::RateLimit pace_;
  const base::Timestamp now_;
  const std::stop_token stop_;
  std::string placeholder_;  ///< sent by this object; its edit is part of the same step
};

/// How often all chats together may be written to. The limit is about thirty messages and edits in any second
/// (https://core.telegram.org/bots/faq); a burst and the edits that complete a message already sent by each
/// delivering thread come on top of the pace.
constexpr shared::RateLimit kOverallRateLimit{std::chrono::milliseconds(45), 2};

/// How urgent a call is: progress leaves room for what is said for good.
enum class Urgency { normal, progress };

/// How often a chat may be written to, without its topic: a group less than a person.
shared::RateLimit rate_limit_of(const std::string& chat_id, Urgency urgency = Urgency::normal);

}  // namespace bot::telegram
