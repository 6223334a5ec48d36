#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/runtime/services.h"
#include "bot/tools/server.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/job_queue.h"
#include "store/tool_calls.h"

namespace bot::tools {

/// What says exactly which call it is: server, tool, what the tool is, and the arguments.
std::string call_hash(const std::string& server, const llm::mcp::Tool& tool, const std::string& arguments);

/// "`send_email` of mail", as Markdown.
std::string call_name(const std::string& server, const std::string& tool);

/// The arguments as a person reads them: a line for each, instants also in their zone, nothing invisible.
std::string argument_lines(const std::string& arguments, const std::string& timezone);
/// The same as Markdown.
std::string readable_arguments(const std::string& arguments, const std::string& timezone);

/// Of the arguments of one question, in bytes; also of what they become where a person reads them.
inline constexpr std::size_t kMostShown = 24'000;
/// Questions that one person has before them in one chat.
inline constexpr std::size_t kMostAsked = 10;

/// The call whose button *Change* was what its person did last before that message; 0 if it was anything
/// else.
std::int64_t call_to_change(store::Database& db, const store::Conversation& conversation,
                            store::PersonId person, store::MessageId message);

/// Whether a person can be shown the arguments in full.
bool can_be_shown(const std::string& arguments);

/// The text in pieces of at most so many bytes, which end at the end of a line where they can.
std::vector<std::string> pieces_of(std::string_view text, std::size_t most);

/// Calls that a person is asked about, from the question to what came of it. Thread rule: that of the
/// Database.
class AskedCalls {
 public:
  AskedCalls(runtime::Services& services, store::Database& db) : services_(services), db_(db), calls_(db) {}

  /// Inside a transaction: shows the call to its person, where it is long in several messages, the last of
  /// which asks. Takes the place of the one whose *Change* they pressed, else of those of the same tool that
  /// an earlier message of theirs led to and they have not answered. What a scheduled task asks can be
  /// answered for as long as a question of the secretary. `read`: the servers whose texts came into the turn.
  /// `is_one_of_several`: another one will be shown beside it; then, and where others are open, each shows a
  /// number.
  void show(const store::ToolCallRecord& call, const store::Conversation& conversation,
            const std::string& read, bool is_one_of_several = false);

  /// Inside a transaction: a call that nobody has answered is settled, and its message says so. False where
  /// it is not open any more.
  bool close(const store::ToolCallRecord& call, store::ToolCallState state, const std::string& line,
             const store::ToolCalls::Settled& settled = {});

  /// Before begin(): why the call cannot be made now, as Markdown, and when it can be tried again; its
  /// question stays as it is. Empty where its server is ready. Throws base::Stopped.
  std::string put_off(const store::ToolCallRecord& call, const std::stop_token& stop);
  /// In a transaction of its own: from now on the call is being made, as its person said. False where it is
  /// not open any more.
  bool begin(const store::ToolCallRecord& call);
  /// Makes the call that begin() began. Throws base::Stopped.
  CallOutcome make(const store::ToolCallRecord& call, const std::stop_token& stop);
  /// Inside a transaction: writes down what came of it, and returns what to say.
  std::string end(const store::ToolCallRecord& call, const CallOutcome& outcome);

  /// The end of the time in which a call can be answered; `ref` is its row.
  static constexpr const char* kJob = "call-question";
  /// Carries out a job of that kind, in a transaction of its own.
  void expire(const store::Job& job);

  /// Where a turn of that chat begins again, in a transaction of its own: what an attempt before it has left
  /// running is uncertain, and the chat is told.
  void settle_lost(const store::Conversation& conversation);

  /// At the start of the program, in a transaction of its own: what was being done is uncertain, and what was
  /// asked has expired; the chats are told.
  void recover();
  /// The open questions that one about that call would be asked instead of.
  std::vector<store::ToolCallRecord> replaced_by(const store::ToolCallRecord& call,
                                                 const store::Conversation& conversation);

 private:
  /// Inside a transaction, where it was settled: what the model said beside it says no more, unless something
  /// of what it said it beside is open or was begun.
  void take_back_words(const store::ToolCallRecord& call);
  /// What is told of a call by its name and arguments, as Markdown.
  using Tell = std::function<std::string(const std::string& name, const std::string& arguments)>;
  /// Inside a transaction: nobody knows what came of that one.
  void end_cut(const store::ToolCallRecord& call, const std::string& why, const Tell& tell);
  /// Posts all of the arguments but the end, where they are too long for one message; returns that end, as
  /// Markdown.
  std::string show_beginning(const store::ToolCallRecord& call, const store::Conversation& conversation,
                             const std::string& timezone);
  CallOutcome reach(const store::ToolCallRecord& call, const std::stop_token& stop);

  runtime::Services& services_;
  store::Database& db_;
  store::ToolCalls calls_;
  bool has_looked_ = false;  ///< put_off() has asked the server for its tools, for the next call
};

/// Inside a transaction: that question of ours shows a number from now on, where it shows none. Returns it.
int show_number(store::Database& db, const store::Conversation& conversation, store::MessageId question,
                base::Timestamp now);

/// What a call has come to: of what only reads nothing can be uncertain.
store::ToolCallState state_of(const CallOutcome& outcome, bool only_reads);

/// Says in the chat what is being done, where its service can, for as long as it lives.
class Working {
 public:
  Working(runtime::Services& services, const store::Conversation& conversation, const std::string& server);
  ~Working();
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;

 private:
  chat::ShowsWork* const platform_;
  const std::string chat_id_;
};

}  // namespace bot::tools
