#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dispatch {

/// A question with options that a specialist asks.
struct Question {
  std::string text;
  std::vector<std::string> options;
  bool several = false;  ///< more than one option may be chosen
};

/// What a specialist wants from a person while it works.
struct Request {
  enum class Kind {
    permission,  ///< may I do this?
    question,    ///< which of these?
    plan         ///< this is what I would do; shall I?
  };
  Kind kind = Kind::permission;
  std::string id;      ///< the specialist's own
  std::string hash;    ///< SHA-256 of exactly what is to be done; a reply must name it
  std::string tool;    ///< "Bash"
  std::string detail;  ///< Markdown: the command, the path and the change, or the plan
  std::string scope;   ///< Markdown: what a permission for the whole task would cover; or empty
  /// The rules behind `scope`, as Task::allowed_tools names them; without those that cannot be written so.
  std::vector<std::string> rules = {};
  bool shown_whole = true;  ///< otherwise `detail` leaves something out, and it must not be allowed
  std::vector<Question> questions;
};

/// What a person said to it.
struct Reply {
  enum class Verdict { allow, allow_for_task, deny };
  std::string request;  ///< Request::id
  std::string hash;     ///< Request::hash
  Verdict verdict = Verdict::deny;
  std::string text;                            ///< with a denial: why, or what is to be different
  std::map<std::string, std::string> answers;  ///< to questions, by their text
  std::string command = {};  ///< with leave for a command: what to run instead of what was proposed
};

/// More that a person wants of the task that the specialist works on.
struct Addition {
  std::int64_t id = 0;  ///< the sender's own; Event::addition names it
  std::string text;
};

/// Carries what people say to a specialist that works in another thread. Thread rule: any thread.
class Mailbox {
 public:
  using Mail = std::variant<Reply, Addition>;
  void push(Mail mail);
  std::optional<Mail> take();
  /// Called after every push, from the pusher's thread; empty for none.
  void set_wake(std::function<void()> wake);

 private:
  std::mutex mutex_;
  std::deque<Mail> mail_;
  std::function<void()> wake_;
};

}  // namespace dispatch
