#include "bot/messages/pictures.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/backoff.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/log.h"
#include "base/picture/picture_child.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "bot/chat/capabilities.h"
#include "bot/texts/files.h"

namespace bot::messages {
namespace {

constexpr std::size_t kMostKept = 16;
constexpr std::chrono::minutes kKeptFor{15};
constexpr int kTries = 2;
constexpr std::chrono::milliseconds kPause{500};

/// The whole file, in memory: the caller's bound is small. Throws as chat::FetchesFiles::fetch().
std::string fetched(chat::FetchesFiles& files, const std::string& handle, std::uint64_t max_bytes,
                    const std::stop_token& stop) {
  for (int attempt = 1;; ++attempt) {
    try {
      std::string file;
      files.fetch(
          handle, max_bytes, [&](std::string_view bytes) { file += bytes; }, stop);
      return file;
    } catch (const base::TransientError&) {
      if (attempt == kTries) {
        throw;
      }
      if (!base::wait_for(kPause, stop)) {
        throw base::Stopped();
      }
    }
  }
}

}  // namespace

bool is_picture(const store::Attachment& attachment) {
  const auto type = base::ascii_lower(attachment.media_type);
  if (type.starts_with("image/")) {
    return !type.starts_with("image/svg");
  }
  constexpr std::array<std::string_view, 5> kEndings = {".png", ".jpg", ".jpeg", ".webp", ".gif"};
  const auto name = base::ascii_lower(attachment.name);
  return (type.empty() || type == "application/octet-stream") &&
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

std::vector<store::Attachment> pictures_of(store::Database& db, const std::vector<store::Message>& messages,
                                           std::size_t own_from, base::Timestamp now) {
  std::vector<store::Attachment> found;
  if (messages.empty()) {
    return found;
  }
  const auto first = own_from - std::min(own_from, kMostMessagesBack);
  const auto [least, most] =
      std::minmax_element(messages.begin() + static_cast<std::ptrdiff_t>(first), messages.end(),
                          [](const store::Message& a, const store::Message& b) { return a.id < b.id; });
  const auto attached = store::Attachments(db).among(messages.back().conversation, least->id, most->id);
  for (auto i = messages.size(); i-- > first && !attached.empty();) {
    const auto& message = messages[i];
    const auto files = attached.find(message.id);
    const bool is_own = i >= own_from;
    if (message.author != store::Author::user || files == attached.end() ||
        (!is_own && now - message.created > kPicturesLast)) {
      continue;
    }
    for (const auto& file : files->second) {
      if (is_picture(file) && (is_own || found.size() < kMostPictures)) {
        found.push_back(file);
      }
    }
  }
  return found;
}

std::optional<Pictures::Known> Pictures::known(store::AttachmentId id) {
  const auto now = clock_.now();
  return known_.with([&](std::vector<Known>& all) -> std::optional<Known> {
    std::erase_if(all, [&](const Known& one) { return now - one.used > kKeptFor; });
    const auto found = std::find_if(all.begin(), all.end(), [&](const Known& one) { return one.id == id; });
    if (found == all.end()) {
      return std::nullopt;
    }
    found->used = now;
    std::rotate(found, found + 1, all.end());
    return all.back();
  });
}

void Pictures::keep(Known known) {
  known.used = clock_.now();
  known_.with([&](std::vector<Known>& all) {
    if (all.size() == kMostKept) {
      all.erase(all.begin());
    }
    all.push_back(std::move(known));
  });
}

llm::Image Pictures::fetch(const store::Attachment& attachment, chat::Platform* platform,
                           std::uint64_t max_bytes, const std::stop_token& stop) const {
  if (max_bytes == 0) {
    throw base::PermanentError(texts::kAttachmentsOff);
  }
  if (platform == nullptr) {
    throw base::PermanentError(texts::kChatGone);
  }
  auto* const files = chat::capability<chat::FetchesFiles>(platform);
  if (files == nullptr) {
    throw base::PermanentError("this platform has no files");
  }
  if (attachment.size.value_or(0) > static_cast<std::int64_t>(max_bytes)) {
    throw base::PermanentError(texts::larger_than(max_bytes));
  }
  const auto file = fetched(*files, attachment.handle, max_bytes, stop);
  try {
    const auto picture = base::shrink_in_child(file, sandbox_, stop);
    return {attachment.name, picture.width, picture.height,
            std::make_shared<const std::string>(base::base64_encode(picture.jpeg))};
  } catch (const base::PictureProblem& problem) {
    throw base::PermanentError(problem.what());
  }
}

llm::Image Pictures::look_at(const store::Attachment& attachment, chat::Platform* platform,
                             std::uint64_t max_bytes, std::stop_token stop) {
  if (auto before = known(attachment.id)) {
    if (before->image) {
      return std::move(*before->image);
    }
    throw base::PermanentError(before->problem);
  }
  try {
    auto image = fetch(attachment, platform, max_bytes, stop);
    keep({attachment.id, image});
    return image;
  } catch (const base::PermanentError& error) {
    keep({attachment.id, std::nullopt, base::redacted(error.what())});
    throw base::PermanentError(base::redacted(error.what()));
  } catch (const base::TransientError& error) {
    base::log_warning("a picture could not be looked at: {}", error.what());
    throw base::PermanentError(texts::kPictureNotNow);
  }
}

}  // namespace bot::messages
