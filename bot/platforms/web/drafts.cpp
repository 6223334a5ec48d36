#include "bot/platforms/web/drafts.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <pthread.h>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/markup/markdown.h"

namespace bot::web_chat {
namespace {

constexpr std::chrono::milliseconds kPace{25};
/// An answer that is so many times as long is told as many times less often.
constexpr std::size_t kBytesAtThatPace = 2048;
/// More of it is not shown before it is whole.
constexpr std::size_t kMostText = 256 * 1024;

}  // namespace

Drafts::Drafts(Publish publish)
    : publish_(std::move(publish)), thread_([this](const std::stop_token& stop) { work(stop); }) {
  pthread_setname_np(thread_.native_handle(), "drafts");
}

Drafts::~Drafts() = default;

void Drafts::add(const std::string& chat_id, store::MessageId answered, std::string_view text) {
  const std::lock_guard lock(mutex_);
  auto& draft = drafts_[chat_id];
  if (draft.answered != answered) {
    draft = {.answered = answered, .text = {}};
  }
  draft.text += base::truncate_utf8(text, kMostText - std::min(kMostText, draft.text.size()));
  if (Steady::now() >= draft.next) {
    tell(chat_id, draft);
  } else {
    changed_.notify_all();
  }
}

void Drafts::tell(const std::string& chat_id, Draft& draft) {
  if (draft.told == draft.text.size()) {
    return;
  }
  const nlohmann::json event = {{"type", "stream"},
                                {"turn", draft.answered.value},
                                {"n", ++events_},
                                {"message", nullptr},
                                {"text", draft.text.substr(draft.told)},
                                {"html", markup::markdown_to_html(draft.text)}};
  draft.told = draft.text.size();
  publish_(chat_id, base::dump_json(event));
  draft.next = Steady::now() + kPace * (1 + draft.text.size() / kBytesAtThatPace);
}

void Drafts::withdraw(const std::string& chat_id, store::MessageId answered) {
  const std::lock_guard lock(mutex_);
  const auto found = drafts_.find(chat_id);
  if (found == drafts_.end() || found->second.answered != answered) {
    return;
  }
  drafts_.erase(found);
  publish_(chat_id, base::dump_json({{"type", "withdrawn"}, {"turn", answered.value}}));
}

void Drafts::settle(const std::string& chat_id, store::MessageId answered, const std::string& event) {
  const std::lock_guard lock(mutex_);
  if (const auto found = drafts_.find(chat_id);
      found != drafts_.end() && found->second.answered == answered) {
    drafts_.erase(found);
  }
  publish_(chat_id, fmt::format(R"({{"turn":{},{})", answered.value, std::string_view(event).substr(1)));
}

std::string Drafts::state(const std::string& chat_id) {
  const std::lock_guard lock(mutex_);
  const auto found = drafts_.find(chat_id);
  if (found == drafts_.end()) {
    return {};
  }
  // What was not told yet is in it, so that the next event says nothing new; it comes all the same.
  const auto& draft = found->second;
  return base::dump_json({{"turn", draft.answered.value},
                          {"n", events_},
                          {"text", draft.text.substr(0, draft.told)},
                          {"html", markup::markdown_to_html(draft.text.substr(0, draft.told))}});
}

void Drafts::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = Steady::now();
    auto next = now + std::chrono::minutes(1);
    for (auto& [chat_id, draft] : drafts_) {
      if (draft.told < draft.text.size() && draft.next <= now) {
        tell(chat_id, draft);
      } else if (draft.told < draft.text.size()) {
        next = std::min(next, draft.next);
      }
    }
    // Woken by each piece that cannot be told at once: only the first of them sets a time.
    changed_.wait_until(lock, stop, next, [&] {
      return std::any_of(drafts_.begin(), drafts_.end(), [&](const auto& each) {
        return each.second.told < each.second.text.size() && each.second.next < next;
      });
    });
  }
}

}  // namespace bot::web_chat
