#include "bot/reminders/tools.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/reminders/asked_time.h"

namespace bot::reminders {
namespace {

constexpr std::size_t kLongestText = 2'000;
constexpr std::size_t kLongestListed = 200;
constexpr std::chrono::minutes kShortestPause{5};

constexpr const char* kSetSchema = R"json({
 "type": "object",
 "properties": {
  "text": {"type": "string", "description": "What to say then, or what to do, in the person's own words"},
  "at": {"type": "string", "description": "Once: RFC 3339 with the offset, such as 2026-11-28T15:00:00+01:00"},
  "every": {"type": "string", "description": "Instead of at, for what comes again: five cron fields in the person's zone, such as 0 9 * * 1-5; at most once in five minutes"},
  "do": {"type": "string", "enum": ["say", "turn"], "description": "say (the default): the text is posted; turn: you get the text then as a message of the person, and act on it"}
 },
 "required": ["text"]
})json";
constexpr const char* kIdSchema =
    R"json({"type": "object", "properties": {"id": {"type": "integer", "description": "From list_reminders"}}, "required": ["id"]})json";
constexpr const char* kEmptySchema = R"json({"type": "object", "properties": {}})json";

bool is_same(const store::Reminder& a, const store::Reminder& b) {
  return a.text == b.text && a.does == b.does && a.schedule == b.schedule && a.due == b.due;
}

}  // namespace

ReminderTools::ReminderTools(store::Database& db, const base::Clock& clock, Scope scope)
    : db_(db), clock_(clock), scope_(std::move(scope)), reminders_(db) {}

std::vector<llm::ToolSpec> ReminderTools::specs() {
  return {{"set_reminder", "Remind the person in this chat, once or again and again.", kSetSchema},
          {"list_reminders", "The person's reminders, with their ids.", kEmptySchema},
          {"cancel_reminder", "Delete one of the person's reminders.", kIdSchema}};
}

std::string ReminderTools::context() {
  ordered_.clear();  // the model is asked anew, and says again what it wants
  auto text = fmt::format("For set_reminder: it is now {} ({}).\n", rfc3339_in(clock_.now(), scope_.zone),
                          scope_.zone);
  if (const auto origin = reminders_.origin_of(scope_.message)) {
    text += fmt::format(
        "The person wrote the last message earlier, for now: it comes by schedule (reminder {}). Act on it; it is "
        "set already.\n",
        origin->reminder.value);
  } else if (const auto reminder = to_be_changed()) {
    text += fmt::format(
        "The person has just pressed Change at this reminder, and says now what is to be different: cancel it and "
        "set it anew.\n{}",
        line(*reminder));
  }
  return text;
}

std::optional<store::Reminder> ReminderTools::to_be_changed() {
  store::Conversations conversations(db_);
  const auto last = conversations.last_of(scope_.conversation.id, scope_.person, scope_.message);
  const auto pressed = last && last->button ? conversations.find_button(*last->button) : std::nullopt;
  auto reminder = pressed && pressed->button.kind == store::ButtonKind::change_reminder
                      ? reminders_.find({pressed->button.ref})
                      : std::nullopt;
  return reminder && reminder->due && is_seen_here(*reminder) ? reminder : std::nullopt;
}

bool ReminderTools::is_seen_here(const store::Reminder& reminder) const {
  return reminder.person == scope_.person &&
         (!scope_.conversation.in_group || reminder.conversation == scope_.conversation.id);
}

std::string ReminderTools::line(const store::Reminder& reminder) const {
  return fmt::format(
      "- id {}: {}{}, {}: {}\n", reminder.id.value, in_words(*reminder.due, reminder.zone),
      reminder.schedule.empty() ? ", once" : fmt::format(", again by \"{}\"", reminder.schedule),
      to_string(reminder.does), base::one_line(reminder.text));
}

std::optional<router::ToolSource::Result> ReminderTools::call(const llm::ToolCall& call, std::stop_token) {
  if (call.name == "set_reminder") {
    return Result{set(call)};
  }
  if (call.name == "list_reminders") {
    return Result{list(call.id)};
  }
  if (call.name == "cancel_reminder") {
    return Result{cancel(call)};
  }
  return std::nullopt;
}

std::optional<std::string> ReminderTools::read_time(const std::string& at, const std::string& every,
                                                    Ordered& ordered) {
  const auto now = clock_.now();
  if (at.empty() == every.empty()) {
    return "Give either \"at\", for once, or \"every\", for again and again.";
  }
  if (!at.empty()) {
    const auto time = asked_time(at, scope_.zone, now);
    if (const auto* const none = std::get_if<NoTime>(&time)) {
      return none->why;
    }
    ordered.set->due = std::get<base::Timestamp>(time);
    return std::nullopt;
  }
  const auto parsed = Schedule::parse(every);
  if (const auto* const malformed = std::get_if<Schedule::Malformed>(&parsed)) {
    return malformed->why;
  }
  ordered.schedule = std::get<Schedule>(parsed);
  if (ordered.schedule->shortest_pause() < kShortestPause) {
    return "A reminder comes at most once in five minutes. Tell the person so.";
  }
  ordered.set->schedule = base::one_line(every);
  ordered.set->due = ordered.schedule->next(now, scope_.zone);
  return ordered.set->due ? std::nullopt : std::optional<std::string>("There is no such day in forty years.");
}

