#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void command(std::string_view input) {
  const auto said = bot::chat::parse_yes_no(input);
  const auto parsed = bot::chat::parse_command(input);
  if (!parsed) {
    return;
  }
  require(!said, "a command is neither yes nor no");
  require(!parsed->word.empty() && base::is_utf8(parsed->word), "a command has a word");
  require(base::trim(parsed->argument) == parsed->argument, "an argument is trimmed");
  const auto again = bot::chat::parse_command("/" + parsed->word + " " + parsed->argument);
  require(again && again->name == parsed->name && again->word == parsed->word &&
              again->argument == parsed->argument,
          "a command that is written out is the same");
  if (parsed->name == bot::chat::Command::Name::unknown) {
    require(bot::chat::unknown_command(*parsed).find("/" + parsed->word) != std::string::npos,
            "an unknown command is named");
    require(bot::chat::is_quick(*parsed), "an unknown command needs no model");
  }
}

}  // namespace fuzz
