#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/chat_services/chat_service.h"

namespace support {

/// Telegram's Bot API, as far as a bot of ours uses it, with its refusals: an edit that changes nothing,
/// marks that cannot be parsed, texts that are too long.
class TelegramService final : public ChatService {
 public:
  static constexpr const char* kToken = "4711:AAF-token-of-the-telegram-bot";
  static constexpr const char* kSecret = "secret_of-the-webhook";

  enum class Transport { webhook, polling };
  explicit TelegramService(Transport transport = Transport::webhook);
  ~TelegramService() override;

  void configure(Desk& desk) const override;
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label, const std::string& user) override;
  base::HttpRequest forged(base::HttpRequest request) const override;
  bool is_called() const override { return transport_ == Transport::webhook; }
  base::HttpResponse tell(const Desk& desk, const base::HttpRequest& request) override;
  bool shows_placeholders() const override { return true; }

  /// An Update around that "message", with the next id.
  nlohmann::json update(const nlohmann::json& message, const std::string& kind = "message");
  /// A message of a person in a private chat, or in the group `chat`.
  nlohmann::json text_message(const std::string& text, const std::string& user = "1001",
                              const std::string& chat = {});
  /// The webhook's call for an Update.
  static base::HttpRequest call_with(const nlohmann::json& update);

  /// For polling: given to the next getUpdates.
  void offer(const nlohmann::json& update);
  /// The webhook that was set, and whether somebody polls although one is.
  std::string webhook() const;
  void set_webhook(const std::string& url, const std::vector<std::string>& allowed_updates = {});
  /// A person deletes that message.
  void take_away(const std::string& id);
  /// The next so many placeholders are deleted before they are filled.
  void take_placeholders_away(int count);
  /// From now on the group is a supergroup of that id.
  void move(const std::string& from, const std::string& to);
  /// What getFile gives for that id.
  void put_file(const std::string& file_id, const std::string& content);

 protected:
  base::HttpResponse answer(const ServiceCall& call) override;
  bool is_write(const ServiceCall& call) const override;
  base::HttpResponse refusal(int status, const std::string& retry_after) const override;
  bool is_placeholder(const std::string& text) const override { return text == "…"; }

 private:
  base::HttpResponse send(const nlohmann::json& body);
  base::HttpResponse edit(const nlohmann::json& body);
  base::HttpResponse draft(const nlohmann::json& body);
  base::HttpResponse updates(const nlohmann::json& body);
  base::HttpResponse carry_out(const std::string& method, const nlohmann::json& body, const std::string& raw);

  const Transport transport_;
  int next_update_ = 100'001;
  int next_message_ = 1;
  std::map<std::string, nlohmann::json> said_;
  std::vector<nlohmann::json> offered_;
  std::map<std::string, std::string> keyboards_;
  std::map<std::string, std::string> files_;
  std::string webhook_;
  int placeholders_to_take_away_ = 0;
  std::map<std::string, std::string> moved_;  ///< the new id by the old one
  nlohmann::json allowed_updates_ =
      nlohmann::json::array();  ///< those of the webhook; none: all that are usual
};

/// Why Telegram would refuse the text with parse_mode HTML, or nothing (Bot API, "HTML style").
std::string telegram_html_problem(const std::string& html);

}  // namespace support
