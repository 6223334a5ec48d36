#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/memory/scope.h"
#include "router/tool_source.h"
#include "store/notes.h"

namespace bot::memory {

/// The tools `remember` and `forget`, and the notes that a turn sees. What is kept are the person's own
/// words: where those of others are in the turn, or before it and the note is made of them, the person is
/// asked first. Thread rule: that of the Database.
class NoteTools : public router::ToolSource {
 public:
  /// `has_foreign_words`: whether words of others came into the turn so far, with the message or by a tool.
  NoteTools(const Scope& scope, std::function<bool()> has_foreign_words);

  std::vector<llm::ToolSpec> specs() override;
  std::optional<Result> call(const llm::ToolCall& call, std::stop_token stop) override;
  /// The notes, as data.
  std::string context() override;
  /// Keeps and deletes, asks the person, and writes down beside the decision which notes were shown.
  void carry_out() override;

 private:
  struct Order {
    std::string text;
    std::string owner;
    bool is_asked = false;  ///< the person has to say yes
  };
  llm::ToolResult remember(const llm::ToolCall& call);
  llm::ToolResult forget(const llm::ToolCall& call);
  bool is_foreign() const;
  /// Whether the person has to be asked before this is kept.
  bool is_to_be_asked(const std::string& text);
  /// What the model sees of this chat.
  std::vector<store::Message> earlier() const;
  /// Whether the person's own message says which note is meant: by its number, or by half of its words.
  bool is_named(const store::Note& note) const;
  void ask(const Order& order);

  const Scope scope_;
  const std::function<bool()> has_foreign_words_;
  store::Notes notes_;
  const std::string owner_;  ///< of the notes that the turn sees
  std::vector<store::NoteId> shown_;
  std::vector<Order> kept_;
  std::vector<store::NoteId> forgotten_;
};

}  // namespace bot::memory
