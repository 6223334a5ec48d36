// A word that answers a question, where several wait for one: none of them is guessed.
#include "store/open_questions.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"
#include "bot/texts/approvals.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/made_calls.h"
#include "bot/turns/replied_to.h"
#include "bot/turns/turn.h"
#include "store/question_numbers.h"

namespace bot::turns {
namespace {

constexpr std::size_t kMostNamed = 10;
constexpr std::size_t kLongestWhat = 120;
/// Further back nobody looks for what a person said beside yes and no.
constexpr int kMostWords = 20;
/// A message that ever had such a button asked something.
constexpr std::array kAsking = {store::ButtonKind::do_call, store::ButtonKind::yes,
                                store::ButtonKind::allow,   store::ButtonKind::deny,
                                store::ButtonKind::option,  store::ButtonKind::remember};

std::string shortened(const std::string& text) {
  return base::ellipsize(base::one_line(base::visible(text)), kLongestWhat);
}

}  // namespace

std::vector<Turn::OpenQuestion> Turn::open_questions() {
  using Kind = OpenQuestion::Kind;
  std::vector<OpenQuestion> open;
  const auto add = [&](Kind kind, std::int64_t row, std::optional<store::MessageId> shown, std::string what,
                       std::string task = {}) {
    if (shown && *shown < message_.id) {  // what is said before it cannot mean it
      open.push_back({kind, row, *shown, std::move(what), std::move(task)});
    }
  };
  for (const auto& call : store::ToolCalls(db_).open_of(conversation_.id, person_.id)) {
    const auto with = tools::short_arguments(call.arguments);
    add(Kind::call, call.id, call.shown,
        tools::call_name(call.server, call.tool) + (with.empty() ? "" : " (" + with + ")"));
  }
  for (const auto& question : store::open_questions(db_, conversation_.id, person_.id)) {
    const auto proposal = router::proposal_from_json(question.proposal);
    add(Kind::task, question.id.value,
        conversations_.message_with_button(store::ButtonKind::yes, question.id.value),
        texts::question_of_task(markup::literal_markdown(
            shortened(proposal.description.empty() ? proposal.slug : proposal.description))),
        question.proposal);
  }
  for (const auto& approval : asked_before()) {
    if (approval.person == person_.id) {
      add(Kind::specialist, approval.id, approval.message,
          texts::question_of_specialist(markup::inline_code(
              shortened(approval.tool + (approval.detail.empty() ? "" : ": " + approval.detail)))));
    }
  }
  std::ranges::sort(open, [](const auto& a, const auto& b) { return a.shown < b.shown; });
  // Who was asked about a task once more is asked about one.
  std::map<std::string, store::MessageId> newest;
  for (const auto& question : open) {
    newest.insert_or_assign(question.task, question.shown);
  }
  std::erase_if(open, [&](const auto& question) {
    return !question.task.empty() && question.shown < newest.at(question.task);
  });
  return open;
}

bool Turn::went_on_since(store::MessageId shown) {
  const auto is_answer = [](const store::Message& message) {
    return message.button || chat::parse_yes_no(message.text) || chat::parse_numbered_answer(message.text);
  };
  auto last = conversations_.last_of(conversation_.id, person_.id, message_.id);
  for (int i = 0; last && shown < last->id && is_answer(*last) && i < kMostWords; ++i) {
    last = conversations_.last_of(conversation_.id, person_.id, last->id);
  }
  return last && shown < last->id;
}

std::vector<Turn::OpenQuestion> Turn::which_question() {
  auto open = open_questions();
  // Whoever went on to something else answers that; to say yes once more is nothing else.
  if (open.size() < 2 || went_on_since(open.back().shown)) {
    open.clear();
  }
  return open;
}

std::string Turn::numbered_lines(const std::vector<OpenQuestion>& open) {
  std::string lines;
  for (const auto& question : open) {
    const auto number = tools::show_number(db_, conversation_, question.shown, services_.clock.now());
    lines += texts::listed_question(number, question.what);
  }
  return lines;
}

void Turn::ask_which(const std::vector<OpenQuestion>& open) {
  const std::vector<OpenQuestion> named(
      open.begin(), open.begin() + static_cast<std::ptrdiff_t>(std::min(open.size(), kMostNamed)));
  settle([&] {
    outbox_.post(
        conversation_,
        {texts::which_question(numbered_lines(named), open.size() - named.size()), {}, message_.external_id},
        services_.clock.now());
  });
}

std::optional<Turn::NamedAnswer> Turn::named_answer() {
  using Meaning = NamedAnswer::Meaning;
  const auto numbered = chat::parse_numbered_answer(message_.text);
  const auto word = chat::parse_yes_no(message_.text);
  const auto replied = !numbered && word ? replied_to(db_, message_) : std::nullopt;
  if (!numbered && !replied) {
    return std::nullopt;
  }
  if (job_.attempt > 1 && store::ToolCalls(db_).begun_since(conversation_.id, person_.id, job_.created)) {
    return NamedAnswer{.meaning = Meaning::begun};
  }
  const auto open = open_questions();
  if (replied) {
    return answer_by_reply(*word, replied->message, open);
  }
  store::QuestionNumbers numbers(db_);
  bool any_number = false;
  for (const auto& question : open) {
    const auto number = numbers.of(question.shown);
    any_number = any_number || number;
    if (number == numbered->number) {
      return NamedAnswer{Meaning::question, numbered->answer, question};
    }
  }
  // "ok 2" may be said to anything else
  return any_number
             ? std::optional(NamedAnswer{Meaning::unknown_number, numbered->answer, {}, numbered->number})
             : std::nullopt;
}

Turn::NamedAnswer Turn::answer_by_reply(chat::YesNo word, const std::optional<store::MessageId>& replied,
                                        const std::vector<OpenQuestion>& open) {
  using Meaning = NamedAnswer::Meaning;
  for (const auto& question : open) {
    if (replied && question.shown == *replied) {
      return {Meaning::question, word, question};
    }
  }
  if (replied) {
    if (auto question = question_at(*replied)) {
      return {Meaning::question, word, std::move(question)};
    }
    if (std::ranges::any_of(kAsking, [&](auto kind) { return conversations_.had_button(*replied, kind); })) {
      return {Meaning::settled, word};
    }
  }
  const bool is_awaited = !open.empty() && !went_on_since(open.back().shown);
  return {is_awaited ? Meaning::none_there : Meaning::other_words, word};
}

std::optional<Turn::OpenQuestion> Turn::question_at(store::MessageId shown) {
  using Kind = OpenQuestion::Kind;
  for (const auto& approval : store::Approvals(db_).open_in(conversation_.id)) {
    if (approval.message == shown) {
      return OpenQuestion{Kind::specialist, approval.id, shown, {}};
    }
  }
  for (const auto& button : conversations_.buttons(shown)) {
    switch (button.kind) {
      case store::ButtonKind::do_call:
        return OpenQuestion{Kind::call, button.ref, shown, {}};
      case store::ButtonKind::yes:
        return OpenQuestion{Kind::task, button.ref, shown, {}};
      case store::ButtonKind::remember:
        return OpenQuestion{Kind::note, button.ref, shown, {}};
      default:
        break;
    }
  }
  return std::nullopt;
}

void Turn::on_named_answer(const NamedAnswer& named, const std::stop_token& stop) {
  using Meaning = NamedAnswer::Meaning;
  switch (named.meaning) {
    case Meaning::begun:
    case Meaning::other_words:  // the caller's
      return void(settle([] {}));
    case Meaning::settled:
      return settle_with_text(texts::kSettled);
    case Meaning::unknown_number:
    case Meaning::none_there:
      settle([&] {
        const auto lines = numbered_lines(open_questions());
        const auto text = named.meaning == Meaning::none_there ? texts::no_question_there(lines)
                                                               : texts::no_such_question(named.number, lines);
        outbox_.post(conversation_, {text, {}, message_.external_id}, services_.clock.now());
      });
      return;
    case Meaning::question:
      return on_answer_to(named.question.value(), named.answer, stop);
  }
}

void Turn::on_answer_to(const OpenQuestion& question, chat::YesNo answer, const std::stop_token& stop) {
  using Kind = OpenQuestion::Kind;
  const bool yes = answer == chat::YesNo::yes;
  switch (question.kind) {
    case Kind::call:
      return on_call_button(
          {yes ? store::ButtonKind::do_call : store::ButtonKind::refuse_call, question.row, {}}, stop);
    case Kind::task:
      return on_yes_no_button({yes ? store::ButtonKind::yes : store::ButtonKind::no, question.row, {}}, stop);
    case Kind::note:
      return on_note_button(
          {{yes ? store::ButtonKind::remember : store::ButtonKind::leave, question.row, {}}, question.shown});
    case Kind::specialist:
      for (const auto& approval : store::Approvals(db_).open_in(conversation_.id)) {
        if (approval.id == question.row) {
          return on_approval_word(approval, answer);
        }
      }
  }
  settle_with_text(texts::kNoLongerWaiting);
}

}  // namespace bot::turns
