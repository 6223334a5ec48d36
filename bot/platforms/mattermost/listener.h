#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "bot/chat/receiver.h"
#include "bot/platforms/mattermost/api.h"
#include "bot/platforms/mattermost/events.h"

namespace bot::mattermost {

/// Reads the posts of the bot's channels: at once where an outgoing webhook told of one, else every few
/// seconds, and after a start what was written meanwhile. How far each channel was read is kept as cursor
/// "posts:<channel>". Thread rule: any thread; start() and stop() not at the same time.
class Listener {
 public:
  /// Both outlive it. `trigger_words` are those of the outgoing webhooks.
  Listener(const Api& api, std::vector<std::string> trigger_words, const base::Clock& clock);
  ~Listener() { stop(); }

  /// `receiver` outlives stop().
  void start(chat::Receiver& receiver);
  void stop();
  /// An outgoing webhook told of a post.
  void ring(Notice notice);

 private:
  struct Bell {
    Notice notice;
    int looked = 0;  ///< how often the post was not among those of its channel
  };

  void work(chat::Receiver& receiver, std::stop_token stop);
  void learn_bot(std::stop_token stop);
  void learn_beginning(chat::Receiver& receiver, const nlohmann::json& channels);
  /// Reads the channels in which something is new.
  void look(chat::Receiver& receiver, std::stop_token stop);
  /// Whether to read a channel without a new post, for the sake of edits.
  bool may_have_edits(const std::string& channel, std::int64_t last_post);
  enum class Which { since_last, newest };
  void read(chat::Receiver& receiver, const Place& place, Which which, std::stop_token stop);
  /// Returns false where it is not there.
  bool read_one(chat::Receiver& receiver, const std::string& post, const std::string& channel,
                const std::stop_token& stop);
  void take(chat::Receiver& receiver, const Place& place, const nlohmann::json& post);
  std::int64_t& read_until(chat::Receiver& receiver, const std::string& channel);
  void collect_bells();
  /// Returns whether to go on.
  bool wait(std::chrono::milliseconds time, std::stop_token stop);

  const Api& api_;
  const base::Clock& clock_;

  std::mutex mutex_;
  std::condition_variable_any rung_;
  std::vector<Notice> rung_for_;  ///< under the mutex

  // Of the thread.
  Reader reader_;
  std::int64_t beginning_ = 0;                   ///< nothing older is for the bot; Unix time in ms
  std::map<std::string, std::int64_t> until_;    ///< create_at of the newest post read, by channel
  std::map<std::string, std::int64_t> posts_;    ///< how many each channel had when it was looked at last
  std::map<std::string, std::int64_t> read_at_;  ///< when each channel was read last; Unix time in ms
  std::set<std::string> closed_;       ///< channels that cannot be read, of which the log tells once
  std::map<std::string, Bell> bells_;  ///< by post
  std::set<std::string> taken_;        ///< external ids, so that an overlap costs no writing

  std::jthread thread_;
};

}  // namespace bot::mattermost
