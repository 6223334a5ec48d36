#include "bot/tools/asked_calls.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/access/time_zone.h"
#include "bot/markup/literal_markdown.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/texts/tools.h"
#include "bot/tools/argument_times.h"
#include "bot/tools/concerned.h"
#include "bot/tools/made_calls.h"
#include "bot/tools/read_back.h"
#include "bot/tools/servers.h"
#include "bot/tools/thing_facts.h"
#include "store/outbox.h"
#include "store/question_numbers.h"
#include "store/reminders.h"

namespace bot::tools {
namespace {

using nlohmann::json;
using Fate = CallOutcome::Fate;
using State = store::ToolCallState;

constexpr std::chrono::minutes kJustRead{5};
constexpr std::size_t kMostWords = 2'500;
/// Of one message of a question: fewer messages of any service than it would make a file of.
constexpr std::size_t kMostInOne = 6'000;
/// Whom or what a call is for, by the names of its arguments.
std::map<std::string, std::string> targets_of(const json& arguments) {
  std::map<std::string, std::string> targets;
  for (const auto& named : named_in(arguments)) {
    targets[named.argument] += named.value + "\n";
  }
  for (const char* name : {"to", "recipient", "recipients"}) {
    if (const auto* value = base::json_member(arguments, name)) {
      targets[name] = base::dump_json(*value);
    }
  }
  return targets;
}

/// Whether a call of the same tool does the other's work in another way, and not something else: for the
/// same, where the arguments say for what.
bool is_of_same(const std::string& before, const std::string& after) {
  const auto first = base::parse_json(before);
  const auto second = base::parse_json(after);
  if (!first || !second || !first->is_object() || !second->is_object()) {
    return before == after;
  }
  const auto targets = targets_of(*first);
  return targets == targets_of(*second) && (!targets.empty() || *first == *second);
}

/// What the server shows of what the call names, as Markdown; empty where nothing was found.
std::string about(const store::ToolCallRecord& call, base::Timestamp now, const std::string& timezone) {
  const auto concern = concern_from(call.about);
  if (concern.lines.empty()) {
    return "";
  }
  const bool is_old = now - concern.read > kJustRead;
  return texts::concerned(call.server, markup::inline_code(concern.tool),
                          markup::fenced(base::visible(concern.lines)),
                          is_old ? base::format_minute(concern.read, timezone) : "") +
         (concern.repeats ? std::string("\n\n") + texts::kWholeSeries : "");
}

/// What was read back, as Markdown.
std::string told(const Seen& seen) {
  const auto reader = markup::inline_code(seen.tool);
  if (seen.changes.lines.empty()) {
    return seen.was_there ? texts::read_back_was_there(reader) : texts::read_back_same(reader, seen.is_guess);
  }
  auto text =
      texts::read_back(reader, markup::fenced(base::visible(seen.changes.lines)), seen.changes.has_unasked);
  for (const auto& other : seen.changes.otherwise) {
    const auto code = [](const std::string& value) { return markup::inline_code(base::visible(value)); };
    text += "\n\n" + texts::there_otherwise(code(other.name), code(other.asked), code(other.there));
  }
  return text + (seen.repeats ? std::string("\n\n") + texts::kWholeSeriesChanged : "");
}

}  // namespace

std::string AskedCalls::show_beginning(const store::ToolCallRecord& call,
                                       const store::Conversation& conversation, const std::string& timezone) {
  auto pieces = pieces_of(argument_lines(call.arguments, timezone), kMostInOne);
  // As answers to what the person wrote, they go when that person is erased.
  const auto answers = store::Conversations(db_).message(call.message).external_id;
  const auto name = call_name(call.server, call.tool);
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    const auto text = texts::call_part(name, markup::fenced(pieces[i]), i + 1, pieces.size());
    store::Outbox(db_).post(conversation, {text, {}, answers}, services_.clock.now());
  }
  const auto last = markup::fenced(pieces.back());
  return pieces.size() == 1 ? last : texts::call_last_part(last, pieces.size());
}

std::int64_t call_to_change(store::Database& db, const store::Conversation& conversation,
                            store::PersonId person, store::MessageId message) {
  store::Conversations conversations(db);
  const auto last = conversations.last_of(conversation.id, person, message);
  const auto pressed = last && last->button ? conversations.find_button(*last->button) : std::nullopt;
  return pressed && pressed->button.kind == store::ButtonKind::change_call ? pressed->button.ref : 0;
}

std::vector<store::ToolCallRecord> AskedCalls::replaced_by(const store::ToolCallRecord& call,
                                                           const store::Conversation& conversation) {
  const auto meant = call_to_change(db_, conversation, call.person, call.message);
  auto open = calls_.open_of(call.conversation, call.person);
  // Several of one answer stand side by side.
  std::erase_if(open, [&](const store::ToolCallRecord& before) {
    return before.server != call.server || before.tool != call.tool || before.message == call.message;
  });
  const bool is_one = std::ranges::any_of(open, [&](const auto& before) { return before.id == meant; });
  std::erase_if(open, [&](const auto& before) {
    return is_one ? before.id != meant : !is_of_same(before.arguments, call.arguments);
  });
  return open;
}

