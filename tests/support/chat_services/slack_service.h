#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "tests/support/chat_services/chat_service.h"

namespace support {

/// A Slack workspace T1 with the bot U0BOT. Channels are C…, the direct chat of person N is DN. What people
/// write and what the bot posts is in the history, with the metadata, as Slack keeps it.
class SlackService final : public ChatService {
 public:
  static constexpr const char* kToken = "xoxb-token-of-the-bot-4711";
  static constexpr const char* kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
  static constexpr const char* kBot = "U0BOT";
  static constexpr const char* kScopes =
      "app_mentions:read,channels:history,chat:write,commands,files:read,files:write,groups:history,im:"
      "history,"
      "mpim:history,users:read";

  SlackService();
  ~SlackService() override;

  void configure(Desk& desk) const override;
  /// In a channel (C…) it is a mention of the bot, anew or, of "C…/<ts>", in that thread.
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label, const std::string& user) override;
  base::HttpRequest forged(base::HttpRequest request) const override;

  /// A message of a person as the history has it and events tell it; `more` are further members.
  nlohmann::json write(const std::string& channel, const std::string& user, const std::string& text,
                       const nlohmann::json& more = nlohmann::json::object());
  /// The signed call that tells of the event.
  base::HttpRequest event(const nlohmann::json& event, const std::string& event_id) const;
  /// The signed call for a command that was typed in that channel.
  base::HttpRequest command(const std::string& text, const std::string& channel,
                            const std::string& user = "1001");
  /// A signed call.
  static base::HttpRequest sign(const std::string& body, const std::string& content_type,
                                base::Timestamp now = base::SystemClock().now());

  /// From now on the bot is not in that channel.
  void take_bot_out_of(const std::string& channel);
  /// From now on the method answers with that error of Slack's; empty: as usual. One about blocks is
  /// about messages with blocks.
  void fail(const std::string& method, const std::string& error);
  /// A file that people may attach; returns the member of `files`.
  nlohmann::json keep_file(const std::string& name, const std::string& content, const std::string& type);
  /// From now on the history tells of a file no more than Slack must: its id, name and title.
  void leave_out_file_sizes();
  /// From now on what is shared is in no history, as where Slack is late with it; files.info tells of it.
  void leave_files_out_of_history();
  void set_scopes(const std::string& scopes);
  /// The name that a person chose; the others are unknown to users.info.
  void name(const std::string& user, const std::string& name);

  /// The calls of that method, as JSON whichever form they had.
  std::vector<nlohmann::json> arguments_of(const std::string& method) const;
  std::string next_ts();

 protected:
  base::HttpResponse answer(const ServiceCall& call) override;
  bool is_write(const ServiceCall& call) const override;
  base::HttpResponse refusal(int status, const std::string& retry_after) const override;

 private:
  static std::string method_of(const ServiceCall& call);
  static nlohmann::json arguments(const ServiceCall& call);
  nlohmann::json carry_out(const std::string& method, const nlohmann::json& arguments);
  nlohmann::json post(const nlohmann::json& arguments);
  nlohmann::json update(const nlohmann::json& arguments);
  nlohmann::json history(const nlohmann::json& arguments, const std::string& thread) const;
  nlohmann::json share(const nlohmann::json& arguments);
  nlohmann::json remove(const std::string& channel, const std::string& ts);
  nlohmann::json file_info(const std::string& id) const;
  void show(const std::string& id, const std::string& channel, const nlohmann::json& arguments);

  struct File {
    std::string name, content, type;
    std::string shared_in = {};
  };
  mutable std::mutex state_;  ///< taken after the base's lock
  std::int64_t last_us_ = 0;
  int next_id_ = 0;
  std::map<std::string, std::string> ts_of_event_;
  std::map<std::string, std::vector<nlohmann::json>> messages_;  ///< by channel, the oldest first
  std::map<std::string, File> files_;
  std::map<std::string, std::string> failing_;
  std::set<std::string> without_bot_;
  std::map<std::string, std::string> names_;
  std::string scopes_ = kScopes;
  bool tells_file_sizes_ = true, tells_files_ = true;
};

}  // namespace support
