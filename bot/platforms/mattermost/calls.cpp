#include "bot/platforms/mattermost/calls.h"

#include <algorithm>
#include <type_traits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "bot/chat/errors.h"
#include "bot/platforms/mattermost/markup.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr const char* kKey = "outbox_id";
/// Between our clock and Mattermost's.
constexpr std::chrono::minutes kClockError{10};
/// So long a post that is on its way may take until the channel tells of it.
constexpr seconds kSettling{5};
/// Mattermost tells no more posts at once (GetPostsSince in server/channels/store/sqlstore/post_store.go).
constexpr std::size_t kMostTold = 1'000;

bool is_progress(const chat::MessagePart& part) {
  return std::any_of(part.buttons.begin(), part.buttons.end(),
                     [](const auto& button) { return button.kind == store::ButtonKind::cancel; });
}

class MattermostCalls final : public chat::PartCalls {
 public:
  MattermostCalls(const Api& api, RateLimits& pace, const ClickTarget& clicks,
                  const store::OutgoingCall& call, base::Timestamp now, std::stop_token stop)
      : api_(api),
        pace_(pace),
        clicks_(clicks),
        target_(chat::ChatAddress::parse(call.chat_id)),
        now_(now),
        stop_(std::move(stop)) {}

  std::string send(const chat::MessagePart& part, const std::string& key) override {
    return in_pace([&] {
      auto post = content_of(part);
      post["props"][kKey] = key;
      post["channel_id"] = target_.chat;
      post["root_id"] = target_.thread;
      // Under the id of a post that was deleted Mattermost makes no other for 30 seconds.
      post["pending_post_id"] = is_anew_ ? key + ".anew" : key;
      if (part.file) {
        post["file_ids"] = {upload(*part.file)};
      }
      auto id = base::json_string(api_.send("POST", "/posts", post, stop_), "id").value_or("");
      if (!is_id(id)) {
        throw base::TransientError("Mattermost did not say which post it made");
      }
      return id;
    });
  }

  void edit(const std::string& external_id, const chat::MessagePart& part) override {
    if (is_progress(part)) {
      pace_.progress.take(target_.chat, now_);
    }
    in_pace([&] {
      try {
        api_.send("PUT", "/posts/" + external_id + "/patch", content_of(part), stop_);
      } catch (const Refusal& e) {
        if (e.id == "api.post.update_post.permissions_time_limit.app_error" ||
            (!e.is_about_access() && !is_there(external_id))) {
          is_anew_ = true;
          throw chat::Gone(fmt::format("the post {} is gone or too old to change", external_id));
        }
        throw;
      }
      return 0;
    });
  }

  void remove(const std::string& external_id) override {
    try {
      api_.send("DELETE", "/posts/" + external_id, json::object(), stop_);
    } catch (const Refusal& e) {
      if (e.is_about_access() || is_there(external_id)) {
        throw;
      }
    }
  }

  DeliveryStatus delivery_status(const chat::MessagePart& /*part*/, const std::string& key,
                                 base::Timestamp attempted) override {
    json list;
    try {
      list = api_.get(
          fmt::format("/channels/{}/posts?since={}", target_.chat, base::to_unix_ms(attempted - kClockError)),
          stop_);
    } catch (const Refusal& e) {
      if (e.is_about_access()) {
        throw;
      }
      base::log_warning("{} cannot be read, so nobody can tell what became of a post: {}", target_.chat,
                        e.what());
      return {};
    }
    const auto* posts = base::json_member(list, "posts");
    if (posts == nullptr || !posts->is_object()) {
      throw base::TransientError("Mattermost's answer holds no list of posts");
    }
    for (const auto& [id, post] : posts->items()) {
      const auto* props = base::json_member(post, "props");
      const bool is_deleted = base::json_integer(post, "delete_at").value_or(0) != 0;
      if (props != nullptr && base::json_string(*props, kKey) == key && is_id(id) && !is_deleted) {
        return {DeliveryStatus::Kind::arrived, id};
      }
    }
    if (posts->size() >= kMostTold) {
      return {};
    }
    if (const auto left = attempted + kSettling - now_; left > left.zero()) {
      // Unless the clock was set back, what is left of it.
      throw base::TransientError("it is too early to tell from the channel what became of a post",
                                 std::min<std::chrono::milliseconds>(left, kSettling));
    }
    return {DeliveryStatus::Kind::absent};
  }