int show_number(store::Database& db, const store::Conversation& conversation, store::MessageId question,
                base::Timestamp now) {
  store::QuestionNumbers numbers(db);
  if (const auto shown = numbers.of(question)) {
    return *shown;
  }
  const auto number = numbers.next(conversation.id);
  numbers.give(conversation.id, question, number);
  store::Conversations conversations(db);
  store::Outbox(db).edit(question, texts::numbered_question(number, conversations.message(question).text),
                         conversations.buttons(question), now);
  return number;
}

void AskedCalls::show(const store::ToolCallRecord& call, const store::Conversation& conversation,
                      const std::string& read, bool is_one_of_several) {
  const auto now = services_.clock.now();
  for (const auto& before : replaced_by(call, conversation)) {
    close(before, State::replaced, texts::kCallReplaced);
  }
  std::optional<int> number;
  for (const auto& other : calls_.open_of(call.conversation, call.person)) {
    is_one_of_several = true;
    if (other.shown) {
      show_number(db_, conversation, *other.shown, now);
    }
  }
  if (is_one_of_several) {
    number = store::QuestionNumbers(db_).next(conversation.id);
  }
  auto asked = call;
  const auto& patience = services_.settings.dispatch;
  // Nobody may be there when a scheduled task asks.
  asked.expires = now + (store::Reminders(db_).origin_of(call.message)
                             ? std::max(patience.approval_timeout, patience.question_timeout)
                             : patience.approval_timeout);
  const auto id = calls_.add(asked, now);
  const auto timezone = access::time_zone_of(services_, db_, call.person);
  auto text =
      told_of_same(db_, call, timezone) +
      texts::call_request(call_name(call.server, call.tool), show_beginning(call, conversation, timezone),
                          about(call, now, timezone), deadline(now, *asked.expires, timezone), read);
  if (number) {
    text = texts::numbered_question(*number, text);
  }
  using Kind = store::ButtonKind;
  const auto shown = store::Outbox(db_).post(conversation,
                                             {text,
                                              {{Kind::do_call, id, texts::kDoIt},
                                               {Kind::change_call, id, texts::kChange},
                                               {Kind::refuse_call, id, texts::kNo}}},
                                             now);
  calls_.set_shown(id, shown);
  if (number) {
    store::QuestionNumbers(db_).give(conversation.id, shown, *number);
  }
  store::JobQueue(db_).enqueue(kJob, id, id, now, {.not_before = *asked.expires, .by_the_wall = true});
}

bool AskedCalls::close(const store::ToolCallRecord& call, State state, const std::string& line,
                       const store::ToolCalls::Settled& settled_by) {
  const auto now = services_.clock.now();
  const bool settled = state == State::running || calls_.settle(call.id, state, now, settled_by);
  store::JobQueue(db_).withdraw(kJob, call.id);
  if (settled && call.shown) {
    const auto shown = store::Conversations(db_).message(*call.shown).text;
    if (!shown.empty()) {
      store::Outbox(db_).edit(*call.shown, texts::with_answer(texts::call_without_deadline(shown), line), {},
                              now);
    }
  }
  if (settled && state != State::running) {
    take_back_words(call);
    services_.metrics.tool_call(call.server, state, std::nullopt);
  }
  return settled;
}

void AskedCalls::take_back_words(const store::ToolCallRecord& call) {
  if (!call.said || calls_.is_any_alive(*call.said)) {
    return;
  }
  store::Conversations conversations(db_);
  if (!conversations.message(*call.said).text.empty()) {  // which goes with its person
    store::Outbox(db_).edit(*call.said, texts::kSaidOfNothing, conversations.buttons(*call.said),
                            services_.clock.now());
  }
}

bool AskedCalls::begin(const store::ToolCallRecord& call) {
  store::Transaction transaction(db_, services_.notifier);
  const bool begun = calls_.begin(call.id, call.person, services_.clock.now());
  if (begun) {
    close(call, State::running, texts::kCallBegun);
    transaction.commit();
  }
  return begun;
}

