#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "llm/chat_model.h"
#include "store/ids.h"

namespace router {

/// More tools for the secretary's model, beside those about projects. One object serves one turn of one
/// person in one chat. Thread rule: used by that turn's thread alone.
class ToolSource {
 public:
  virtual ~ToolSource() = default;

  struct Result {
    llm::ToolResult result;
    /// Words that neither the person nor the program wrote came with it: from now on the turn orders nothing
    /// by itself (rule foreign-text).
    bool is_foreign = false;
    /// What it came to: something was read or ordered; the person is to be asked first; or neither.
    enum class Effect { done, asked, none };
    Effect effect = Effect::done;
  };

  /// What the model is shown; asked for before each of its calls, so it may change within a turn.
  virtual std::vector<llm::ToolSpec> specs() = 0;

  /// Carries out a call, or answers it with an error for the model. Nothing where the tool is another
  /// source's. What it writes into the database is left for carry_out(). Throws base::Stopped.
  virtual std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) = 0;

  /// What the model should know before its first call, as lines; empty where there is nothing. It stands in
  /// the system prompt: no words of tools or servers.
  virtual std::string context() { return {}; }
  /// Whether context() may wait for anybody, or write: then it has no place in a transaction.
  virtual bool context_may_wait() const { return false; }
  /// The same of what is material and orders nothing; it stands beside what the person says, marked as not
  /// theirs.
  virtual std::string material() { return {}; }
  /// Whether words as in Result::is_foreign came with material().
  virtual bool told_foreign_text() const { return false; }

  /// Whether carry_out() will ask the person about a call: until they have answered, nothing of it is done.
  virtual bool asks() const { return false; }
  /// Before carry_out(), in its transaction: the message with what the model said in a turn that has done
  /// nothing but ask. Once all of that has come to nothing, the message is to say so.
  virtual void answered_with(store::MessageId) {}

  /// Writes what the calls ordered, inside the transaction that ends the turn, so that it is done once and
  /// together with the answer that tells of it. Not called where the turn failed. The model may have been
  /// asked twice in one turn and have said the same call again: that counts once.
  virtual void carry_out() {}
};

}  // namespace router
