#include "bot/cli/init.h"

#include <algorithm>
#include <filesystem>
#include <istream>
#include <optional>
#include <ostream>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "bot/platforms/chat_platforms.h"

namespace bot::cli {
namespace {

struct Answers {
  std::string provider = "anthropic";
  std::string model = "claude-haiku-4-5";
  std::string base_url = "https://api.anthropic.com";
  std::string projects_dir = "~/dispatch-projects";
  std::string usd_per_day = "20.0";
};

std::string ask(std::istream& in, std::ostream& out, const std::string& question,
                const std::string& fallback) {
  out << question << " [" << fallback << "] " << std::flush;
  std::string line;
  std::getline(in, line);
  const auto answer = std::string(base::trim(line));
  return answer.empty() ? fallback : answer;
}

std::string toml_text(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  return out + "\"";
}

/// One of each service, with an empty line behind it.
std::string chat_sections() {
  std::string out;
  for (const auto& type : platforms::platform_types()) {
    out += type.example_section + "\n";
  }
  return out;
}

std::string configuration(const Answers& a) {
  const bool anthropic = a.provider == "anthropic";
  const bool default_address = a.base_url == Answers().base_url;
  return fmt::format(
      R"toml(# Frontdesk. docs/operating.md explains every key; what is commented out shows its default.
# Secrets are never written here, only where they are: "env:NAME" or "file:PATH".

[server]
# listen = "127.0.0.1:8787"      # behind a TLS proxy: behind_proxy = true and public_url
# public_url = "https://bot.example.org"

[store]
# url = "sqlite:frontdesk.db"    # relative to this file

[secretary]                      # the cheap model that answers, or proposes to dispatch
provider = {}
model = {}
{}base_url = {}
{}usd_per_million_input = {}      # for the cost ledger and the budgets
usd_per_million_output = {}
# guide = "dispatch-guide.md"    # instead of the built-in guide
timezone = {}

[routing]                        # p is the probability that a turn needs the specialist
ask_at = 0.35                    # below: the secretary answers; from here on it asks first
dispatch_at = 0.75               # from here on it dispatches without asking

[budget]                         # a missing figure is no limit
usd_per_day = {}
# usd_per_user_per_day = 5.0
# usd_per_run = 2.0

[dispatch]
projects_dir = {}
# timeout_s = 600
# permission = "acceptEdits"     # or "plan": look and report, change nothing
# concurrency = 2
# allowed_tools = ["Bash(pytest:*)"]
# sandbox = "auto"               # bubblewrap where it works

[specialist.claude-code]
# command = "claude"
# api_key = "env:ANTHROPIC_API_KEY"   # otherwise the CLI's own login

{}# [admin]
# password = "file:admin.secret" # for the page, instead of the token printed at the start
)toml",
      toml_text(a.provider), toml_text(a.model), default_address ? "# " : "", toml_text(a.base_url),
      default_address
          ? "# api_key = \"env:ANTHROPIC_API_KEY\"   # this is the default; without a key: the demo model\n"
      : anthropic ? "api_key = \"env:ANTHROPIC_API_KEY\"\n"
                  : "# api_key = \"env:OPENAI_API_KEY\"\n",
      anthropic ? "1.0" : "0.0", anthropic ? "5.0" : "0.0", toml_text(base::machine_time_zone()),
      a.usd_per_day, toml_text(a.projects_dir), chat_sections());
}

/// The amount as TOML writes it, without leading zeros; nothing where [budget] would not take it.
std::optional<std::string> amount(std::string text) {
  while (text.size() > 1 && text[0] == '0' && text[1] != '.') {
    text.erase(0, 1);
  }
  const bool number = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos &&
                      std::count(text.begin(), text.end(), '.') <= 1 && text.front() != '.' &&
                      text.back() != '.';
  return number && std::min(text.find('.'), text.size()) <= 9 ? std::optional(text) : std::nullopt;
}

}  // namespace

int write_configuration(const InitOptions& options, std::istream& in, std::ostream& out) {
  if (std::filesystem::exists(options.path)) {
    throw base::ConfigError(
        fmt::format("{}: is there already and is not overwritten; name another file", options.path));
  }
  Answers answers;
  if (!options.yes) {
    answers.provider = ask(
        in, out, "Which model provider is the secretary on, anthropic or openai (also Ollama and others)?",
        answers.provider);
    if (answers.provider != "anthropic" && answers.provider != "openai") {
      throw base::ConfigError(
          fmt::format("\"{}\" is not a provider; valid: anthropic, openai", answers.provider));
    }
    if (answers.provider == "openai") {
      answers.model = "qwen2.5:14b";
      answers.base_url = "http://127.0.0.1:11434/v1";
    }
    answers.base_url = ask(in, out, "At which address?", answers.base_url);
    if (!answers.base_url.starts_with("http://") && !answers.base_url.starts_with("https://")) {
      throw base::ConfigError(
          fmt::format("\"{}\" is not an address; it must begin with http:// or https://", answers.base_url));
    }
    answers.model = ask(in, out, "Which model?", answers.model);
    answers.projects_dir = ask(in, out, "In which folder are projects made?", answers.projects_dir);
    answers.usd_per_day = ask(in, out, "How many US dollars may be spent a day?", answers.usd_per_day);
    const auto usd_per_day = amount(answers.usd_per_day);
    if (!usd_per_day) {
      throw base::ConfigError(fmt::format("\"{}\" is not a number of dollars", answers.usd_per_day));
    }
    answers.usd_per_day = *usd_per_day;
  }
  base::write_file_atomically(options.path, configuration(answers));
  out << options.path << " is written. Check it with `frontdesk doctor`, then `frontdesk serve`.\n";
  return 0;
}

}  // namespace bot::cli