CallOutcome AskedCalls::make(const store::ToolCallRecord& call, const std::stop_token& stop) {
  const auto begun = std::chrono::steady_clock::now();
  auto outcome = reach(call, stop);
  services_.metrics.tool_call(
      call.server, state_of(outcome, false),
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  return outcome;
}

std::string AskedCalls::put_off(const store::ToolCallRecord& call, const std::stop_token& stop) {
  auto* const server = services_.tools == nullptr ? nullptr : services_.tools->find(call.server);
  if (server == nullptr) {
    return {};  // which is said when the call is made
  }
  server->learn();
  server->await_known(std::chrono::steady_clock::now() + 2 * server->settings().timeout, stop);
  const auto not_ready = server->prepare(stop);
  if (!not_ready) {
    has_looked_ = true;
    return {};
  }
  const auto now = services_.clock.now();
  const auto again = now + not_ready->again_in;
  const bool is_over_by_then = again >= call.expires.value_or(now);
  return texts::call_put_off(call_name(call.server, call.tool), markup::literal_markdown(not_ready->why),
                             not_ready->again_in.count() == 0
                                 ? ""
                                 : deadline(now, again, access::time_zone_of(services_, db_, call.person)),
                             is_over_by_then);
}

CallOutcome AskedCalls::reach(const store::ToolCallRecord& call, const std::stop_token& stop) {
  auto* const server = services_.tools == nullptr ? nullptr : services_.tools->find(call.server);
  if (server == nullptr) {
    return {Fate::not_made, "Its server is no longer configured.", true};
  }
  const auto known = server->known();
  if (!known.offer) {
    return {Fate::not_made, known.problem, true};
  }
  for (const auto& tool : known.offer->tools) {
    if (tool.name == call.tool && call_hash(call.server, tool, call.arguments) == call.hash) {
      // A person may take minutes to answer, and read exactly what that tool was when they were asked.
      if (!std::exchange(has_looked_, false)) {
        server->look_before_call();
      }
      return call_and_look(db_, *server, *known.offer, tool, call,
                           access::time_zone_of(services_, db_, call.person), stop);
    }
  }
  return {Fate::not_made, "The tool is not what it was when this was shown.", true};
}

std::string AskedCalls::end(const store::ToolCallRecord& call, const CallOutcome& outcome) {
  auto seen = outcome.seen;
  if (seen) {
    seen->repeats = seen->repeats || concern_from(call.about).repeats;
  }
  calls_.end(call.id, state_of(outcome, false), outcome.text, services_.clock.now(),
             seen ? to_json(*seen) : "");
  const auto name = call_name(call.server, call.tool);
  const auto words = markup::fenced(
      base::visible(base::keep_ends(outcome.text.empty() ? "(nothing)" : outcome.text, kMostWords)));
  switch (outcome.fate) {
    case Fate::answered:
      return (outcome.failed ? texts::call_failed(name, words) : texts::call_done(name, words)) +
             (seen ? "\n\n" + told(*seen) : "");
    case Fate::not_made:
      return texts::call_not_made(name, markup::literal_markdown(outcome.text));
    case Fate::uncertain:
      break;
  }
  return texts::call_uncertain(name, markup::literal_markdown(outcome.text));
}

void AskedCalls::expire(const store::Job& job) {
  store::Transaction transaction(db_, services_.notifier);
  if (const auto call = calls_.find(job.ref)) {
    if (job.trial == store::JobTrial::proven) {
      // The program crashed each time over it: the chat keeps its buttons, which then say that it is over.
      calls_.settle(call->id, State::expired, services_.clock.now(), {});
    } else {
      close(*call, State::expired, texts::kCallExpired);
    }
  }
  if (store::JobQueue(db_).complete(job)) {
    transaction.commit();
  }
}

void AskedCalls::end_cut(const store::ToolCallRecord& call, const std::string& why, const Tell& tell) {
  const auto now = services_.clock.now();
  // What only reads has done nothing, whatever became of it.
  const auto state = call.only_reads ? State::failed : State::uncertain;
  calls_.end(call.id, state, why, now);
  if (!call.only_reads) {
    store::Conversations conversations(db_);
    const auto text = tell(
        call_name(call.server, call.tool),
        markup::fenced(base::keep_ends(
            argument_lines(call.arguments, access::time_zone_of(services_, db_, call.person)), kMostInOne)));
    store::Outbox(db_).post(conversations.get(call.conversation),
                            {text, {}, conversations.message(call.message).external_id}, now);
  }
  services_.metrics.tool_call(call.server, state, std::nullopt);
}

// The turns and presses of a chat are carried out one after the other, so that nobody else makes these.
void AskedCalls::settle_lost(const store::Conversation& conversation) {
  const auto lost = calls_.running_in(conversation.id);
  if (lost.empty()) {
    return;
  }
  store::Transaction transaction(db_, services_.notifier);
  for (const auto& call : lost) {
    end_cut(call, texts::kCallOutcomeLost, texts::call_lost);
  }
  transaction.commit();
}

void AskedCalls::recover() {
  store::Transaction transaction(db_, services_.notifier);
  for (const auto& call : calls_.open()) {
    close(call, State::expired, texts::kCallExpiredByRestart);
  }
  for (const auto& call : calls_.running()) {
    end_cut(call, texts::kCallCutByEnd, texts::call_cut);
  }
  transaction.commit();
}

State state_of(const CallOutcome& outcome, bool only_reads) {
  return outcome.fate == Fate::uncertain && !only_reads      ? State::uncertain
         : outcome.fate == Fate::answered && !outcome.failed ? State::done
                                                             : State::failed;
}

Working::Working(runtime::Services& services, const store::Conversation& conversation,
                 const std::string& server)
    : platform_(chat::capability<chat::ShowsWork>(services.platform(conversation.section))),
      chat_id_(conversation.chat_id) {
  if (platform_ != nullptr) {
    platform_->show_work(chat_id_, texts::working_with(server));
  }
}

Working::~Working() {
  if (platform_ != nullptr) {
    platform_->show_work(chat_id_, {});
  }
}

}  // namespace bot::tools
