#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bot::chat {

/// A message that is understood without a model: "/name argument".
struct Command {
  enum class Name {
    dispatch,
    answer,
    status,
    projects,
    file,
    cancel,
    fresh,
    whoami,
    why,
    reminders,
    memory,
    search,
    timezone,
    pair,
    help,
    unknown
  };
  Name name = Name::unknown;
  std::string word;      ///< as it was written, without the slash
  std::string argument;  ///< trimmed; may be empty
};

/// The command in the text, or nothing where it is an ordinary message ("/etc/hosts is empty" is one).
/// A bot's name behind the word ("/status@frontdesk_bot") is dropped.
std::optional<Command> parse_command(std::string_view text);

/// The text with the slash before its first word that a chat service did not let through ("status", "dispatch
/// build it"). Where it follows a mention (`likely`), it may just as well be a sentence, so only what can
/// hardly be one counts: a word alone, "cancel", "reminders" and "pair" with one word, "file" with a path,
/// "dispatch" and "answer" with a text. Behind a slash command of the service (`certain`) every known word
/// counts, and nothing at all asks for help.
enum class Bare { likely, certain };
std::string with_slash(std::string_view text, Bare bare);

/// Whether it can be carried out at once, without a model and in front of turns that wait for one.
bool is_quick(const Command& command);

/// What people are told about a command.
struct CommandUsage {
  std::string_view word;   ///< "cancel"
  std::string_view usage;  ///< "/cancel [PROJECT]": what is in brackets may be left out
  std::string_view help;   ///< what it does, without a full stop
};
/// All commands, in the order of /help, for services that keep a list of them.
std::vector<CommandUsage> command_usages();

/// The list for /help, Markdown.
std::string command_help();

/// The text with every command in it, "`/status`", spelled as it must be written where "/" alone is not
/// taken:
/// "`/frontdesk status`" for the prefix "/frontdesk ".
std::string with_command_prefix(std::string text, std::string_view prefix);

/// For an unknown command: a sentence with the nearest known one.
std::string unknown_command(const Command& command);

/// "yes", "ok", "go ahead" and the like, or "no", "not now"; nothing for anything else. English, German and
/// French.
enum class YesNo { yes, no };
std::optional<YesNo> parse_yes_no(std::string_view text);

/// The same beside the number of a question: "yes 2", "2: no", "#2 go ahead".
struct NumberedAnswer {
  YesNo answer = YesNo::no;
  int number = 0;
};
std::optional<NumberedAnswer> parse_numbered_answer(std::string_view text);

}  // namespace bot::chat
