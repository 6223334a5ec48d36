#include "bot/platforms/slack/delivery_status.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"

namespace bot::slack {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using DeliveryStatus = chat::PartCalls::DeliveryStatus;

/// Between our clock and Slack's, where nothing tells Slack's.
constexpr std::chrono::minutes kClockSlack{10};
/// So long a message that is on its way may take until the history tells of it.
constexpr seconds kSettling{5};
/// Slack shares a file some time after it said that it will: https://github.com/slackapi/bolt-js/issues/2115
constexpr seconds kFileSettling{15};
constexpr int kMostPages = 40;
constexpr int kPageSize = 200;
/// The step of an upload that Slack was not asked to share.
constexpr std::string_view kUnshared = "upload";

/// A message's time, which is its id: ten digits, a dot and six digits.
bool is_ts(const std::string& id) {
  return id.size() == 17 && id[10] == '.' &&
         std::count_if(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }) == 16;
}

bool holds_something(const json& object, const char* key) {
  const auto* member = base::json_member(object, key);
  return member != nullptr && (member->is_array() || member->is_object()) && !member->empty();
}

/// Whether the file is shown to somebody (https://docs.slack.dev/reference/objects/file-object).
bool is_shared(const json& file) {
  const auto* shares = base::json_member(file, "shares");
  return (shares != nullptr && (holds_something(*shares, "public") || holds_something(*shares, "private"))) ||
         holds_something(file, "channels") || holds_something(file, "groups") || holds_something(file, "ims");
}

class Search {
 public:
  Search(const WebApi& api, const Attempt& attempt, base::Timestamp now, std::stop_token stop)
      : api_(api),
        attempt_(attempt),
        upload_(Upload::of(attempt.step)),
        is_file_(attempt.part.file || upload_),
        now_(now),
        stop_(std::move(stop)) {}

  DeliveryStatus run() {
    if (upload_ && upload_->file_id.empty()) {
      return {DeliveryStatus::Kind::absent};
    }
    auto delivery_status = guarded([&] { return in_history(); });
    if (upload_ && delivery_status.kind != DeliveryStatus::Kind::arrived) {
      delivery_status = guarded([&] { return by_info(delivery_status); });
    }
    const auto settling = upload_ ? kFileSettling : kSettling;
    const auto left = (upload_ ? upload_->shared : attempt_.attempted) + settling - now_;
    if (delivery_status.kind == DeliveryStatus::Kind::absent && left > left.zero()) {
      // Unless the clock was set back, what is left of it.
      throw base::TransientError("it is too early to tell from Slack's history what became of a message",
                                 std::min<std::chrono::milliseconds>(left, settling));
    }
    return delivery_status;
  }

 private:
  /// What cannot be read leaves the delivery status open; nothing else is read without access, either.
  template <typename Look>
  static DeliveryStatus guarded(const Look& look) {
    try {
      return look();
    } catch (const Refusal& e) {
      if (e.is_about_access()) {
        throw;
      }
      warn(e);
    } catch (const base::PermanentError& e) {
      warn(e);
    }
    return {};
  }
  static void warn(const std::exception& e) {
    base::log_warning("Slack's history cannot be read, so nobody can tell what became of a message: {}",
                      e.what());
  }

  DeliveryStatus in_history() {
    if (is_file_ && !upload_) {
      const auto self = api_.ask("auth.test", {}, stop_);
      bot_user_ = base::json_text(self, "user_id");
      bot_id_ = base::json_text(self, "bot_id");
    }
    std::string cursor;
    for (int read = 0; read < kMostPages; ++read) {
      const auto answer = page(cursor);
      const auto* messages = base::json_member(answer, "messages");
      if (messages == nullptr || !messages->is_array()) {
        throw base::TransientError("Slack's history holds no list of messages");
      }
      for (const auto& message : *messages) {
        const auto found = is_file_ ? file_in(message) : text_in(message);
        if (found) {
          return *found;
        }
      }
      const auto* metadata = base::json_member(answer, "response_metadata");
      cursor = metadata == nullptr ? "" : base::json_text(*metadata, "next_cursor");
      if (cursor.empty()) {
        return {base::json_bool(answer, "has_more").value_or(false) ? DeliveryStatus::Kind::unknowable
                                                                    : DeliveryStatus::Kind::absent};
      }
    }
    return {};
  }

  /// A time of Slack's before which nothing of this call can have been sent.
  std::string before_all() const {
    const auto ours =
        fmt::format("{:010}.000000",
                    std::max<std::int64_t>(0, base::to_unix_ms(attempt_.attempted - kClockSlack) / 1000));
    // Our clock may be wrong by more; what is answered is older by Slack's own.
    return is_ts(attempt_.answers) ? std::min(attempt_.answers, ours) : ours;
  }

