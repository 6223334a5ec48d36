#include "bot/cli/init.h"

#include <algorithm>
#include <filesystem>
#include <functional>
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

/// What is wrong with an answer, or nothing.
using Objection = std::function<std::optional<std::string>(const std::string& answer)>;

/// Asks until the answer will do; an empty one takes the proposal. Throws base::ConfigError where the input
/// ends after one that will not.
std::string ask(std::istream& in, std::ostream& out, const std::string& question, const std::string& proposal,
                const Objection& objection) {
  std::optional<std::string> wrong;
  for (;;) {
    out << question << " [" << proposal << "] " << std::flush;
    std::string line;
    if (!std::getline(in, line) && wrong) {
      throw base::ConfigError(*wrong);
    }
    const auto given = std::string(base::trim(line));
    const auto answer = given.empty() ? proposal : given;
    wrong = objection(answer);
    if (!wrong) {
      return answer;
    }
    out << *wrong << ".\n";
  }
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

constexpr const char kTemplate[] =
    R"toml(# Frontdesk. docs/operating.md explains every key. Lines that are commented out show a default or an example.
# Secrets do not go into this file, only where to find them: "env:NAME" or "file:PATH".

[server]
# listen = "127.0.0.1:8787"      # behind a TLS proxy: behind_proxy = true and public_url
# public_url = "https://bot.example.org"
# metrics_token = "env:METRICS_TOKEN"   # without it /metrics answers this machine alone
# log = "json"                       # a JSON object a line instead of text

[store]
# url = "sqlite:frontdesk.db"    # relative to this file
# max_backlog = 2000000          # messages that may wait; beyond that, senders are to try again later

[secretary]                      # the cheap model that answers, or suggests the specialist
provider = {}
model = {}
{}base_url = {}
{}{}# images = true                  # the model takes pictures; without this they are tried until it refuses them
# max_answer_bytes = 65536       # a longer answer is cut there and says so
# guide = "dispatch-guide.md"    # instead of the built-in guide
timezone = {}

# [[secretary.fallback]]         # answers while the model above is down; any number
# provider = "openai"
# model = "qwen3"
# base_url = "http://127.0.0.1:11434/v1"

[routing]                        # how likely it must be that a message needs the specialist
ask_at = 0.35                    # below this the secretary answers; from here on it asks first
dispatch_at = 0.75               # from here on the specialist starts without asking

[budget]                         # leave a key out for no limit
usd_per_day = {}
# usd_per_user_per_day = 5.0
# usd_per_run = 2.0
# alert_at = [0.5, 0.75, 0.9]    # shares that the admins of a chat section are told of

[dispatch]
projects_dir = {}
# timeout_s = 600
# permission = "acceptEdits"     # or "plan": it changes nothing before somebody pressed Go for its plan
# concurrency = 2
# allowed_tools = ["Bash(pytest:*)"]
# sandbox = "auto"               # bubblewrap if it works; "bwrap" requires it

[specialist.claude-code]
# command = "claude"
# api_key = "env:ANTHROPIC_API_KEY"   # without it, the CLI's own login

# [mcp_servers.files]            # what the secretary can do itself, by the Model Context Protocol: docs/tools.md
# command = "npx"                # `frontdesk tools files` prints what it offers and a proposal for allow and ask
# args = ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "~/notes"]
# url = "https://..."            # instead of command and args: a server over HTTP
# bearer_token = "env:FILES_TOKEN"   # for a url
# allow = ["read_*", "list_*"]   # tools that run without asking
# ask = ["write_file"]           # tools for which the person sees exactly what is to be done, and says yes or no
# reads = ["list_*"]             # tools that only read, where the server does not say so itself
# people = ["web:local"]         # whose turns have it; "role:admin" is the default, "*" is everybody
# places = "direct"              # or "everywhere": in groups, too
# timeout_s = 30
# idle_s = 300                   # the server is started at its first use, and ended when nobody has used it so long
# network = true                 # in the sandbox: all of it or none
# readable = ["~/documents"]     # what it sees in the sandbox, besides the system and its own folder
# state = ["~/.npm/", "~/notes"] # what it may also write there
# [mcp_servers.files.env]        # all that it sees beside PATH, HOME and the like; secrets as "env:NAME" or "file:PATH"
# API_KEY = "env:FILES_API_KEY"
# [mcp_servers.files.read_back]  # what is read before and after a tool, where none is found by itself
# write_file = {{ tool = "read_text_file", with = {{ path = "{{path}}" }} }}

# In every chat section: repair_buttons = false takes away the buttons that put right a decision, true shows them in groups, too;
# max_waiting = 20 is how many messages of one person may wait.

# [retention]                    # nothing here: all is kept
# messages = "365d"              # older words of people and the bot go, and what old runs left; ids and the log stay
# events = "90d"                 # older raw events of runs go
# database_mb = 4096             # above it the oldest words go before their time

{}# [admin]
# password = "file:admin.secret" # for the pages, instead of the token printed at each start; or its hash
# operator_password = "file:operator.secret"   # by `frontdesk admin hash`
# viewer_password = "file:viewer.secret"
# [admin.user.ada]               # the same with a name of their own
# role = "operator"              # viewer: sees; operator: thresholds, verdicts, runs; admin: everything
# password = "file:ada.secret"
# chat = true                    # may use the chat page, as web:ada
)toml";