  /// That a bot may not write there, or not at all, is not about its file.
  bool may_be_about_file(const base::PermanentError& refusal) const override {
    const auto* by_mattermost = dynamic_cast<const Refusal*>(&refusal);
    return by_mattermost == nullptr || (by_mattermost->status != 401 && by_mattermost->status != 403);
  }

 private:
  /// What one may not change and what is not there are refused alike (server/channels/api4/post.go).
  bool is_there(const std::string& id) const {
    try {
      api_.get("/posts/" + id, stop_);
      return true;
    } catch (const Refusal& e) {
      return e.status != 404;
    }
  }

  json content_of(const chat::MessagePart& part) const {
    json attachments = json::array();
    if (!part.buttons.empty() && !clicks_.url.empty()) {
      attachments.push_back(actions_of(part.buttons, target_.text(), clicks_));
    }
    return {{"message", part.text}, {"props", {{"attachments", attachments}}}};
  }

  /// What was only uploaded is shown nowhere.
  std::string upload(const chat::MessagePart::File& file) const {
    try {
      return api_.upload(target_.chat, file.name, file.content, stop_);
    } catch (const base::TransientError& e) {
      throw chat::NotSent(e.what(), e.retry_after);
    }
  }

  /// A pause that Mattermost asks for holds everything: it limits the account.
  template <typename Call>
  std::invoke_result_t<const Call&> in_pace(const Call& call) {
    pace_.posts.take(target_.chat, now_);
    try {
      return call();
    } catch (const chat::NotSent& e) {
      if (e.retry_after) {
        pace_.posts.hold_all(now_ + *e.retry_after);
      }
      throw;
    }
  }

  const Api& api_;
  RateLimits& pace_;
  const ClickTarget& clicks_;
  const chat::ChatAddress target_;
  const base::Timestamp now_;
  const std::stop_token stop_;
  bool is_anew_ = false;  ///< what is sent takes the place of a post that is gone
};

}  // namespace

std::string show_draft(const Api& api, RateLimits& pace, const chat::Draft& draft, const std::string& text,
                       const std::string& external_id, base::Timestamp now, std::stop_token stop) {
  const auto target = chat::ChatAddress::parse(draft.chat_id);
  // A draft waits until what is said for good could be said at once, and more of it.
  const auto at = std::max(pace.posts.ready_at(target.chat, now, {kDraftPace, 1}),
                           pace.drafts.ready_at(target.chat, now));
  if (at > now) {
    throw chat::RateLimited(at);
  }
  pace.posts.take(target.chat, now);
  pace.drafts.take(target.chat, now);
  json post = {{"message", chat::draft_text(text, dialect(), kMaxPost)}};
  if (!external_id.empty()) {
    // Without props, of which a change leaves only those that it has: the key would be gone.
    api.send("PUT", "/posts/" + external_id + "/patch", post, std::move(stop));
    return external_id;
  }
  post["props"] = {{kKey, draft.key}};
  post["channel_id"] = target.chat;
  post["root_id"] = target.thread;
  post["pending_post_id"] = draft.key;
  auto id = base::json_string(api.send("POST", "/posts", post, std::move(stop)), "id").value_or("");
  if (!is_id(id)) {
    throw base::TransientError("Mattermost did not say which post it made");
  }
  return id;
}

std::unique_ptr<chat::PartCalls> make_calls(const Api& api, RateLimits& pace, const ClickTarget& clicks,
                                            const store::OutgoingCall& call, base::Timestamp now,
                                            std::stop_token stop) {
  return std::make_unique<MattermostCalls>(api, pace, clicks, call, now, std::move(stop));
}

}  // namespace bot::mattermost
