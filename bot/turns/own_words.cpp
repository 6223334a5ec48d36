#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/messages/enclosures.h"
#include "bot/turns/turn.h"
#include "dispatch/project/workspace.h"

namespace bot::turns {
namespace {

/// What the specialist is told of the conversation when a person hands it a message by button.
constexpr int kGivenMessages = 6;
constexpr std::size_t kGivenBytes = 2'000;

}  // namespace

std::string to_json_of_own_words(const router::Proposal& proposal) {
  auto json = base::parse_json(to_json(proposal)).value_or(nlohmann::json::object());
  json.erase("confidence");
  return base::dump_json(json);
}

router::Proposal Turn::own_words_proposal(store::MessageId message, const std::string& reason) {
  std::vector<store::Message> given = {conversations_.message(message)};
  const auto words = messages::subject_of(db_, given.front());
  messages::tell_enclosures(db_, given);
  const auto& text = given.front().text;
  // The words alone may mean nothing without what was said before them.
  std::string before;
  auto earlier = conversations_.context(conversation_, {message.value - 1}, kGivenMessages);
  messages::tell_enclosures(db_, earlier, kGivenBytes / 2 - 100);
  for (const auto& m : earlier) {
    before += fmt::format("{}: {}\n", m.author == store::Author::user ? "Person" : "Assistant",
                          base::keep_ends(m.text, kGivenBytes));
  }
  router::Proposal proposal;
  proposal.slug = dispatch::make_slug(words);
  proposal.description = base::ellipsize(words.substr(0, words.find('\n')), 100);
  proposal.prompt =
      before.empty()
          ? text
          : fmt::format("{}\n\nWhat was said in the chat before that, for context:\n{}", text, before);
  proposal.reason = reason;
  return proposal;
}

}  // namespace bot::turns
