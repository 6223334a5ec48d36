#pragma once

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "tests/support/chat_services/chat_service.h"

namespace support {

/// Discord as its people, its portal and its REST API see it. Keeps what the real one promises: a repeated
/// nonce returns the earlier message and is refused where that was deleted, an interaction's token ends,
/// @original of a command is its answer and of a click the message with the button, limits of sizes, missing
/// access.
class DiscordService final : public ChatService {
 public:
  static constexpr const char* kApplication = "1100000000000000001";
  static constexpr const char* kBotUser = "1100000000000000002";
  static constexpr const char* kGuild = "900000000000000009";
  static constexpr const char* kBotToken = "discord-bot-token-in-the-tests";
  /// RFC 8032, section 7.1, TEST 1.
  static constexpr const char* kPublicKey =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

  DiscordService();
  ~DiscordService() override;

  void configure(Desk& desk) const override;
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label,
                          const std::string& user = "1001") override;
  base::HttpRequest forged(base::HttpRequest request) const override;

  /// A new interaction of that type, before `data` is filled in. Chats are "<channel>" or
  /// "<channel>/<thread>"; empty: the direct chat of the user. The service knows its token from now on.
  nlohmann::json interaction(int type, const Said& said);
  /// "Ask about this message" on a message of that author.
  base::HttpRequest ask_about(const Said& said, const std::string& author);
  /// The call of the webhook with that body, signed.
  static base::HttpRequest signed_call(const std::string& body, const std::string& timestamp);
  static base::HttpRequest signed_call(const std::string& body,
                                       base::Timestamp now = base::SystemClock().now());
  static std::string signature(const std::string& message);

  /// From now on no token of an interaction is valid.
  void end_interactions();
  /// The deferred answer to that interaction is not there: gone, or not read yet; until it is found.
  void forget_original(const std::string& interaction);
  void find_original(const std::string& interaction);
  /// From now on messages that are read show their nonce.
  void tell_nonces();
  /// Nonces are no longer remembered.
  void forget_nonces();
  /// Missing access: the bot may neither read nor write there.
  void close_channel(const std::string& channel);
  /// Nothing in that thread can be changed until somebody writes there.
  void archive(const std::string& thread);
  /// People write that many messages there.
  void fill(const std::string& channel, int messages);
  /// A bot without the right to read the history sees no messages there.
  void hide_history(const std::string& channel);
  /// Somebody deleted the message; the screen keeps what it showed.
  void take_away(const std::string& message);
  /// From now on the pauses that are asked for hold for all channels.
  void limit_globally();

  /// A file somebody attached to a command, as the service tells of it.
  nlohmann::json keep_file(const std::string& name, const std::string& content);

  /// What the portal knows; members may be changed by the test.
  nlohmann::json application() const;
  void set_application(const std::string& member, const nlohmann::json& value);
  nlohmann::json commands() const;
  /// The messages as the API tells them, in order.
  std::vector<nlohmann::json> messages() const;

 protected:
  base::HttpResponse answer(const ServiceCall& call) override;
  bool is_write(const ServiceCall& call) const override;
  base::HttpResponse refusal(int status, const std::string& retry_after) const override;

 private:
  struct Interaction {
    std::string id;
    std::string channel;
    std::string chat;
    std::string message;  ///< what @original is; empty: nothing
    bool gone = false;
  };
  using Path = std::vector<std::string>;

  std::string next_id();
  base::HttpResponse channel_call(const base::HttpRequest& request, const Path& path);
  base::HttpResponse webhook_call(const base::HttpRequest& request, const Path& path);
  base::HttpResponse application_call(const base::HttpRequest& request, const Path& path);
  base::HttpResponse list(const base::HttpRequest& request, const std::string& channel) const;
  base::HttpResponse create(const base::HttpRequest& request, const std::string& channel,
                            const Interaction* interaction);
  base::HttpResponse change(const base::HttpRequest& request, const std::string& id);
  base::HttpResponse remove(const std::string& id);
  nlohmann::json* find(const std::string& id);
  void show(const nlohmann::json& message);

  mutable std::mutex state_;  ///< of everything below
  std::int64_t last_id_ = 0;
  std::map<std::string, Interaction> interactions_;  ///< by token
  std::map<std::string, std::string> chats_;         ///< the chat id of each channel
  bool ended_ = false;
  bool global_ = false;
  bool tells_nonces_ = false;
  std::set<std::string> closed_;
  std::set<std::string> hidden_;
  std::set<std::string> archived_;
  std::map<std::string, std::string> nonces_;
  std::vector<nlohmann::json> messages_;
  std::map<std::string, std::string> files_;  ///< by path
  nlohmann::json application_;
  nlohmann::json commands_ = nlohmann::json::array();
};

}  // namespace support
