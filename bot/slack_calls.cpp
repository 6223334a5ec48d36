#include "bot/slack_calls.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat_platform.h"

namespace bot {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::size_t kMostElements = 25;  ///< of an actions block
constexpr std::size_t kMaxLabel = 75;
constexpr const char* kEventType = "frontdesk_message";
/// Between our clock and Slack's, where nothing tells Slack's.
constexpr std::chrono::minutes kClockSlack{10};
/// So long a message that is on its way may take until the history tells of it.
constexpr seconds kSettling{5};
constexpr int kMostPages = 40;
constexpr std::size_t kMostUploads = 1'000;
constexpr int kPageSize = 200;
/// Marks of ids that are no message's time.
constexpr std::string_view kFile = "file:", kByTicket = "ticket:";

bool is_progress(const Piece& piece) {
  return std::any_of(piece.buttons.begin(), piece.buttons.end(),
                     [](const auto& button) { return button.kind == store::ButtonKind::cancel; });
}

/// A message's time, which is its id: ten digits, a dot and six digits.
bool is_ts(const std::string& id) {
  return id.size() == 17 && id[10] == '.' &&
         std::count_if(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }) == 16;
}

/// Text alone shows longer texts without folding them; blocks are used only where buttons need them.
json content_of(const Piece& piece) {
  json blocks = json::array();
  if (!piece.buttons.empty()) {
    if (!piece.text.empty()) {
      // Verbatim: else Slack makes mentions and links of bare words.
      blocks.push_back(
          {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", piece.text}, {"verbatim", true}}}});
    }
    for (std::size_t i = 0; i < piece.buttons.size(); ++i) {
      if (i % kMostElements == 0) {
        blocks.push_back({{"type", "actions"}, {"elements", json::array()}});
      }
      const auto& button = piece.buttons[i];
      blocks.back()["elements"].push_back(
          {{"type", "button"},
           {"text",
            {{"type", "plain_text"}, {"text", base::ellipsize(button.label, kMaxLabel)}, {"emoji", true}}},
           {"action_id", button.id},
           {"value", button.id}});
    }
  }
  return {{"text", piece.text}, {"blocks", blocks}};
}

class SlackCalls final : public PieceCalls {
 public:
  SlackCalls(const SlackWebApi& api, SlackPace& pace, const store::OutgoingCall& call, base::Timestamp now,
             std::stop_token stop)
      : api_(api),
        pace_(pace),
        target_(SlackTarget::of(call.chat_id)),
        answers_(call.answers),
        ticket_(call.ticket && call.ticket->expires > now ? call.ticket->value : ""),
        now_(now),
        stop_(std::move(stop)) {}

  std::string send(const Piece& piece, const std::string& key) override;
  void edit(const std::string& external_id, const Piece& piece) override;
  void remove(const std::string& external_id) override;
  Fate fate(const Piece& piece, const std::string& key, base::Timestamp attempted) override;
  bool may_be_about_file(const base::PermanentError& refusal) const override;

 private:
  json in_target(json arguments) const;
  /// Makes a call that adds to the channel; a pause that Slack asks for holds the channel.
  template <typename Call>
  auto posting(const Call& call);
  std::string send_file(const Piece& piece, const std::string& key);
  void answer_by_ticket(const Piece& piece);
  /// One page of what stands in the channel or thread.
  json page(const std::string& oldest, const std::string& cursor) const;
  /// A time of Slack's before which nothing of this call can have been sent.
  std::string before_all(base::Timestamp attempted) const;

  const SlackWebApi& api_;
  SlackPace& pace_;
  const SlackTarget target_;
  const std::string answers_;
  const std::string ticket_;  ///< empty where there is none, or none any more
  const base::Timestamp now_;
  const std::stop_token stop_;
};

json SlackCalls::in_target(json arguments) const {
  arguments["channel"] = target_.channel;
  if (!target_.thread.empty()) {
    arguments["thread_ts"] = target_.thread;
  }
  return arguments;
}

template <typename Call>
auto SlackCalls::posting(const Call& call) {
  pace_.posts.take(target_.channel, now_);
  try {
    return call();
  } catch (const NotSent& e) {
    if (e.retry_after) {
      pace_.posts.hold(target_.channel, now_ + *e.retry_after);
    }
    throw;
  }
}

std::string SlackCalls::send(const Piece& piece, const std::string& key) {
  return posting([&]() -> std::string {
    try {
      if (piece.file) {
        return send_file(piece, key);
      }
      auto message = in_target(content_of(piece));
      message["unfurl_links"] = message["unfurl_media"] = false;
      message["metadata"] = {{"event_type", kEventType}, {"event_payload", {{"outbox_id", key}}}};
      const auto ts = base::json_string(api_.call("chat.postMessage", message, stop_), "ts");
      if (!ts || ts->empty()) {
        throw base::TransientError("Slack did not say which message it posted");
      }
      return *ts;
    } catch (const SlackRefusal& e) {
      if (ticket_.empty() || piece.file || (e.code != "not_in_channel" && e.code != "channel_not_found")) {
        throw;
      }
      try {
        answer_by_ticket(piece);
      } catch (const base::PermanentError&) {
        throw SlackRefusal(e.code);
      }
      return std::string(kByTicket) + key;
    }
  });
}

void SlackCalls::answer_by_ticket(const Piece& piece) {
  auto message = content_of(piece);
  message["response_type"] = "ephemeral";
  message["replace_original"] = false;
  SlackWebApi::post_to(ticket_, base::dump_json(message), "application/json; charset=utf-8", stop_);
}

// https://docs.slack.dev/messaging/working-with-files#upload. Nothing is shown before the last step.
std::string SlackCalls::send_file(const Piece& piece, const std::string& key) {
  const auto& file = *piece.file;
  std::string id;
  try {
    const auto begun =
        api_.ask("files.getUploadURLExternal",
                 {{"filename", file.name}, {"length", std::to_string(file.content.size())}}, stop_);
    const auto url = base::json_string(begun, "upload_url").value_or("");
    id = base::json_string(begun, "file_id").value_or("");
    if (id.empty() || !api_.is_own_host(url)) {
      throw base::PermanentError("Slack gave no usable address for the file");
    }
    SlackWebApi::post_to(url, file.content, "application/octet-stream", stop_);
  } catch (const base::TransientError& e) {
    throw NotSent(e.what(), e.retry_after);
  }
  json arguments = {{"files", {{{"id", id}, {"title", file.name}}}}, {"channel_id", target_.channel}};
  if (!target_.thread.empty()) {
    arguments["thread_ts"] = target_.thread;
  }
  if (!piece.text.empty()) {
    arguments["initial_comment"] = piece.text;
  }
  pace_.uploads.note(key, id);
  api_.call("files.completeUploadExternal", arguments, stop_);
  return std::string(kFile) + id;
}

void SlackCalls::edit(const std::string& external_id, const Piece& piece) {
  if (external_id.starts_with(kByTicket)) {
    // What was said by ticket cannot be changed, and there are only five answers: progress is left out.
    if (is_progress(piece)) {
      return;
    }
    if (ticket_.empty()) {
      throw SlackRefusal("not_in_channel");
    }
    return answer_by_ticket(piece);
  }
  const bool shows_progress = is_progress(piece);
  auto at = pace_.edits.ready_at(target_.channel, now_);
  if (shows_progress) {
    at = std::max(at, pace_.progress.ready_at(target_.channel, now_));
  }
  if (at > now_) {
    throw Paced(at);
  }
  pace_.edits.take(target_.channel, now_);
  if (shows_progress) {
    pace_.progress.take(target_.channel, now_);
  }
  auto message = content_of(piece);
  message["channel"] = target_.channel;
  message["ts"] = external_id;
  // Unlike chat.postMessage it would make links of bare words.
  message["parse"] = "none";
  try {
    api_.call("chat.update", message, stop_);
  } catch (const NotSent& e) {
    if (e.retry_after) {
      pace_.edits.hold_all(now_ + *e.retry_after);
    }
    throw;
  } catch (const SlackRefusal& e) {
    for (const std::string_view gone : {"message_not_found", "cant_update_message", "edit_window_closed"}) {
      if (e.code == gone) {
        throw Gone(e.what());
      }
    }
    throw;
  }
}

void SlackCalls::remove(const std::string& external_id) {
  if (external_id.starts_with(kByTicket)) {
    return;
  }
  try {
    if (external_id.starts_with(kFile)) {
      api_.call("files.delete", {{"file", external_id.substr(kFile.size())}}, stop_);
    } else {
      api_.call("chat.delete", {{"channel", target_.channel}, {"ts", external_id}}, stop_);
    }
  } catch (const SlackRefusal& e) {
    if (e.code != "message_not_found" && e.code != "file_not_found" && e.code != "file_deleted") {
      throw;
    }
  }
}

std::string SlackCalls::before_all(base::Timestamp attempted) const {
  const auto ours = fmt::format("{:010}.000000",
                                std::max<std::int64_t>(0, base::to_unix_ms(attempted - kClockSlack) / 1000));
  // Our clock may be wrong by more; what is answered is older by Slack's own.
  return is_ts(answers_) ? std::min(answers_, ours) : ours;
}

json SlackCalls::page(const std::string& oldest, const std::string& cursor) const {
  SlackWebApi::Arguments arguments = {{"channel", target_.channel},
                                      {"oldest", oldest},
                                      {"include_all_metadata", "true"},
                                      {"limit", std::to_string(kPageSize)}};
  if (!target_.thread.empty()) {
    arguments.emplace_back("ts", target_.thread);
  }
  if (!cursor.empty()) {
    arguments.emplace_back("cursor", cursor);
  }
  return api_.ask(target_.thread.empty() ? "conversations.history" : "conversations.replies", arguments,
                  stop_);
}

/// What tells an upload of ours from another file.
struct Upload {
  std::string file_id;   ///< empty where it is not known any more
  std::string bot_user;  ///< who must have shared it then
};

/// The id under which the message of the history shows the piece; empty where it is another.
std::string id_if_shows(const json& message, const Piece& piece, const std::string& key,
                        const Upload& upload) {
  if (!piece.file) {
    const auto* metadata = base::json_member(message, "metadata");
    const auto* payload = metadata == nullptr ? nullptr : base::json_member(*metadata, "event_payload");
    return payload != nullptr && base::json_string(*payload, "outbox_id") == key
               ? base::json_string(message, "ts").value_or("")
               : "";
  }
  // An upload takes no metadata along.
  const bool by_bot = !upload.bot_user.empty() && base::json_string(message, "user") == upload.bot_user;
  const auto* files = base::json_member(message, "files");
  if (files != nullptr && files->is_array()) {
    for (const auto& file : *files) {
      const auto id = base::json_string(file, "id");
      const bool is_ours =
          upload.file_id.empty()
              ? by_bot && base::json_string(file, "name") == piece.file->name &&
                    base::json_integer(file, "size") == static_cast<std::int64_t>(piece.file->content.size())
              : id == upload.file_id;
      if (id && is_ours) {
        return std::string(kFile) + *id;
      }
    }
  }
  return {};
}

bool SlackCalls::may_be_about_file(const base::PermanentError& refusal) const {
  const auto* by_slack = dynamic_cast<const SlackRefusal*>(&refusal);
  // A scope that is missing is waited for.
  return by_slack == nullptr || !(by_slack->is_about_access() || by_slack->code == "missing_scope");
}

PieceCalls::Fate SlackCalls::fate(const Piece& piece, const std::string& key, base::Timestamp attempted) {
  using Kind = Fate::Kind;
  std::string cursor;
  try {
    Upload upload;
    if (piece.file) {
      upload.file_id = pace_.uploads.of(key);
      if (upload.file_id.empty()) {
        upload.bot_user = base::json_string(api_.ask("auth.test", {}, stop_), "user_id").value_or("");
      }
    }
    for (int read = 0; read < kMostPages; ++read) {
      const auto answer = page(before_all(attempted), cursor);
      const auto* messages = base::json_member(answer, "messages");
      if (messages == nullptr || !messages->is_array()) {
        throw base::TransientError("Slack's history holds no list of messages");
      }
      for (const auto& message : *messages) {
        if (auto id = id_if_shows(message, piece, key, upload); !id.empty()) {
          return {Kind::arrived, std::move(id)};
        }
      }
      const auto* metadata = base::json_member(answer, "response_metadata");
      cursor = metadata == nullptr ? "" : base::json_string(*metadata, "next_cursor").value_or("");
      if (cursor.empty()) {
        if (base::json_bool(answer, "has_more").value_or(false)) {
          return {};
        }
        if (now_ < attempted + kSettling) {
          throw base::TransientError("it is too early to tell from Slack's history what became of a message",
                                     kSettling);
        }
        return {Kind::absent};
      }
    }
  } catch (const SlackRefusal& e) {
    if (e.is_about_access()) {
      throw;
    }
    base::log_warning("Slack's history cannot be read, so nobody can tell what became of a message: {}",
                      e.what());
  } catch (const base::PermanentError& e) {
    base::log_warning("Slack's history cannot be read, so nobody can tell what became of a message: {}",
                      e.what());
  }
  return {};
}

}  // namespace

void SlackUploads::note(const std::string& key, const std::string& file_id) {
  files_.with([&](auto& files) {
    if (files.size() >= kMostUploads) {
      files.clear();
    }
    files[key] = file_id;
  });
}

std::string SlackUploads::of(const std::string& key) {
  return files_.with([&](auto& files) {
    const auto it = files.find(key);
    return it == files.end() ? std::string() : it->second;
  });
}

SlackTarget SlackTarget::of(const std::string& chat_id) {
  const auto slash = std::min(chat_id.find('/'), chat_id.size());
  return {chat_id.substr(0, slash), chat_id.substr(std::min(slash + 1, chat_id.size()))};
}

std::unique_ptr<PieceCalls> make_slack_calls(const SlackWebApi& api, SlackPace& pace,
                                             const store::OutgoingCall& call, base::Timestamp now,
                                             std::stop_token stop) {
  return std::make_unique<SlackCalls>(api, pace, call, now, std::move(stop));
}

}  // namespace bot