/// One of each chat service, each with an empty line behind it.
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
      kTemplate, toml_text(a.provider), toml_text(a.model), default_address ? "# " : "",
      toml_text(a.base_url),
      default_address
          ? "# api_key = \"env:ANTHROPIC_API_KEY\"   # the default; without a key, the demo model answers\n"
      : anthropic ? "api_key = \"env:ANTHROPIC_API_KEY\"\n"
                  : "# api_key = \"env:OPENAI_API_KEY\"\n",
      anthropic
          ? "# usd_per_million_input = 1.0    # its price, where it is not Anthropic's list price\n"
            "# usd_per_million_output = 5.0\n"
          : "# usd_per_million_input = 0.5    # its price; without one its answers are counted as free\n"
            "# usd_per_million_output = 1.5\n",
      toml_text(base::machine_time_zone()), a.usd_per_day, toml_text(a.projects_dir), chat_sections());
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

std::optional<std::string> wrong_provider(const std::string& answer) {
  return answer == "anthropic" || answer == "openai"
             ? std::nullopt
             : std::optional(fmt::format("\"{}\" is not a provider; choose anthropic or openai", answer));
}

std::optional<std::string> wrong_address(const std::string& answer) {
  return answer.starts_with("http://") || answer.starts_with("https://")
             ? std::nullopt
             : std::optional(
                   fmt::format("\"{}\" is not an address; it must start with http:// or https://", answer));
}

std::optional<std::string> wrong_amount(const std::string& answer) {
  return amount(answer) ? std::nullopt
                        : std::optional(fmt::format("\"{}\" is not an amount in dollars", answer));
}

/// Throws base::ConfigError where the input ends at an answer that cannot be.
Answers ask_questions(std::istream& in, std::ostream& out) {
  const auto anything = [](const std::string&) { return std::optional<std::string>(); };
  Answers answers;
  answers.provider =
      ask(in, out,
          "Model provider for the secretary, anthropic or openai (also Ollama and other compatible ones)?",
          answers.provider, wrong_provider);
  if (answers.provider == "openai") {
    answers.model = "qwen2.5:14b";
    answers.base_url = "http://127.0.0.1:11434/v1";
  }
  answers.base_url = ask(in, out, "Address of its API?", answers.base_url, wrong_address);
  answers.model = ask(in, out, "Model?", answers.model, anything);
  answers.projects_dir = ask(in, out, "Folder for projects?", answers.projects_dir, anything);
  answers.usd_per_day =
      *amount(ask(in, out, "Daily budget in US dollars?", answers.usd_per_day, wrong_amount));
  return answers;
}

}  // namespace

int write_configuration(const InitOptions& options, std::istream& in, std::ostream& out) {
  if (std::filesystem::exists(options.path)) {
    throw base::ConfigError(
        fmt::format("{}: this file exists and is not overwritten; name another one", options.path));
  }
  const auto answers = options.yes ? Answers() : ask_questions(in, out);
  base::write_file_atomically(options.path, configuration(answers));
  out << options.path << " is written. Check it with `frontdesk doctor`, then run `frontdesk serve`.\n";
  return 0;
}

}  // namespace bot::cli
