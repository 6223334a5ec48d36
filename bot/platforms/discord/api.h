#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/http.h"
#include "bot/chat/message_parts.h"
#include "bot/platforms/shared/api_address.h"
#include "bot/platforms/shared/rate_limiter.h"

namespace bot::discord {

/// Where Discord's methods are.
inline constexpr const char* kApi = "https://discord.com/api/v10";

/// Discord refused a call for good. The text names status and code, and no secret.
class Refusal : public base::PermanentError {
 public:
  Refusal(int http_status, int json_code, const std::string& what)
      : base::PermanentError(what), status(http_status), code(json_code) {}
  int status;
  int code;  ///< https://discord.com/developers/docs/topics/opcodes-and-status-codes#json; 0 where none came
};

/// Discord's REST API (https://discord.com/developers/docs/reference) with its rate limits
/// (https://discord.com/developers/docs/topics/rate-limits). Thread rule: any thread.
class Api {
 public:
  struct Account {
    std::string section;   ///< "chat.dc", for the log
    std::string base_url;  ///< what read_api_base_url() gives for kApi
    std::string application_id;
    std::string bot_token;
    std::string home_page = "https://frontdesk.invalid";  ///< for the User-Agent, which must name one
  };
  explicit Api(Account account);

  struct Call {
    std::string method;
    std::string path;       ///< of the method
    std::string channel;    ///< what has to wait where the service asks for a pause
    std::string body = {};  ///< JSON; empty: none
    std::optional<chat::MessagePart::File> file = {};
    /// By the bot's token, or by the token of an interaction, which is part of the path.
    enum class Right { bot, ticket };
    Right right = Right::bot;
  };
  /// Makes the call and returns what Discord answers, null where it is no JSON. Throws Refusal,
  /// NotSent for a pause that is asked for and for a bot's token that is not valid, base::TransientError
  /// where nobody knows, base::Stopped.
  nlohmann::json call(const Call& call, base::Timestamp now, std::stop_token stop);
  /// The same without a look at the answer. Throws what call_service() throws.
  base::HttpResponse request(const Call& call, std::stop_token stop) const;

  const Account& account() const { return account_; }
  shared::RateLimiter& rate_limiter() { return rate_limiter_; }

  /// Channels in which the bot was not allowed to do anything lately.
  void note_closed(const std::string& channel, base::Timestamp now);
  bool is_closed(const std::string& channel, base::Timestamp now);

  /// The id of the bot's user; asked for once.
  std::string own_user(base::Timestamp now, std::stop_token stop);

 private:
  void note_limits(const Call& call, const base::HttpResponse& response, base::Timestamp now);
  void count_invalid(base::Timestamp now);
  [[noreturn]] void refuse_rate(const Call& call, const base::HttpResponse& response, base::Timestamp now);
  [[noreturn]] void refuse_token(base::Timestamp now);

  const Account account_;
  const shared::ApiAddress address_;
  shared::RateLimiter rate_limiter_;
  std::mutex mutex_;
  int wrong_token_ = 0;  ///< how often in a row the bot's token was refused
  int invalid_ = 0;      ///< calls of the window that Discord counts as invalid
  base::Timestamp window_{};
  std::map<std::string, base::Timestamp> closed_;
  std::string own_user_;
};

}  // namespace bot::discord
