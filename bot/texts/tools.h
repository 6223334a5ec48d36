#pragma once

#include <cstddef>
#include <string>

namespace bot::texts {

// Calls of the secretary's tools that a person is asked about. `tool` is "send_email of mail", `arguments`
// Markdown.

/// `about`: what concerned() says, or empty. `read`: the servers whose texts came into the turn before; empty
/// where there are none.
std::string call_request(const std::string& tool, const std::string& arguments, const std::string& about,
                         const std::string& until, const std::string& read);
/// What the server shows of what the call names; `lines` are Markdown. `when`: where it was not just read.
std::string concerned(const std::string& server, const std::string& tool, const std::string& lines,
                      const std::string& when);
/// Of one that repeats.
inline constexpr const char* kWholeSeries =
    "**What I read shows that it repeats: this concerns the whole series, all of its dates.**";
/// A message before it with a piece of the arguments, where these are too long for one.
std::string call_part(const std::string& tool, const std::string& arguments, std::size_t number,
                      std::size_t count);
/// The last piece, in the question itself.
std::string call_last_part(const std::string& arguments, std::size_t count);
/// `calls`: "`delete_event` of calendar (20)".
std::string calls_not_asked(const std::string& calls, std::size_t most);
/// As it was shown, without what can be done about it.
std::string call_without_deadline(const std::string& shown);

/// What the model says in a turn that asks about a call: it was said before that, whatever it sounds like.
std::string said_before_answer(const std::string& words);
/// Instead of that, where nothing of what was asked came about and it spoke of nothing else.
inline constexpr const char* kSaidOfNothing =
    "*(What I said here was about what I asked next. Nothing of it was done.)*";

// What is added to it when it is settled.
inline constexpr const char* kCallBegun = "You said: do it.";
inline constexpr const char* kCallRefused = "You said no. Nothing was done.";
/// Refused in the console; `why` is Markdown and may be empty.
std::string call_refused_by(const std::string& name, const std::string& why);
inline constexpr const char* kCallNotTheirs =
    "You may not use this any more: the operator has changed who may. Nothing was done.";
inline constexpr const char* kCallReplaced = "Replaced by the one below. Nothing was done.";
inline constexpr const char* kCallExpired = "Nobody answered in time. Nothing was done.";
inline constexpr const char* kCallOverByNew = "Over: you began a new conversation. Nothing was done.";
inline constexpr const char* kCallExpiredByRestart = "Expired: the bot was restarted. Nothing was done.";

/// Why nobody knows what came of a call.
inline constexpr const char* kCallCutByEnd = "The program ended meanwhile.";
inline constexpr const char* kCallOutcomeLost = "What came of it could not be written down.";

/// Of a call that a reading confirms.
inline constexpr const char* kDoneAndSeen = "done, and looked at afterwards";
/// In the log: "Read with list-events: nothing has changed", or the lines that are different.
std::string read_with(const std::string& tool, const std::string& lines);

/// "done, as the tool says", of store::ToolCallState as the database spells it.
std::string state_of_call(const std::string& state);

/// While it is made: "Looking into calendar".
std::string working_with(const std::string& server);

// What came of it. `words` are the tool's own, as Markdown.
std::string call_done(const std::string& tool, const std::string& words);
std::string call_failed(const std::string& tool, const std::string& words);
/// What was read after it; `lines` begin with "-", "+" or "!", as Markdown.
std::string read_back(const std::string& tool, const std::string& lines, bool has_unasked);
/// What is there otherwise than it was asked for, a sentence; the values are Markdown.
std::string there_otherwise(const std::string& name, const std::string& asked, const std::string& there);
/// Of one that repeats, behind what has changed.
inline constexpr const char* kWholeSeriesChanged =
    "**It repeats: the whole series was changed, all of its dates.**";
/// `is_guess`: it need not show what the call does.
std::string read_back_same(const std::string& tool, bool is_guess);
/// What was asked for was there before, and is.
std::string read_back_was_there(const std::string& tool);
std::string call_not_made(const std::string& tool, const std::string& why);
/// Of one that was not begun, since its server cannot be used now. `when` it can be tried again; empty: at
/// once. `is_over_by_then`: the question is not open for so long.
std::string call_put_off(const std::string& tool, const std::string& why, const std::string& when,
                         bool is_over_by_then);
std::string call_uncertain(const std::string& tool, const std::string& why);
/// After an attempt that could not write down what came of it.
std::string call_lost(const std::string& tool, const std::string& arguments);
/// After the program's end.
std::string call_cut(const std::string& tool, const std::string& arguments);

}  // namespace bot::texts
