#include "bot/platforms/slack/calls.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/platforms/slack/delivery_status.h"

namespace bot::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kMostElements = 25;  ///< of an actions block
constexpr std::size_t kMaxLabel = 75;
constexpr const char* kEventType = "frontdesk_message";
/// Marks an id that is no message's time.
constexpr std::string_view kByTicket = "ticket:";

bool is_progress(const chat::MessagePart& part) {
  return std::any_of(part.buttons.begin(), part.buttons.end(),
                     [](const auto& button) { return button.kind == store::ButtonKind::cancel; });
}

/// Text alone shows longer texts without folding them; blocks are used only where buttons need them.
json content_of(const chat::MessagePart& part) {
  json blocks = json::array();
  if (!part.buttons.empty()) {
    if (!part.text.empty()) {
      // Verbatim: else Slack makes mentions and links of bare words.
      blocks.push_back(
          {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", part.text}, {"verbatim", true}}}});
    }
    for (std::size_t i = 0; i < part.buttons.size(); ++i) {
      if (i % kMostElements == 0) {
        blocks.push_back({{"type", "actions"}, {"elements", json::array()}});
      }
      const auto& button = part.buttons[i];
      blocks.back()["elements"].push_back(
          {{"type", "button"},
           {"text",
            {{"type", "plain_text"}, {"text", base::ellipsize(button.label, kMaxLabel)}, {"emoji", true}}},
           {"action_id", button.id},
           {"value", button.id}});
    }
  }
  return {{"text", part.text}, {"blocks", blocks}};
}

class SlackCalls final : public chat::PartCalls {
 public:
  SlackCalls(const WebApi& api, RateLimits& pace, chat::PartSteps steps, const store::OutgoingCall& call,
             base::Timestamp now, std::stop_token stop)
      : api_(api),
        pace_(pace),
        steps_(std::move(steps)),
        target_(chat::ChatAddress::parse(call.chat_id)),
        answers_(call.answers),
        ticket_(call.ticket && call.ticket->expires > now ? call.ticket->value : ""),
        now_(now),
        stop_(std::move(stop)) {}

  std::string send(const chat::MessagePart& part, const std::string& key) override;
  void edit(const std::string& external_id, const chat::MessagePart& part) override;
  void remove(const std::string& external_id) override;
  DeliveryStatus delivery_status(const chat::MessagePart& part, const std::string& key,
                                 base::Timestamp attempted) override;
  bool may_be_about_file(const base::PermanentError& refusal) const override;

 private:
  json in_target(json arguments) const;
  /// Calls with what content_of() made; where Slack takes no such blocks the text goes without its buttons.
  json show(const std::string& method, json message) const;
  /// Makes a call that adds to the channel; a pause that Slack asks for holds the channel.
  template <typename Call>
  auto posting(const Call& call);
  std::string send_file(const chat::MessagePart& part, const std::string& key);
  void answer_by_ticket(const chat::MessagePart& part);
  /// Uploads it, still unseen, and returns its id.
  std::string upload(const chat::MessagePart::File& file);
  void share(const std::string& id, const chat::MessagePart& part, const std::string& key);

  const WebApi& api_;
  RateLimits& pace_;
  chat::PartSteps steps_;
  const chat::ChatAddress target_;
  const std::string answers_;
  const std::string ticket_;  ///< empty where there is none, or none any more
  const base::Timestamp now_;
  const std::stop_token stop_;
};

json SlackCalls::in_target(json arguments) const {
  arguments["channel"] = target_.chat;
  if (!target_.thread.empty()) {
    arguments["thread_ts"] = target_.thread;
  }
  return arguments;
}

json SlackCalls::show(const std::string& method, json message) const {
  try {
    return api_.call(method, message, stop_);
  } catch (const Refusal& e) {
    if (message["blocks"].empty() || e.code.find("blocks") == std::string::npos) {
      throw;
    }
    base::log_warning("{}; the message in {} is shown without its buttons", e.what(), target_.chat);
    message["blocks"] = json::array();
    return api_.call(method, message, stop_);
  }
}

template <typename Call>
auto SlackCalls::posting(const Call& call) {
  pace_.posts.take(target_.chat, now_);
  try {
    return call();
  } catch (const chat::NotSent& e) {
    if (e.retry_after) {
      pace_.posts.hold(target_.chat, now_ + *e.retry_after);
    }
    throw;
  }
}

std::string SlackCalls::send(const chat::MessagePart& part, const std::string& key) {
  return posting([&]() -> std::string {
    try {
      if (part.file) {
        return send_file(part, key);
      }
      auto message = in_target(content_of(part));
      message["unfurl_links"] = message["unfurl_media"] = false;
      message["metadata"] = metadata_of(key);
      const auto ts = base::json_string(show("chat.postMessage", std::move(message)), "ts");
      if (!ts || ts->empty()) {
        throw base::TransientError("Slack did not say which message it posted");
      }
      return *ts;
    } catch (const Refusal& e) {
      if (ticket_.empty() || part.file || (e.code != "not_in_channel" && e.code != "channel_not_found")) {
        throw;
      }
      try {
        answer_by_ticket(part);
      } catch (const base::PermanentError&) {
        throw Refusal(e.code);
      }
      return std::string(kByTicket) + key;
    }
  });
}

void SlackCalls::answer_by_ticket(const chat::MessagePart& part) {
  auto message = content_of(part);
  message["response_type"] = "ephemeral";
  message["replace_original"] = false;
  WebApi::post_to(ticket_, base::dump_json(message), "application/json; charset=utf-8", stop_);
}

// https://docs.slack.dev/messaging/working-with-files#upload. Nothing is shown before the last step.
std::string SlackCalls::send_file(const chat::MessagePart& part, const std::string& key) {
  const auto begun = Upload::of(steps_.of(key));
  if (begun && !begun->file_id.empty()) {
    // delivery status() found that it was not shared. The same file again is one file, even where Slack is
    // only late.
    try {
      share(begun->file_id, part, key);
      return std::string(kFile) + begun->file_id;
    } catch (const Refusal& e) {
      if (e.code != "file_not_found") {
        throw;
      }
    }
  }
  steps_.note(key, Upload().step());
  const auto id = upload(*part.file);
  share(id, part, key);
  return std::string(kFile) + id;
}

std::string SlackCalls::upload(const chat::MessagePart::File& file) {
  try {
    const auto begun =
        api_.ask("files.getUploadURLExternal",
                 {{"filename", file.name}, {"length", std::to_string(file.content.size())}}, stop_);
    const auto url = base::json_string(begun, "upload_url").value_or("");
    auto id = base::json_string(begun, "file_id").value_or("");
    if (id.empty() || !api_.is_own_host(url)) {
      throw base::PermanentError("Slack gave no usable address for the file");
    }
    WebApi::post_to(url, file.content, "application/octet-stream", stop_);
    return id;
  } catch (const base::TransientError& e) {
    throw chat::NotSent(e.what(), e.retry_after);
  }
}

void SlackCalls::share(const std::string& id, const chat::MessagePart& part, const std::string& key) {
  json arguments = {{"files", {{{"id", id}, {"title", part.file->name}}}}, {"channel_id", target_.chat}};
  if (!target_.thread.empty()) {
    arguments["thread_ts"] = target_.thread;
  }
  if (!part.text.empty()) {
    arguments["initial_comment"] = part.text;
  }
  steps_.note(key, Upload{id, now_}.step());
  api_.call("files.completeUploadExternal", arguments, stop_);
}

void SlackCalls::edit(const std::string& external_id, const chat::MessagePart& part) {
  if (external_id.starts_with(kByTicket)) {
    // What was said by ticket cannot be changed, and there are only five answers: progress is left out.
    if (is_progress(part)) {
      return;
    }
    if (ticket_.empty()) {
      throw Refusal("not_in_channel");
    }
    return answer_by_ticket(part);
  }
  const bool shows_progress = is_progress(part);
  auto at = pace_.edits.ready_at(target_.chat, now_);
  if (shows_progress) {
    at = std::max(at, pace_.progress.ready_at(target_.chat, now_));
  }
  if (at > now_) {
    throw chat::RateLimited(at);
  }
  pace_.edits.take(target_.chat, now_);
  if (shows_progress) {
    pace_.progress.take(target_.chat, now_);
  }
  auto message = content_of(part);
  message["channel"] = target_.chat;
  message["ts"] = external_id;
  // Unlike chat.postMessage it would make links of bare words.
  message["parse"] = "none";
  try {
    show("chat.update", std::move(message));
  } catch (const chat::NotSent& e) {
    if (e.retry_after) {
      pace_.edits.hold_all(now_ + *e.retry_after);
    }
    throw;
  } catch (const Refusal& e) {
    for (const std::string_view gone : {"message_not_found", "cant_update_message", "edit_window_closed"}) {
      if (e.code == gone) {
        throw chat::Gone(e.what());
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
      api_.call("chat.delete", {{"channel", target_.chat}, {"ts", external_id}}, stop_);
    }
  } catch (const Refusal& e) {
    if (e.code != "message_not_found" && e.code != "file_not_found" && e.code != "file_deleted") {
      throw;
    }
  }
}

bool SlackCalls::may_be_about_file(const base::PermanentError& refusal) const {
  const auto* by_slack = dynamic_cast<const Refusal*>(&refusal);
  // A scope that is missing is waited for.
  return by_slack == nullptr || !(by_slack->is_about_access() || by_slack->code == "missing_scope");
}

chat::PartCalls::DeliveryStatus SlackCalls::delivery_status(const chat::MessagePart& part,
                                                            const std::string& key,
                                                            base::Timestamp attempted) {
  return slack::delivery_status(api_, {target_, answers_, part, key, steps_.of(key), attempted}, now_, stop_);
}

}  // namespace

json metadata_of(const std::string& key) {
  return {{"event_type", kEventType}, {"event_payload", {{"outbox_id", key}}}};
}

std::unique_ptr<chat::PartCalls> make_calls(const WebApi& api, RateLimits& pace, chat::PartSteps steps,
                                            const store::OutgoingCall& call, base::Timestamp now,
                                            std::stop_token stop) {
  return std::make_unique<SlackCalls>(api, pace, std::move(steps), call, now, std::move(stop));
}

}  // namespace bot::slack
