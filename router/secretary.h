#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "llm/chat_model.h"
#include "router/decision.h"
#include "router/secretary_tools.h"

namespace router {

/// The model used tools without end, and then had no words.
class EndlessTools final : public llm::ModelError {
 public:
  EndlessTools()
      : ModelError(Kind::malformed, "the model did not come to an end, however many tools it used") {}
};

/// The cheap model in secretary mode: a conversation goes in, an answer and perhaps a proposal come out.
/// Thread rule: all functions may be called from several threads at once.
class Secretary {
 public:
  /// One of several specialists, for the guide.
  struct Specialist {
    std::string name;
    std::string about;  ///< what it is good for
  };
  struct Options {
    std::string guide;     ///< the dispatch guide
    std::string timezone;  ///< IANA name; told to the model with date and time where nobody asks
    std::vector<Specialist> specialists =
        {};               ///< the usual one first; told to the model where there are several
    int max_rounds = 10;  ///< calls of the model in one turn that may use tools; then one for words alone
  };
  Secretary(llm::ChatModel& model, const base::Clock& clock, Options options);

  /// Told of every call of the model, also when the turn fails later.
  using OnUsage = std::function<void(const llm::Usage&)>;

  /// Asked before each further call of the model in one turn; what it throws ends the turn.
  using MayGoOn = std::function<void()>;

  /// Words of the model, which are not empty but in a Turn, and whether they are all that it had to say.
  struct Answer {
    std::string text;
    llm::Ending ending = llm::Ending::complete;
  };
  struct Turn {
    /// What stands before the proposal, or beside what the person is asked; may be empty where there is one.
    Answer answer;
    std::optional<Proposal> proposal = {};
    std::vector<Proposal> further =
        {};  ///< what it proposed beside it, for which there is no place in a turn; also what could not be
             ///< read of it, whose members may be empty
    /// The answer was given after the model had been told what failed beside its proposal.
    bool speaks_of_failure = false;
    /// Of the beginning of its first answer, where the endpoint tells it (Completion::logprob).
    std::optional<double> logprob = {};
    /// What became of the pictures in the window: a model saw some of them; the one that spoke last did not.
    bool saw_pictures = false;
    bool missed_pictures = false;
    std::vector<llm::ChatMessage> window = {};  ///< given back, to be asked with again
  };

  /// The secretary's turn at the end of `window`. The tool `dispatch` is offered only with `offer_dispatch`.
  /// A `listener` hears the words of the last call of the model only: those before are withdrawn.
  /// Throws llm::ModelError (EndlessTools when the model does not come to an end, `refused` when it declines
  /// without a word) and base::Stopped.
  Turn propose(std::vector<llm::ChatMessage> window, SecretaryTools& tools, bool offer_dispatch,
               const OnUsage& on_usage, std::stop_token stop, const MayGoOn& may_go_on = {},
               llm::AnswerListener* listener = nullptr);

  /// A specialist's report retold for the chat, at most some paragraphs, truthful to it. `order` is what was
  /// asked, `facts` what the program observed. Throws like propose().
  Answer summarize(const std::string& order, const std::string& report, const std::string& facts,
                   const OnUsage& on_usage, std::stop_token stop);

 private:
  class Rounds;
  std::string guide() const;
  std::string context(SecretaryTools* tools) const;

  llm::ChatModel& model_;
  const base::Clock& clock_;
  const Options options_;
  std::vector<std::string> specialists_;  ///< their names
};

}  // namespace router
