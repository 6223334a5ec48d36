#include <fmt/core.h>
#include <fmt/ranges.h>

#include "bot/cli/command_description.h"

namespace bot::cli {
namespace {

/// A text for man(7): no line of it is a request, and dashes stay dashes.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '.':
        out += out.empty() || out.back() == '\n' ? "\\&." : ".";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string head(const OptionDescription& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names) {
    names.push_back(option.is_argument ? italic(name) : bold(name));
  }
  const auto all = fmt::format("{}", fmt::join(names, ", "));
  return option.value.empty() || option.is_argument ? all : all + " " + italic(option.value);
}

std::string synopsis(const CommandDescription& command, const std::string& name) {
  auto line = bold(name);
  for (const auto& option : command.options) {
    if (option.names.back() != "--help") {
      line += option.required ? " " + head(option) : " [" + head(option) + "]";
    }
  }
  return line;
}

void add_options(std::string& page, const CommandDescription& command) {
  for (const auto& option : command.options) {
    if (option.names.back() != "--help") {
      page +=
          ".TP\n" + head(option) + "\n" + roff(option.what) + (option.required ? " (required)" : "") + "\n";
    }
  }
}

void add_commands(std::string& page, const CommandDescription& command, const std::string& name) {
  for (const auto& below : command.commands) {
    const auto full = name + " " + below.name;
    if (below.commands.empty()) {
      page += ".SS " + bold(full) + "\n" + roff(below.what) + ".\n.PP\n" + synopsis(below, full) + "\n";
      add_options(page, below);
    } else {
      add_commands(page, below, full);
    }
  }
}

constexpr const char* kEnd = R"(.SH EXIT STATUS
.TP
.B 0
It was done.
.TP
.B 1
It did not work.
.TP
.B 2
Wrong usage or configuration; one line on standard error says what, where, and the nearest valid name.
.TP
.B 124
The specialist ran out of time.
.SH SIGNALS
.B frontdesk serve
ends on
.B SIGTERM
and
.BR SIGINT ,
after running work had the time of
.IR server.shutdown_grace_s ;
a second one ends it at once.
On
.B SIGHUP
it reads routing, access and budgets again.
.SH FILES
.TP
.I ./frontdesk.toml\fR, \fI$XDG_CONFIG_HOME/frontdesk/frontdesk.toml
The configuration, where neither
.B \-\-config
nor
.B $FRONTDESK_CONFIG
names it.
.TP
.I /etc/frontdesk/frontdesk.toml
That of the service that the Debian package installs.
.TP
.I $XDG_DATA_HOME/frontdesk/frontdesk.db
The database, where there is no configuration; else
.I frontdesk.db
beside it, unless
.I store.url
says otherwise.
.SH ENVIRONMENT
.TP
.B FRONTDESK_CONFIG
The configuration file.
.TP
.B ANTHROPIC_API_KEY
The key for models of Anthropic, where the configuration names none.
.TP
.BR DISPATCH_PROJECTS_DIR ", " DISPATCH_CC_BIN ", " DISPATCH_TIMEOUT ", " DISPATCH_PERMISSION
Take the place of
.IR dispatch.projects_dir ", " specialist.claude\-code.command ", " dispatch.timeout_s
and
.IR dispatch.permission .
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Set by a service manager such as systemd, which is told how
.B serve
is.
)";

}  // namespace

std::string manual_page(const CommandDescription& program, const std::string& version) {
  auto page = fmt::format(".TH {} 1 \"\" \"{} {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n",
                          "FRONTDESK", program.name, version, program.name,
                          "a chat bot that answers quick questions and gives bigger tasks to a specialist");
  page += bold(program.name) + " " + italic("COMMAND") + " [" + italic("OPTION") +
          " ...]\n.SH DESCRIPTION\n" + roff(program.what) +
          "\n.SH OPTIONS\nEach command knows\n.BR \\-h \", \" \\-\\-help .\n";
  add_options(page, program);
  page += ".SH COMMANDS\n";
  add_commands(page, program, program.name);
  return page + kEnd;
}

}  // namespace bot::cli
