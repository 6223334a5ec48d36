#pragma once

namespace bot::chat {

/// A capability: who sends a message learns from the answer to the call that it was not taken, so that
/// nothing is lost where it is refused: a program that makes the call again later, or a page that keeps the
/// words.
class SenderIsTold {
 public:
  virtual ~SenderIsTold() = default;
  /// Whether the answer to the call is all that is needed; else the first such message of a chat is answered
  /// in the chat, and only those that follow it at once are refused by the answer.
  virtual bool by_answer_alone() const = 0;
};

}  // namespace bot::chat
