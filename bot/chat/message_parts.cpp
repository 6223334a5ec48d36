#include "bot/chat/message_parts.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/crash_point.h"
#include "base/crypto.h"
#include "base/log.h"
#include "bot/chat/platform.h"
#include "bot/markup/chat_markup.h"
#include "bot/texts/drafts.h"
#include "bot/texts/files.h"

namespace bot::chat {
namespace {

/// How the digest of a file begins.
constexpr std::string_view kFile = "file:";

/// Somebody, or a bot that keeps a group clean, may take each placeholder away as soon as it appears.
constexpr int kMostPlaceholders = 3;

/// What is shown of a draft, and that it is one.
constexpr std::string_view kBetween = "\n\n";

/// Changes with everything that a reader of the part could see.
std::string digest(const MessagePart& part) {
  auto all = part.text;
  for (const auto& button : part.buttons) {
    all += '\0' + button.id + '\0' + button.label;
  }
  if (part.file) {
    all += '\0' + part.file->name + '\0' + part.file->content;
  }
  return std::string(part.file ? kFile : "") + base::to_hex(base::sha256(all)).substr(0, 16);
}

/// The same at every attempt, and another for each part.
std::string key_of(const std::string& target_key, int position) {
  return position == 0 ? target_key : fmt::format("{}.{}", target_key, position);
}

class PartDelivery {
 public:
  PartDelivery(const store::OutgoingCall& call, store::MessageParts& parts, PartCalls& calls,
               base::Timestamp now)
      : call_(call), parts_(parts), calls_(calls), now_(now) {}

  /// The id under which the part is shown; empty where nobody can tell.
  std::string show(int position, const MessagePart& part, const std::optional<store::MessagePart>& known) {
    if (known && known->uncertain) {
      return {};
    }
    auto external_id = known ? known->external_id : std::string();
    auto shown = known ? known->shown : std::string();
    bool attempted_before = known && external_id.empty();
    if (attempted_before && !reconcile(position, part, *known, external_id, attempted_before)) {
      return {};
    }
    // No edit makes a file of a text, another file of a file, or a text of a file.
    if (!external_id.empty() && (part.file || shown.starts_with(kFile)) && shown != digest(part)) {
      take_away(position, external_id);
      external_id.clear();
      attempted_before = false;
    }
    if (external_id.empty()) {
      // What is sent again may turn out to be the draft that was there already.
      const bool may_be_draft =
          attempted_before && shown == store::kShowsDraft && !calls_.sends_placeholder(part);
      external_id = send_and_fill(position, part, attempted_before, may_be_draft ? shown : std::string());
      if (!may_be_draft) {
        return external_id;
      }
    }
    if (shown != digest(part)) {
      try {
        fill(position, external_id, part, shown.empty());
      } catch (const Gone& e) {
        base::log_info("{}: {}", call_.key, e.what());
        if (!is_progress(call_)) {
          parts_.forget(call_.message, position);
          return send_and_fill(position, part, false);
        }
      }
      parts_.mark_shown(call_.message, position, digest(part));
    }
    return external_id;
  }

  void take_away(int position, const std::string& external_id) {
    if (!external_id.empty()) {
      calls_.remove(external_id);
    }
    parts_.forget(call_.message, position);
  }

 private:
  /// What became of an attempt that was not confirmed: its id, where it arrived, and whether it still counts.
  /// False where nobody can tell.
  bool reconcile(int position, const MessagePart& part, const store::MessagePart& known,
                 std::string& external_id, bool& attempted_before) {
    const auto delivery_status = calls_.delivery_status(part, key(position), known.attempted);
    using Kind = PartCalls::DeliveryStatus::Kind;
    switch (delivery_status.kind) {
      case Kind::arrived:
        external_id = delivery_status.external_id;
        parts_.mark_sent(call_.message, position, external_id);
        break;
      case Kind::absent:
        // What was prepared then is not what is to be shown now.
        if (!known.step.empty() && known.shown != digest(part)) {
          parts_.forget(call_.message, position);
          attempted_before = false;
        }
        break;
      case Kind::harmless:
        base::log_warning("{}: it is not known whether its placeholder arrived; another one is sent",
                          call_.key);
        parts_.mark_doubtful(call_.message, position);
        break;
      case Kind::unknowable:
        if (known.shown == store::kShowsDraft) {
          // It says of itself that it is none; what counts is the answer.
          base::log_warning("{}: nobody can tell whether its draft is still seen", call_.key);
          break;
        }
        base::log_error("{}: nobody can tell whether part {} arrived; it is not sent again", call_.key,
                        position + 1);
        parts_.mark_uncertain(call_.message, position);
        return false;
    }
    return true;
  }

  std::string key(int position) const { return key_of(call_.target_key, position); }

  /// `shows`: what may be seen then instead of the part; empty: nothing else.
  std::string send_and_fill(int position, const MessagePart& part, bool attempted_before,
                            const std::string& shows = {}) {
    if (!calls_.sends_placeholder(part)) {
      return send(position, part, attempted_before, shows);
    }
    for (int made = 1;; ++made) {
      const auto external_id =
          made == 1 ? send(position, part, attempted_before) : send_another(position, part);
      try {
        fill(position, external_id, part, true);
        parts_.mark_shown(call_.message, position, digest(part));
        return external_id;
      } catch (const Gone& e) {
        parts_.forget(call_.message, position);
        if (made == kMostPlaceholders) {
          throw;
        }
        base::log_info("{}: {}; it is sent anew", call_.key, e.what());
      }
    }
  }

