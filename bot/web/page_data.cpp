#include "bot/web/page_data.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/chat/platform.h"
#include "bot/markup/markdown.h"
#include "bot/runs/approval_desk.h"
#include "bot/texts/results.h"
#include "store/approvals.h"
#include "store/attachments.h"
#include "store/dispatch_log.h"
#include "store/projects.h"

namespace bot::web {
namespace {

using nlohmann::json;

constexpr int kPage = 50;
constexpr std::size_t kFilesShown = 100;

const char* style_of(store::ButtonKind kind) {
  switch (kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::resume:
    case store::ButtonKind::retry:
    case store::ButtonKind::allow:
    case store::ButtonKind::remember:
    case store::ButtonKind::do_call:
      return "primary";
    case store::ButtonKind::cancel:
    case store::ButtonKind::drop:
    case store::ButtonKind::delete_reminder:
      return "danger";
    case store::ButtonKind::give:
    case store::ButtonKind::just_answer:
    case store::ButtonKind::good:
    case store::ButtonKind::bad:
      return "quiet";
    case store::ButtonKind::no:
    case store::ButtonKind::leave:
    case store::ButtonKind::forget:
    case store::ButtonKind::allow_for_task:
    case store::ButtonKind::deny:
    case store::ButtonKind::change:
    case store::ButtonKind::change_reminder:
    case store::ButtonKind::snooze:
    case store::ButtonKind::option:
    case store::ButtonKind::file:
    case store::ButtonKind::raise:
    case store::ButtonKind::change_call:
    case store::ButtonKind::refuse_call:
      return "plain";
  }
  return "plain";
}

/// What the run made, changed and deleted.
json files_of(const store::DispatchRecord& dispatch) {
  json files = json::array();
  const auto facts = base::parse_json(dispatch.facts).value_or(json::object());
  for (const auto& file : base::json_list(facts, "files")) {
    if (files.size() < kFilesShown) {
      files.push_back({{"path", base::json_text(file, "path")}, {"change", base::json_text(file, "change")}});
    }
  }
  return files;
}

/// As the page gave it: in the store the owner of the chat stands before it.
std::string own_id(const std::string& stored, const std::string& chat) {
  const auto slash = chat.rfind('/');
  const auto begin = slash == std::string::npos ? 0 : slash + 1;
  return stored.compare(0, begin, chat, 0, begin) == 0 ? stored.substr(begin) : stored;
}

}  // namespace

json PageData::dispatch(const store::Message& m) {
  const auto d = store::DispatchLog(db_).dispatch(*m.dispatch);
  json dispatch = {{"id", chat::dispatch_name(d.id)},
                   {"slug", store::Projects(db_).get(d.project).slug},
                   {"state", to_string(d.state)},
                   {"outcome", d.joined    ? json("joined")
                               : d.outcome ? json(to_string(*d.outcome))
                                           : json()},
                   {"files", files_of(d)}};
  if (const auto approval = store::Approvals(db_).shown_by(m.id)) {
    const bool changed = approval->kind == store::ApprovalKind::plan &&
                         approval->state == store::ApprovalState::denied && !approval->comment.empty();
    dispatch["asks"] = changed ? "changed" : to_string(approval->state);
    dispatch["about"] = to_string(approval->kind);
    dispatch["editable"] = runs::can_change(*approval);
    dispatch.erase("files");
  }
  if (m.text.ends_with(texts::kResultBelow)) {
    dispatch.erase("files");
    dispatch["below"] = true;
  }
  return dispatch;
}

json PageData::message(store::MessageId id) {
  store::Conversations conversations(db_);
  const auto message = conversations.message(id);
  return this->message(message, conversations.get(message.conversation).chat_id);
}

/// `chat` is the one in the store.
json PageData::message(const store::Message& m, const std::string& chat) {
  json actions = json::array();
  for (const auto& button : m.buttons) {
    actions.push_back({{"id", button.id},
                       {"label", button.label},
                       {"style", style_of(button.kind)},
                       {"kind", to_string(button.kind)}});
  }
  const bool user = m.author == store::Author::user;
  json files = json::array();
  if (user) {
    for (const auto& file : store::Attachments(db_).of(m.id)) {
      files.push_back({{"name", file.name}, {"size", file.size ? json(*file.size) : json()}});
    }
  }
  return {{"id", m.id.value},
          {"author", user ? "user" : "assistant"},
          {"key", user ? json(own_id(m.external_id, chat)) : json()},
          {"text", m.text},
          {"html", user ? json() : json(markup::markdown_to_html(m.text))},
          {"time", base::to_unix_ms(m.created)},
          {"edited", m.edited ? json(base::to_unix_ms(*m.edited)) : json()},
          {"actions", actions},
          {"files", files},
          {"dispatch", m.dispatch ? dispatch(m) : json()}};
}

json PageData::history(const std::string& section, const std::string& chat,
                       std::optional<store::MessageId> before) {
  store::Conversations conversations(db_);
  json messages = json::array();
  bool more = false;
  if (const auto conversation = conversations.find(section, chat)) {
    auto list = conversations.history(conversation->id, before, kPage + 1);
    more = list.size() > kPage;
    if (more) {
      list.erase(list.begin());
    }
    for (const auto& m : list) {
      messages.push_back(message(m, chat));
    }
  }
  return {{"messages", messages}, {"more", more}};
}

}  // namespace bot::web
