#include "bot/chat/commands.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.h"
#include "base/utf8.h"
#include "bot/texts/commands.h"

namespace bot::chat {
namespace {

struct Row {
  std::string_view word;
  Command::Name name;
  texts::CommandText text;
};

constexpr std::array<Row, 15> kCommands = {{
    {"dispatch", Command::Name::dispatch, texts::kDispatchCommand},
    {"answer", Command::Name::answer, texts::kAnswerCommand},
    {"status", Command::Name::status, texts::kStatusCommand},
    {"projects", Command::Name::projects, texts::kProjectsCommand},
    {"file", Command::Name::file, texts::kFileCommand},
    {"cancel", Command::Name::cancel, texts::kCancelCommand},
    {"new", Command::Name::fresh, texts::kNewCommand},
    {"whoami", Command::Name::whoami, texts::kWhoamiCommand},
    {"why", Command::Name::why, texts::kWhyCommand},
    {"memory", Command::Name::memory, texts::kMemoryCommand},
    {"search", Command::Name::search, texts::kSearchCommand},
    {"reminders", Command::Name::reminders, texts::kRemindersCommand},
    {"timezone", Command::Name::timezone, texts::kTimezoneCommand},
    {"pair", Command::Name::pair, texts::kPairCommand},
    {"help", Command::Name::help, texts::kHelpCommand},
}};

constexpr std::array kYes = {"yes",   "y",  "yes please", "yeah",      "yep", "ok",       "okay", "sure",
                             "do it", "go", "go ahead",   "please do", "ja",  "ja bitte", "oui",  "👍"};
constexpr std::array kNo = {"no",     "n",    "no thanks",  "nope", "not now", "don't",
                            "do not", "nein", "nein danke", "non",  "👎"};

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
}

/// Whether a command that was written without a slash can hardly be the beginning of a sentence.
bool is_likely(const Command& command) {
  const auto& argument = command.argument;
  const auto spaces = std::count_if(argument.begin(), argument.end(),
                                    [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  switch (command.name) {
    case Command::Name::dispatch:
    case Command::Name::answer:
      return !argument.empty();
    case Command::Name::cancel:
    case Command::Name::reminders:
    case Command::Name::timezone:
      return spaces == 0;
    case Command::Name::pair:
      return spaces == 0 && !argument.empty();
    case Command::Name::file:
      return spaces <= 1 && argument.find_first_of("./") != std::string::npos;
    default:
      return argument.empty();
  }
}

}  // namespace

std::optional<Command> parse_command(std::string_view text) {
  text = base::trim(text);
  if (text.size() < 2 || text.front() != '/') {
    return std::nullopt;
  }
  const auto end = std::min(text.find_first_of(" \t\n"), text.size());
  auto word = base::ascii_lower(text.substr(1, end - 1));
  word = word.substr(0, word.find('@'));
  if (word.empty() || !std::all_of(word.begin(), word.end(), is_word_char)) {
    return std::nullopt;
  }
  Command command{Command::Name::unknown, word, std::string(base::trim(text.substr(end)))};
  for (const auto& row : kCommands) {
    if (row.word == word) {
      command.name = row.name;
    }
  }
  return command;
}

std::string with_slash(std::string_view text, Bare bare) {
  const auto trimmed = base::trim(text);
  if (trimmed.empty()) {
    return bare == Bare::certain ? "/help" : "";
  }
  if (trimmed.front() == '/') {
    return std::string(trimmed);
  }
  auto slashed = "/" + std::string(trimmed);
  const auto command = parse_command(slashed);
  if (!command || command->name == Command::Name::unknown) {
    return std::string(trimmed);
  }
  const bool counts = bare == Bare::certain || is_likely(*command);
  return counts ? slashed : std::string(trimmed);
}

bool is_quick(const Command& command) {
  return command.name != Command::Name::dispatch && command.name != Command::Name::answer &&
         command.name != Command::Name::fresh;
}

std::vector<CommandUsage> command_usages() {
  std::vector<CommandUsage> usages;
  for (const auto& row : kCommands) {
    usages.push_back({row.word, row.text.usage, row.text.help});
  }
  return usages;
}

std::string command_help() {
  std::vector<texts::CommandText> commands;
  for (const auto& row : kCommands) {
    commands.push_back(row.text);
  }
  return texts::help(commands);
}

std::string with_command_prefix(std::string text, std::string_view prefix) {
  if (prefix == "/") {
    return text;
  }
  for (auto at = text.find("`/"); at != std::string::npos; at = text.find("`/", at + 1)) {
    const auto word = std::string_view(text).substr(at + 2);
    const bool known = std::any_of(kCommands.begin(), kCommands.end(), [&](const Row& row) {
      return word.starts_with(row.word) &&
             (word.size() == row.word.size() || !is_word_char(word[row.word.size()]));
    });
    if (known) {
      text.replace(at + 1, 1, prefix);
    }
  }
  return text;
}

std::string unknown_command(const Command& command) {
  std::vector<std::string> words;
  for (const auto& row : kCommands) {
    words.emplace_back(row.word);
  }
  return texts::unknown_command(command.word, base::nearest(command.word, words));
}

std::optional<YesNo> parse_yes_no(std::string_view text) {
  auto normal = base::ascii_lower(base::trim(text));
  while (!normal.empty() && (normal.back() == '.' || normal.back() == '!')) {
    normal.pop_back();
  }
  std::erase(normal, ',');
  if (std::find(kYes.begin(), kYes.end(), normal) != kYes.end()) {
    return YesNo::yes;
  }
  if (std::find(kNo.begin(), kNo.end(), normal) != kNo.end()) {
    return YesNo::no;
  }
  return std::nullopt;
}

std::optional<NumberedAnswer> parse_numbered_answer(std::string_view text) {
  // More digits than questions are ever open at once are the number of something else.
  constexpr std::size_t kMostDigits = 2;
  constexpr std::string_view kAround = " \t\n.,:;!#()";
  text = base::trim(text);
  while (!text.empty() && kAround.find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  while (!text.empty() && kAround.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  const auto front = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto back = text.size() - (text.find_last_not_of("0123456789") + 1);
  const bool is_first = front > 0;
  const auto digits = is_first ? text.substr(0, front) : text.substr(text.size() - back);
  auto words = is_first ? text.substr(front) : text.substr(0, text.size() - back);
  const auto is_apart = [&](char c) { return kAround.find(c) != std::string_view::npos; };
  if (digits.empty() || digits.size() > kMostDigits || words.empty() ||
      !is_apart(is_first ? words.front() : words.back())) {
    return std::nullopt;
  }
  while (!words.empty() && is_apart(words.front())) {
    words.remove_prefix(1);
  }
  while (!words.empty() && is_apart(words.back())) {
    words.remove_suffix(1);
  }
  const auto answer = parse_yes_no(words);
  const int number = std::stoi(std::string(digits));
  return answer && number > 0 ? std::optional(NumberedAnswer{*answer, number}) : std::nullopt;
}

}  // namespace bot::chat