  /// In place of a placeholder that was taken away.
  std::string send_another(int position, const MessagePart& part) {
    try {
      return send(position, part, false);
    } catch (const RateLimited& e) {
      // Counts as an attempt, so that the pauses grow: they end where each placeholder is taken away.
      throw NotSent("its placeholder was taken away", e.until - now_);
    }
  }

  void fill(int position, const std::string& external_id, const MessagePart& part, bool is_empty) {
    try {
      calls_.edit(external_id, part);
    } catch (const base::PermanentError&) {
      // Nothing will ever fill the placeholder. That it was refused is what counts, whatever becomes of it.
      if (is_empty && calls_.sends_placeholder(part)) {
        try {
          take_away(position, external_id);
        } catch (const base::Stopped&) {
          throw;
        } catch (const std::exception& e) {
          base::log_warning("{}: its placeholder stays: {}", call_.key, e.what());
        }
      }
      throw;
    }
  }

  std::string send(int position, const MessagePart& part, bool attempted_before,
                   const std::string& shows = {}) {
    parts_.mark_attempted(call_.message, position, now_);
    // Before it is sent: what arrived although nobody was told need not be written again.
    parts_.mark_shown(call_.message, position,
                      !shows.empty()                   ? shows
                      : calls_.sends_placeholder(part) ? ""
                                                       : digest(part));
    // That this attempt did not arrive says nothing of an earlier one.
    const auto forget = [&] {
      if (!attempted_before) {
        parts_.forget(call_.message, position);
      }
    };
    base::crash_point(base::CrashPoint::part_marked, call_.id.value);
    try {
      auto external_id = calls_.send(part, key(position));
      base::crash_point(base::CrashPoint::part_sent, call_.id.value);
      parts_.mark_sent(call_.message, position, external_id);
      base::crash_point(base::CrashPoint::part_kept, call_.id.value);
      return external_id;
    } catch (const NotSent&) {
      forget();
      throw;
    } catch (const RateLimited&) {
      forget();
      throw;
    } catch (const base::PermanentError& e) {
      forget();
      if (part.file && calls_.may_be_about_file(e)) {
        throw FileRefused(e.what(), part.file->of);
      }
      throw;
    }
  }

  const store::OutgoingCall& call_;
  store::MessageParts& parts_;
  PartCalls& calls_;
  const base::Timestamp now_;
};

}  // namespace

PartSteps::PartSteps(const store::OutgoingCall& call, store::MessageParts& parts)
    : message_(call.message), target_key_(call.target_key), parts_(parts) {}

std::optional<store::MessagePart> PartSteps::find(const std::string& key) {
  for (auto& part : parts_.of(message_)) {
    if (key_of(target_key_, part.position) == key) {
      return std::move(part);
    }
  }
  return std::nullopt;
}

std::string PartSteps::of(const std::string& key) {
  const auto part = find(key);
  return part ? part->step : std::string();
}

void PartSteps::note(const std::string& key, const std::string& step) {
  if (const auto part = find(key)) {
    parts_.mark_step(message_, part->position, step);
  }
}

std::string deliver_parts(const store::OutgoingCall& call, const std::vector<MessagePart>& wanted,
                          store::MessageParts& parts, PartCalls& calls, base::Timestamp now) {
  PartDelivery delivery(call, parts, calls, now);
  const auto known = parts.of(call.message);
  std::string first;
  for (int position = 0; position < static_cast<int>(wanted.size()); ++position) {
    const auto it = std::find_if(known.begin(), known.end(),
                                 [&](const store::MessagePart& part) { return part.position == position; });
    const auto external_id = delivery.show(position, wanted[static_cast<std::size_t>(position)],
                                           it == known.end() ? std::nullopt : std::optional(*it));
    first = position == 0 ? external_id : first;
  }
  for (const auto& part : known) {
    if (part.position >= static_cast<int>(wanted.size()) && !part.uncertain) {
      delivery.take_away(part.position, part.external_id);
    }
  }
  return first;
}

bool is_progress(const store::OutgoingCall& call) {
  const auto& buttons = call.post.buttons;
  return call.kind == store::CallKind::edit &&
         std::any_of(buttons.begin(), buttons.end(),
                     [](const store::Button& button) { return button.kind == store::ButtonKind::cancel; });
}

std::vector<MessagePart> parts_of(const store::Post& post, std::vector<std::string> texts, std::size_t most) {
  std::vector<MessagePart> parts;
  const bool too_many = texts.size() > most;
  if (too_many) {
    texts.resize(1);
  }
  for (auto& text : texts) {
    parts.push_back({std::move(text)});
  }
  if (too_many && post.rest_refused) {
    parts.push_back({texts::kAnswerCut});
  } else if (too_many) {
    parts.push_back({texts::kAnswerInFile,
                     {},
                     {},
                     MessagePart::File{"answer.md", post.text, MessagePart::File::Of::text}});
  }
  if (!parts.empty()) {
    parts.front().reply_to = post.reply_to;
    // Below the last text: a file cannot get or lose buttons by an edit.
    parts[too_many ? 0 : parts.size() - 1].buttons = post.buttons;
  }
  if (post.file) {
    parts.push_back({{}, {}, {}, MessagePart::File{post.file->name, post.file->content}});
  }
  return parts;
}

std::string draft_text(const std::string& text, const markup::Dialect& dialect, std::size_t limit) {
  const auto ending = markup::render_parts(texts::kStillWriting, dialect, limit).front();
  const auto shown = markup::render_parts(text, dialect, limit - ending.size() - kBetween.size());
  return shown.empty() ? ending : shown.front() + std::string(kBetween) + ending;
}

}  // namespace bot::chat
