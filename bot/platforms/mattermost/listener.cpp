#include "bot/platforms/mattermost/listener.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/json.h"
#include "base/log.h"
#include "bot/chat/errors.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// Direct messages and private channels have no outgoing webhook; nor has a reply without a trigger word.
constexpr milliseconds kInterval{5'000};
/// Until a post that was told of is among those of its channel: another server of a cluster may be late.
constexpr milliseconds kLookAgain{500};
constexpr int kMostLooks = 10;
constexpr milliseconds kFirstPause{2'000};
constexpr milliseconds kLongestPause{60'000};
/// An edit, which may add a mention, does not count as a new post of its channel: for so long after the last
/// post a channel is read now and then all the same.
constexpr std::chrono::minutes kEditsAwaited{10};
constexpr std::chrono::seconds kReadForEdits{30};
/// Posts may get into the channel in another order than that of their times.
constexpr std::chrono::minutes kOverlap{1};
/// Between our clock and Mattermost's.
constexpr std::chrono::minutes kClockError{5};
/// Mattermost tells no more posts at once, and not which are missing (GetPostsSince in
/// server/channels/store/sqlstore/post_store.go); page by page, the newest first, it tells all.
constexpr std::size_t kMostTold = 1'000;
constexpr int kPageSize = 200;
constexpr int kMostPages = 50;
constexpr std::size_t kMostTaken = 20'000;
constexpr std::size_t kMostBells = 1'000;
constexpr const char* kBeginning = "beginning";

std::int64_t ms(std::chrono::milliseconds time) {
  return time.count();
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::int64_t integer_of(const json& object, const char* key) {
  return base::json_integer(object, key).value_or(0);
}

std::string cursor_of(const std::string& channel) {
  return "posts:" + channel;
}

std::vector<json> posts_in(const json& list) {
  const auto* map = base::json_member(list, "posts");
  return map != nullptr && map->is_object() ? std::vector<json>(map->begin(), map->end())
                                            : std::vector<json>();
}

void sort_by_time(std::vector<json>& posts) {
  std::sort(posts.begin(), posts.end(), [](const json& a, const json& b) {
    return std::pair(integer_of(a, "create_at"), base::json_string(a, "id")) <
           std::pair(integer_of(b, "create_at"), base::json_string(b, "id"));
  });
}

std::vector<json> page_by_page(const Api& api, const std::string& channel, std::int64_t since,
                               const std::stop_token& stop) {
  std::vector<json> all;
  for (int page = 0; page < kMostPages; ++page) {
    const auto posts = posts_in(
        api.get(fmt::format("/channels/{}/posts?page={}&per_page={}", channel, page, kPageSize), stop));
    all.insert(all.end(), posts.begin(), posts.end());
    // The first post of a thread comes along with each of its replies, however old it is.
    if (std::none_of(posts.begin(), posts.end(),
                     [&](const json& post) { return integer_of(post, "create_at") > since; })) {
      return all;
    }
  }
  base::log_warning("more was written to {} than is read at once; the oldest posts are left out", channel);
  return all;
}

/// What was written or changed since, the oldest first.
std::vector<json> posts_since(const Api& api, const std::string& channel, std::int64_t since,
                              const std::stop_token& stop) {
  auto posts = posts_in(api.get(fmt::format("/channels/{}/posts?since={}", channel, since), stop));
  if (posts.size() >= kMostTold) {
    posts = page_by_page(api, channel, since, stop);
    std::erase_if(posts, [&](const json& post) { return integer_of(post, "update_at") <= since; });
  }
  sort_by_time(posts);
  return posts;
}

/// The oldest first.
std::vector<json> newest_posts(const Api& api, const std::string& channel, const std::stop_token& stop) {
  auto posts =
      posts_in(api.get(fmt::format("/channels/{}/posts?page=0&per_page={}", channel, kPageSize), stop));
  sort_by_time(posts);
  return posts;
}

}  // namespace

Listener::Listener(const Api& api, std::vector<std::string> trigger_words, const base::Clock& clock)
    : api_(api), clock_(clock), reader_{{}, {}, std::move(trigger_words)} {}

void Listener::start(chat::Receiver& receiver) {
  thread_ = std::jthread([this, &receiver](std::stop_token stop) { work(receiver, std::move(stop)); });
  pthread_setname_np(thread_.native_handle(), "mattermost");
}

void Listener::stop() {
  thread_ = {};
}

void Listener::ring(Notice notice) {
  {
    const std::lock_guard lock(mutex_);
    // What is not told of is found by looking.
    if (rung_for_.size() < kMostBells) {
      rung_for_.push_back(std::move(notice));
    }
  }
  rung_.notify_all();
}

void Listener::work(chat::Receiver& receiver, std::stop_token stop) {
  auto pause = kFirstPause;
  auto next = milliseconds(0);
  while (wait(next, stop)) {
    try {
      learn_bot(stop);
      look(receiver, stop);
      next = bells_.empty() ? kInterval : kLookAgain;
      pause = kFirstPause;
    } catch (const base::Stopped&) {
      return;
    } catch (const base::TransientError& e) {
      base::log_warning("posts are read again later: {}", e.what());
      receiver.note_trouble(e.what());
      next = std::max(e.retry_after.value_or(milliseconds(0)), pause);
      pause = std::min(pause * 2, kLongestPause);
    } catch (const std::exception& e) {
      base::log_error("no post can be read: {}", e.what());
      receiver.note_trouble(e.what());
      next = kLongestPause;
    }
  }
}

bool Listener::wait(milliseconds time, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  rung_.wait_for(lock, stop, time, [this] { return !rung_for_.empty(); });
  return !stop.stop_requested();
}

void Listener::learn_bot(std::stop_token stop) {
  if (reader_.bot_user.empty()) {
    const auto self = api_.get("/users/me", std::move(stop));
    reader_.bot_name = base::json_string(self, "username").value_or("");
    reader_.bot_user = base::json_string(self, "id").value_or("");
  }
}

void Listener::learn_beginning(chat::Receiver& receiver, const json& channels) {
  if (beginning_ != 0) {
    return;
  }
  if (const auto kept = receiver.cursor(kBeginning)) {
    beginning_ = number_of(*kept);
    return;
  }
  auto from = base::to_unix_ms(clock_.now() - kClockError);
  if (!channels.empty()) {
    // Should Mattermost's clock be behind by more: what comes next is newer than all that is there.
    std::int64_t newest = 0;
    for (const auto& channel : channels) {
      newest = std::max(newest, integer_of(channel, "last_post_at"));
    }
    from = std::min(from, newest + 1);
  }
  receiver.advance({kBeginning, std::to_string(from)});
  beginning_ = from;
}

void Listener::collect_bells() {
  const std::lock_guard lock(mutex_);
  for (auto& notice : rung_for_) {
    auto post = notice.post;
    bells_.emplace(std::move(post), Bell{std::move(notice)});
  }
  rung_for_.clear();
}

std::int64_t& Listener::read_until(chat::Receiver& receiver, const std::string& channel) {
  const auto known = until_.find(channel);
  if (known != until_.end()) {
    return known->second;
  }
  const auto kept = receiver.cursor(cursor_of(channel));
  return until_.emplace(channel, kept ? number_of(*kept) : beginning_).first->second;
}

void Listener::look(chat::Receiver& receiver, std::stop_token stop) {
  collect_bells();
  std::set<std::string> told;
  for (const auto& [post, bell] : bells_) {
    told.insert(bell.notice.channel);
  }
  auto channels = api_.get("/users/me/channels", stop);
  if (!channels.is_array()) {
    channels = json::array();
  }
  learn_beginning(receiver, channels);
  for (const auto& channel : channels) {
    const auto id = base::json_string(channel, "id").value_or("");
    if (!is_id(id)) {
      continue;
    }
    const Place place{id, base::json_string(channel, "type") == "D"};
    const auto last = integer_of(channel, "last_post_at");
    const bool is_told = told.erase(id) > 0, is_new = last > read_until(receiver, id);
    const auto posts = integer_of(channel, "total_msg_count");
    const auto counted = posts_.emplace(id, posts).first;
    if (is_told || is_new || may_have_edits(id, last)) {
      read(receiver, place, Which::since_last, stop);
    } else if (posts > counted->second) {
      // Mattermost's clock was put back: they are older than those read before.
      read(receiver, place, Which::newest, stop);
    }
    counted->second = posts;
  }
  // A public channel can be read by who is not in it.
  for (const auto& channel : told) {
    read(receiver, {channel}, Which::since_last, stop);
  }
  for (auto it = bells_.begin(); it != bells_.end();) {
    if (++it->second.looked < kMostLooks) {
      ++it;
      continue;
    }
    const auto post = it->first, channel = it->second.notice.channel;
    if (!read_one(receiver, post, channel, stop)) {
      base::log_warning("the post {} in {}, of which a webhook told, cannot be found", post, channel);
    }
    bells_.erase(post);
    it = bells_.upper_bound(post);
  }
}

bool Listener::read_one(chat::Receiver& receiver, const std::string& post, const std::string& channel,
                        const std::stop_token& stop) {
  try {
    take(receiver, {channel}, api_.get("/posts/" + post, stop));
    return true;
  } catch (const Refusal& e) {
    if (e.is_about_access()) {
      throw;
    }
    return false;
  }
}

bool Listener::may_have_edits(const std::string& channel, std::int64_t last_post) {
  const auto now = base::to_unix_ms(clock_.now());
  const auto read = read_at_.find(channel);
  return last_post > now - ms(kEditsAwaited) && read != read_at_.end() &&
         read->second <= now - ms(kReadForEdits);
}

void Listener::read(chat::Receiver& receiver, const Place& place, Which which, std::stop_token stop) {
  read_at_[place.channel] = base::to_unix_ms(clock_.now());
  auto& until = read_until(receiver, place.channel);
  std::vector<json> posts;
  try {
    posts = which == Which::newest ? newest_posts(api_, place.channel, stop)
                                   : posts_since(api_, place.channel, until - ms(kOverlap), stop);
  } catch (const Refusal& e) {
    if (e.is_about_access()) {
      throw;
    }
    if (closed_.insert(place.channel).second) {
      base::log_warning("what is written to {} cannot be read: {}", place.channel, e.what());
    }
    std::erase_if(bells_, [&](const auto& bell) { return bell.second.notice.channel == place.channel; });
    return;
  }
  closed_.erase(place.channel);
  for (const auto& post : posts) {
    if (integer_of(post, "create_at") >= beginning_) {
      take(receiver, place, post);
    }
  }
  const auto newest = posts.empty() ? until : integer_of(posts.back(), "create_at");
  if (newest > until) {
    receiver.advance({cursor_of(place.channel), std::to_string(newest)});
    until = newest;
  }
}

void Listener::take(chat::Receiver& receiver, const Place& place, const json& post) {
  const auto id = base::json_string(post, "id").value_or("");
  const auto bell = bells_.find(id);
  try {
    const auto incoming =
        read_post(post, place, reader_, bell == bells_.end() ? nullptr : &bell->second.notice);
    if (incoming) {
      if (taken_.size() > kMostTaken) {
        taken_.clear();
      }
      if (!taken_.contains(incoming->external_id)) {
        receiver.take(*incoming);
        taken_.insert(incoming->external_id);
      }
      const auto edit = edit_of(*incoming, post);
      if (edit && !taken_.contains(edit->external_id)) {
        receiver.take(*edit);
        taken_.insert(edit->external_id);
      }
    }
  } catch (const chat::Refused&) {
    base::log_warning("a post in {} has not the form of one", place.channel);
  }
  if (bell != bells_.end()) {
    bells_.erase(bell);
  }
}

}  // namespace bot::mattermost
