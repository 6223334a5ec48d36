#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "llm/chat_model.h"

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
  };

  /// What the model is shown; asked for before each of its calls, so it may change within a turn.
  virtual std::vector<llm::ToolSpec> specs() = 0;

  /// Carries out a call, or answers it with an error for the model. Nothing where the tool is another
  /// source's. What it writes into the database is left for carry_out(). Throws base::Stopped.
  virtual std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) = 0;

  /// What the model should know before its first call, as lines; empty where there is nothing.
  virtual std::string context() { return {}; }
  /// Whether words as in Result::is_foreign came with context().
  virtual bool told_foreign_text() const { return false; }

  /// Writes what the calls ordered, inside the transaction that ends the turn, so that it is done once and
  /// together with the answer that tells of it. Not called where the turn failed. The model may have been
  /// asked twice in one turn and have said the same call again: that counts once.
  virtual void carry_out() {}
};

}  // namespace router
