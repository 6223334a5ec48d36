#include "bot/messages/pictures.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "base/utf8.h"
#include "bot/texts/files.h"
#include "bot/turns/turn.h"
#include "router/conversation_window.h"

namespace bot::turns {
namespace {

/// About 16,000 tokens.
constexpr std::size_t kContextBytes = 64'000;

bool any_takes_pictures(const runtime::SecretarySettings& secretary) {
  const auto models = runtime::models_of(secretary);
  return std::any_of(models.begin(), models.end(), [](const runtime::ModelSettings& model) {
    return model.images != llm::Endpoint::Images::none;
  });
}

/// For a model that is told of it and sees nothing: there is none that would be sent the bytes.
llm::Image unseen(const store::Attachment& attachment) {
  return {attachment.name, 0, 0, std::make_shared<const std::string>()};
}

}  // namespace

Turn::Seen Turn::look(std::vector<store::Message>& messages, std::size_t own_from,
                      const std::stop_token& stop, std::optional<store::Snapshot>* snapshot) {
  store::People people(db_);
  const auto attached = services_.pictures == nullptr || !may_have_enclosures_
                            ? std::vector<store::Attachment>()
                            : messages::pictures_of(db_, messages, own_from, services_.clock.now());
  if (attached.empty()) {
    return {router::conversation_window(std::move(messages), people, kContextBytes)};
  }
  if (snapshot != nullptr) {
    snapshot->reset();  // fetching takes its time
  }
  std::set<store::MessageId> own;
  std::for_each(messages.begin() + static_cast<std::ptrdiff_t>(own_from), messages.end(),
                [&](const store::Message& message) { own.insert(message.id); });
  const bool any_model_looks = any_takes_pictures(services_.settings.secretary);
  Seen seen;
  router::Pictures shown;
  std::size_t count = 0;
  const auto look_at = [&](const store::Attachment& picture) {
    if (count == messages::kMostPictures) {
      throw base::PermanentError(texts::too_many_pictures(messages::kMostPictures));
    }
    auto image = !any_model_looks
                     ? unseen(picture)
                     : services_.pictures->look_at(picture, services_.platform(conversation_.section),
                                                   services_.settings.dispatch.max_attachment_bytes, stop);
    ++count;
    shown[picture.message].push_back(std::move(image));
    seen.own_pictures += own.contains(picture.message) ? 1U : 0U;
  };
  for (const auto& picture : attached) {
    try {
      look_at(picture);
    } catch (const base::PermanentError& error) {
      const auto message = std::find_if(messages.begin(), messages.end(),
                                        [&](const store::Message& one) { return one.id == picture.message; });
      message->text += fmt::format("\n[From the program: you cannot see the picture {}: {}]",
                                   base::one_line(picture.name), error.what());
      if (own.contains(picture.message)) {
        seen.problems.push_back(texts::picture_not_seen(picture.name, error.what()));
      }
    }
  }
  pictures_ = any_model_looks ? seen.own_pictures : 0;
  seen.window = router::conversation_window(std::move(messages), people, kContextBytes, shown);
  return seen;
}

std::string Turn::with_picture_notes(std::string text, const Seen& seen,
                                     const router::Secretary::Turn& turn) const {
  const auto add = [&](const std::string& note) { text += (text.empty() ? "" : "\n\n") + note; };
  if (turn.missed_pictures && seen.own_pictures > 0) {
    const auto& usual = services_.settings.secretary;
    const bool stands_in = !unbooked_.empty() && unbooked_.back().entry.model != services_.model_of({}) &&
                           usual.images != llm::Endpoint::Images::none;
    add(usual.demo  ? texts::kDemoSeesNoPictures
        : stands_in ? texts::kStandInSeesNoPictures
                    : texts::kModelSeesNoPictures);
  }
  std::for_each(seen.problems.begin(), seen.problems.end(), add);
  return text;
}

}  // namespace bot::turns
