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

/// A Mattermost server with one team and the bot @frontdesk. What people write and what the bot posts is in
/// the channels, with the props, as Mattermost keeps it. Ids are made of short names: see id_of().
class MattermostService final : public ChatService {
 public:
  static constexpr const char* kToken = "token-of-the-bot-account-4711";
  static constexpr const char* kWebhookToken = "xr3j5x3p4pfk7kk6ck7b4e6ghh";
  static constexpr const char* kPublicUrl = "https://frontdesk.example";

  MattermostService();
  ~MattermostService() override;

  /// An id of 26 characters for a short name; an id is its own.
  static std::string id_of(const std::string& name);
  static std::string bot() { return id_of("bot"); }

  void configure(Desk& desk) const override;
  /// The call of the outgoing webhook (a form) for a post that begins with the trigger word. The chat is a
  /// channel "c…" or "c…/<root>", by default a thread of the user's; there is no such call for direct ones.
  base::HttpRequest message(const Said& said) override;
  base::HttpRequest click(const Shown& message, const std::string& label, const std::string& user) override;
  base::HttpRequest forged(base::HttpRequest request) const override;

  /// A post of a person, of which nobody is told; `more` are further members. Channels whose name begins
  /// with "d" are direct, others public.
  nlohmann::json write(const std::string& channel, const std::string& user, const std::string& text,
                       const nlohmann::json& more = nlohmann::json::object());
  /// The person changes their post.
  void change(const std::string& post, const std::string& text);
  /// The call that tells of a post.
  static base::HttpRequest notice(const nlohmann::json& post, bool as_json = false,
                                  const std::string& trigger_word = "@frontdesk");
  /// A file that people may attach; returns the member of metadata.files.
  nlohmann::json keep_file(const std::string& name, const std::string& content, const std::string& type);
  /// Somebody deletes a post.
  void drop(const std::string& post);
  /// From now on calls whose path begins so are refused with that status and error.
  void fail(const std::string& path, int status, const std::string& error);
  /// From now on a channel tells of a post only when it was read that many times since.
  void be_late(int reads);
  void set_is_bot(bool is_bot);

  /// The bodies of the calls by that method to paths that begin so.
  std::vector<nlohmann::json> bodies_of(const std::string& method, const std::string& path) const;

 protected:
  base::HttpResponse answer(const ServiceCall& call) override;
  bool is_write(const ServiceCall& call) const override;
  base::HttpResponse refusal(int status, const std::string& retry_after) const override;

 private:
  std::int64_t next_ms();
  std::string thread_of(const std::string& user);
  nlohmann::json& open_channel(const std::string& name);
  static void count_post(nlohmann::json& channel, const nlohmann::json& post);
  base::HttpResponse carry_out(const std::string& method, const std::string& path,
                               const base::HttpRequest& request);
  base::HttpResponse post(const nlohmann::json& wanted);
  base::HttpResponse patch(const std::string& id, const nlohmann::json& wanted);
  base::HttpResponse remove(const std::string& id);
  base::HttpResponse upload(const base::HttpRequest& request);
  nlohmann::json posts_since(const std::string& channel, std::int64_t since);
  nlohmann::json page_of(const std::string& channel, std::size_t page, std::size_t size) const;
  void show(const nlohmann::json& post);

  struct File {
    std::string name, content, type;
  };
  mutable std::mutex state_;  ///< taken after the base's lock
  std::int64_t last_ms_ = 0;
  int next_id_ = 0;
  int lateness_ = 0;
  bool is_bot_ = true;
  std::map<std::string, nlohmann::json> channels_;
  std::map<std::string, nlohmann::json> posts_;  ///< by id, with "integration" in their actions
  std::map<std::string, int> hidden_;            ///< posts that are not told of yet: reads to go
  std::map<std::string, std::string> pending_;   ///< post by pending_post_id
  std::map<std::string, std::string> post_of_event_;
  std::map<std::string, std::string> threads_;  ///< the root of each person's thread in c1
  std::map<std::string, File> files_;
  std::map<std::string, std::pair<int, std::string>> failing_;
};

}  // namespace support