llm::ToolResult ReminderTools::set(const llm::ToolCall& call) {
  const auto arguments = base::parse_json(call.arguments).value_or(nlohmann::json::object());
  const auto does = base::json_text(arguments, "do");
  Ordered ordered;
  auto& reminder = ordered.set.emplace();
  reminder.person = scope_.person;
  reminder.conversation = scope_.conversation.id;
  reminder.zone = scope_.zone;
  reminder.text = std::string(base::trim(base::to_valid_utf8(base::json_text(arguments, "text"))));
  if (reminder.text.empty()) {
    return {call.id, "The argument \"text\" is missing: what to remind of.", true};
  }
  if (reminder.text.size() > kLongestText) {
    return {call.id, fmt::format("\"text\" may have {} bytes at most.", kLongestText), true};
  }
  if (!does.empty() && !store::parse<store::ReminderDoes>(does)) {
    return {call.id, R"("do" must be "say" or "turn".)", true};
  }
  reminder.does = does.empty() ? store::ReminderDoes::say : *store::parse<store::ReminderDoes>(does);
  if (reminders_.origin_of(scope_.message)) {
    return {call.id, "What comes by schedule sets no reminders: the person has to say so themselves.", true};
  }
  if (auto why = read_time(std::string(base::trim(base::json_text(arguments, "at"))),
                           std::string(base::trim(base::json_text(arguments, "every"))), ordered)) {
    return {call.id, *std::move(why), true};
  }
  const bool known = std::any_of(ordered_.begin(), ordered_.end(), [&](const Ordered& earlier) {
    return earlier.set && is_same(*earlier.set, reminder);
  });
  const auto more = std::count_if(ordered_.begin(), ordered_.end(),
                                  [](const Ordered& earlier) { return earlier.set.has_value(); });
  const auto fewer = static_cast<int>(ordered_.size()) - static_cast<int>(more);
  if (!known && reminders_.count_of(scope_.person) + more - fewer >= kMostReminders) {
    return {call.id,
            fmt::format("The person has {} reminders, which is the most; one has to be deleted first.",
                        kMostReminders),
            true};
  }
  const auto when = in_words(*reminder.due, scope_.zone);
  auto result = reminder.schedule.empty()
                    ? fmt::format("Set for {} ({}). Tell the person this time.", when, scope_.zone)
                    : fmt::format("Set by \"{}\", next {} ({}). Tell the person.", reminder.schedule, when,
                                  scope_.zone);
  if (!known) {
    ordered_.push_back(std::move(ordered));
  }
  return {call.id, std::move(result)};
}

llm::ToolResult ReminderTools::list(const std::string& call) {
  std::string lines;
  bool any_cut = false;
  for (const auto& reminder : reminders_.of(scope_.person, kMostReminders)) {
    if (is_seen_here(reminder)) {
      auto listed = reminder;
      listed.text = base::ellipsize(reminder.text, kLongestListed);
      any_cut = any_cut || listed.text != reminder.text;
      lines += line(listed);
    }
  }
  if (any_cut) {
    lines += "Where a text ends in \"…\" there is more of it, which cancel_reminder tells.\n";
  }
  return {call, lines.empty() ? "The person has no reminders here." : lines};
}

llm::ToolResult ReminderTools::cancel(const llm::ToolCall& call) {
  const auto arguments = base::parse_json(call.arguments).value_or(nlohmann::json::object());
  const auto text = base::json_text(arguments, "id");
  const auto number = base::parse_json(text);  // some models write numbers as text
  const auto id = number && number->is_number_integer() ? std::optional(number->get<std::int64_t>())
                                                        : base::json_integer(arguments, "id");
  const auto reminder = id ? reminders_.find({*id}) : std::nullopt;
  if (!reminder || !reminder->due || !is_seen_here(*reminder)) {
    return {call.id, "The person has no such reminder here; list_reminders tells the ids.", true};
  }
  const bool known = std::any_of(ordered_.begin(), ordered_.end(), [&](const Ordered& earlier) {
    return !earlier.set && earlier.cancelled == reminder->id;
  });
  if (!known) {
    ordered_.push_back({.set = {}, .schedule = {}, .cancelled = reminder->id});
  }
  return {call.id, "Deleted: " + line(*reminder)};
}

void ReminderTools::carry_out() {
  const auto now = clock_.now();
  const auto changed = to_be_changed();
  const bool is_anew = changed && std::any_of(ordered_.begin(), ordered_.end(), [&](const Ordered& ordered) {
                         return !ordered.set && ordered.cancelled == changed->id;
                       });
  for (auto& ordered : ordered_) {
    if (!ordered.set) {
      reminders_.move(ordered.cancelled, std::nullopt, now);
      continue;
    }
    if (is_anew) {  // it comes where it was ordered, wherever Change was pressed
      ordered.set->conversation = changed->conversation;
    }
    ordered.set->has_foreign_words = scope_.has_foreign_words && scope_.has_foreign_words();
    reminders_.add(*ordered.set, now);
  }
}

}  // namespace bot::reminders
