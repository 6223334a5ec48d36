#include "bot/runs/progress_note.h"

#include <algorithm>

#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/capabilities.h"
#include "bot/runs/further_tasks.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPace{1000};
/// How often the note is written although nothing but the time changed.
constexpr std::chrono::milliseconds kQuietPace{5000};
constexpr std::size_t kMaxSaid = 160;

bool writes_files(const std::string& tool) {
  return tool == "Write" || tool == "Edit" || tool == "MultiEdit" || tool == "NotebookEdit";
}

}  // namespace

ProgressNote::ProgressNote(runtime::Services& services, store::Database& db, store::DispatchRecord dispatch,
                           std::string slug, std::vector<store::Button> buttons, Before before)
    : services_(services),
      db_(db),
      dispatch_(std::move(dispatch)),
      conversation_(store::Conversations(db).get(dispatch_.conversation)),
      buttons_(std::move(buttons)),
      before_(before),
      started_(Clock::now()),
      next_(started_) {
  progress_.project = std::move(slug);
  progress_.doing = texts::kStarting;
  progress_.usd_so_far = before_.usd;
  write_if_due();
}

void ProgressNote::take(const dispatch::Event& event) {
  using Kind = dispatch::Event::Kind;
  switch (event.kind) {
    case Kind::session_begun:
      progress_.doing = texts::kThinking;
      break;
    case Kind::tool_used:
      progress_.doing = texts::doing(event.tool, event.text);
      if (writes_files(event.tool) && !event.text.empty()) {
        auto& files = progress_.files;
        auto file =
            std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.path == event.text; });
        if (file == files.end()) {
          file = files.insert(files.end(), {event.text});
        }
        file->added += event.lines_added;
        file->removed += event.lines_removed;
        show_written();
      }
      break;
    case Kind::said: {
      const auto first = base::trim(std::string_view(event.text).substr(0, event.text.find('\n')));
      progress_.doing = first.empty() ? progress_.doing : base::ellipsize(first, kMaxSaid);
      break;
    }
    case Kind::retrying:
      progress_.doing = texts::waiting(event.text);
      break;
    case Kind::asks:
      progress_.doing = texts::kWaitingForAnswer;
      break;
    case Kind::background:
      progress_.background = event.background;
      if (event.between_turns && !event.background.empty()) {
        progress_.doing = texts::kWaitingForBackground;
      }
      break;
    case Kind::added:
      progress_.doing = texts::kReadingAddition;
      break;
    case Kind::withdrawn:
    case Kind::used:
    case Kind::still_working:
      break;
  }
  services_.runs.note_step(dispatch_.id, progress_.doing);
  news_ = news_ || event.kind != Kind::still_working;
  progress_.usd_so_far = std::max(progress_.usd_so_far, before_.usd + event.usd_so_far);
  write_if_due();
}

void ProgressNote::show_written() const {
  auto* const shows = chat::capability<chat::ShowsWrittenFiles>(services_.platform(conversation_.section));
  if (shows == nullptr) {
    return;
  }
  std::vector<chat::WrittenFile> files;
  for (const auto& file : progress_.files) {
    files.push_back({file.path, file.added, file.removed});
  }
  shows->show_written(conversation_.chat_id, dispatch_.id, files);
}

void ProgressNote::write_if_due() {
  const auto now = Clock::now();
  if (now < (news_ ? next_ : next_ + kQuietPace - kPace)) {
    return;
  }
  next_ = now + kPace;
  progress_.elapsed = before_.worked + std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
  const auto text = texts::progress(progress_);
  if (text == shown_) {
    return;
  }
  try {
    store::Transaction transaction(db_, services_.notifier);
    store::Outbox outbox(db_);
    if (outbox.is_pending(dispatch_.note)) {
      return;
    }
    outbox.edit(dispatch_.note, with_further(db_, dispatch_, text), buttons_, services_.clock.now());
    transaction.commit();
    shown_ = text;
    news_ = false;
  } catch (const std::exception& e) {
    // The work must not suffer from a note that cannot be written; the result is stored with care later.
    base::log_warning("dispatch {}: the progress could not be noted: {}", chat::dispatch_name(dispatch_.id),
                      e.what());
  }
}

}  // namespace bot::runs
