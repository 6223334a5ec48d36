#include "bot/memory/note_list.h"

#include <algorithm>
#include <charconv>

#include "bot/access/permissions.h"
#include "bot/access/person_name.h"
#include "bot/access/time_zone.h"
#include "bot/memory/fitting_notes.h"
#include "bot/texts/access.h"
#include "bot/texts/approvals.h"
#include "bot/texts/memory.h"
#include "store/people.h"

namespace bot::memory {
namespace {

/// As many buttons as every chat service shows under one message.
constexpr std::size_t kOnPage = 10;

texts::NoteLine line_of(const Scope& scope, const store::Note& note) {
  return {
      note.id.value, note.text,
      base::format_minute(note.created, access::time_zone_of(scope.services, scope.db, scope.person.id)),
      scope.conversation.in_group ? access::name_in_markdown(store::People(scope.db).get(note.person)) : ""};
}

/// Those of them that stand on the page that begins with `first`.
store::Post page_of(const Scope& scope, const std::vector<store::Note>& notes, std::size_t first) {
  texts::NoteList list;
  list.in_group = scope.conversation.in_group;
  list.all = notes.size();
  list.most = store::kMostNotes;
  std::vector<store::Button> buttons;
  for (std::size_t i = first; i < std::min(notes.size(), first + kOnPage); ++i) {
    list.shown.push_back(line_of(scope, notes[i]));
    buttons.push_back({store::ButtonKind::forget, notes[i].id.value, texts::forget_note(notes[i].id.value)});
  }
  list.next_page = first + kOnPage < notes.size() ? static_cast<int>(first / kOnPage) + 2 : 0;
  return {texts::notes(list), buttons};
}

std::vector<store::Note> notes_in(const Scope& scope) {
  return store::Notes(scope.db).of(owner_in(scope.db, scope.conversation, scope.person.id));
}

std::string on_forget(const Scope& scope, const store::Conversations::FoundButton& found) {
  store::Notes notes(scope.db);
  const auto note = notes.get({found.button.ref});
  if (!note) {
    return texts::kOldButton;
  }
  if (auto refused = refusal_to_forget(scope, *note)) {
    return *std::move(refused);
  }
  // The page stays the one it was: it begins with the first of its notes that is left.
  const auto shown = store::Conversations(scope.db).buttons(found.message);
  const auto all = notes_in(scope);
  const auto first = std::find_if(all.begin(), all.end(), [&](const store::Note& one) {
    return !shown.empty() && one.id.value <= shown.front().ref;
  });
  notes.remove(note->id);
  const auto at = static_cast<std::size_t>(first - all.begin()) / kOnPage * kOnPage;
  const auto left = notes_in(scope);
  const auto page = page_of(scope, left, at < left.size() ? at : 0);
  store::Outbox(scope.db).edit(found.message, page.text, page.buttons, scope.services.clock.now());
  return {};
}

}  // namespace

store::Post note_list(const Scope& scope, const std::string& page) {
  const auto notes = notes_in(scope);
  std::size_t number = 1;
  std::from_chars(page.data(), page.data() + page.size(), number);
  const auto pages = std::max<std::size_t>((notes.size() + kOnPage - 1) / kOnPage, 1);
  auto post = page_of(scope, notes, (std::clamp<std::size_t>(number, 1, pages) - 1) * kOnPage);
  post.reply_to = scope.message.external_id;
  return post;
}

std::optional<std::string> refusal_to_forget(const Scope& scope, const store::Note& note) {
  if (note.person == scope.person.id ||
      access::Permissions(scope.services, scope.db, scope.conversation.section).role(scope.person) ==
          access::Role::admin) {
    return std::nullopt;
  }
  return texts::only_they_can_forget(access::name_in_markdown(store::People(scope.db).get(note.person)));
}

std::string take_note_button(const Scope& scope, const store::Conversations::FoundButton& found) {
  if (found.button.kind == store::ButtonKind::forget) {
    return on_forget(scope, found);
  }
  const auto proposed = store::Notes(scope.db).proposed({found.button.ref});
  if (!proposed) {
    return texts::kOldButton;
  }
  if (proposed->note.person != scope.person.id) {
    return texts::only_they_were_asked(
        access::name_in_markdown(store::People(scope.db).get(proposed->note.person)));
  }
  return answer_note(scope, *proposed, found.button.kind == store::ButtonKind::remember);
}

std::optional<store::Notes::Proposed> note_asked_before(const Scope& scope) {
  store::Conversations conversations(scope.db);
  auto proposed = store::Notes(scope.db).last_proposed(scope.conversation.id, scope.person.id);
  const auto asked =
      proposed ? conversations.message_with_button(store::ButtonKind::remember, proposed->note.id.value)
               : std::nullopt;
  const bool is_answer =
      asked && *asked < scope.message.id &&
      !conversations.wrote_between(scope.conversation.id, scope.person.id, *asked, scope.message.id);
  return is_answer ? std::move(proposed) : std::nullopt;
}

std::string answer_note(const Scope& scope, const store::Notes::Proposed& proposed, bool yes) {
  store::Notes notes(scope.db);
  const auto now = scope.services.clock.now();
  const auto& note = proposed.note;
  const auto asked =
      store::Conversations(scope.db).message_with_button(store::ButtonKind::remember, note.id.value);
  const bool late = note.created + scope.services.settings.dispatch.question_timeout < now;
  notes.remove(note.id);
  const bool kept = yes && !late && notes.keep(note.person, note.owner, note.text, now);
  if (asked) {
    const char* const line = late   ? texts::kNotAnsweredInTime
                             : kept ? texts::kRemembered
                             : !yes ? texts::kNotRemembered
                                    : texts::kTooManyNotes;
    store::Outbox(scope.db).edit(
        *asked, texts::with_answer(store::Conversations(scope.db).message(*asked).text, line), {}, now);
  }
  return {};
}

}  // namespace bot::memory