  json page(const std::string& cursor) const {
    const auto& target = attempt_.target;
    WebApi::Arguments arguments = {{"channel", target.chat},
                                   {"oldest", before_all()},
                                   {"include_all_metadata", "true"},
                                   {"limit", std::to_string(kPageSize)}};
    if (!target.thread.empty()) {
      arguments.emplace_back("ts", target.thread);
    }
    if (!cursor.empty()) {
      arguments.emplace_back("cursor", cursor);
    }
    return api_.ask(target.thread.empty() ? "conversations.history" : "conversations.replies", arguments,
                    stop_);
  }

  std::optional<DeliveryStatus> text_in(const json& message) const {
    const auto* metadata = base::json_member(message, "metadata");
    const auto* payload = metadata == nullptr ? nullptr : base::json_member(*metadata, "event_payload");
    auto ts = base::json_text(message, "ts");
    const bool is_it =
        payload != nullptr && base::json_string(*payload, "outbox_id") == attempt_.key && !ts.empty();
    return is_it ? std::optional(DeliveryStatus{DeliveryStatus::Kind::arrived, std::move(ts)}) : std::nullopt;
  }

  /// An upload takes no metadata along.
  std::optional<DeliveryStatus> file_in(const json& message) const {
    const auto* files = base::json_member(message, "files");
    if (files == nullptr || !files->is_array()) {
      return std::nullopt;
    }
    for (const auto& file : *files) {
      const auto id = base::json_text(file, "id");
      if (id.empty() || !(upload_ ? id == upload_->file_id : is_alike(message, file))) {
        continue;
      }
      // The name alone may be that of an earlier file, unless what is answered is known to be older.
      const bool is_sure = upload_ || base::json_integer(file, "size") ||
                           (is_ts(attempt_.answers) && base::json_text(message, "ts") > attempt_.answers);
      return is_sure ? DeliveryStatus{DeliveryStatus::Kind::arrived, std::string(kFile) + id}
                     : DeliveryStatus{};
    }
    return std::nullopt;
  }

  bool is_alike(const json& message, const json& file) const {
    const auto& wanted = *attempt_.part.file;
    const auto size = base::json_integer(file, "size");
    const bool by_bot = (!bot_user_.empty() && base::json_text(message, "user") == bot_user_) ||
                        (!bot_id_.empty() && base::json_text(message, "bot_id") == bot_id_);
    return by_bot && base::json_text(file, "name") == wanted.name &&
           (!size || *size == static_cast<std::int64_t>(wanted.content.size()));
  }

  /// Where the history does not show the file, as `delivery status` says, Slack may tell of the file itself.
  DeliveryStatus by_info(const DeliveryStatus& delivery_status) const {
    try {
      const auto info = api_.ask("files.info", {{"file", upload_->file_id}}, stop_);
      const auto* file = base::json_member(info, "file");
      if (file == nullptr || !file->is_object()) {
        return delivery_status;
      }
      // Only we know its id, so wherever it is shared, it was shown here first.
      return is_shared(*file)
                 ? DeliveryStatus{DeliveryStatus::Kind::arrived, std::string(kFile) + upload_->file_id}
                 : DeliveryStatus{DeliveryStatus::Kind::absent};
    } catch (const Refusal& e) {
      if (e.is_about_access()) {
        throw;
      }
      // Somebody may have taken away what was shown.
      return e.code == "file_deleted" ? DeliveryStatus{} : delivery_status;
    }
  }

  const WebApi& api_;
  const Attempt& attempt_;
  const std::optional<Upload> upload_;
  const bool is_file_;
  const base::Timestamp now_;
  const std::stop_token stop_;
  std::string bot_user_, bot_id_;  ///< known where a file is told by its name
};

}  // namespace

std::string Upload::step() const {
  return file_id.empty() ? std::string(kUnshared) : fmt::format("{} {}", base::to_unix_ms(shared), file_id);
}

std::optional<Upload> Upload::of(const std::string& step) {
  if (step == kUnshared) {
    return Upload();
  }
  std::int64_t ms = 0;
  const auto* end = step.data() + step.size();
  const auto read = std::from_chars(step.data(), end, ms);
  if (read.ec != std::errc() || end - read.ptr < 2 || *read.ptr != ' ') {
    return std::nullopt;
  }
  return Upload{std::string(read.ptr + 1, end), base::from_unix_ms(ms)};
}

DeliveryStatus delivery_status(const WebApi& api, const Attempt& attempt, base::Timestamp now,
                               std::stop_token stop) {
  return Search(api, attempt, now, std::move(stop)).run();
}

}  // namespace bot::slack
