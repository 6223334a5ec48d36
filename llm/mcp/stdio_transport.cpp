#include <algorithm>
#include <system_error>

#include <fmt/core.h>

#include "base/private_folder.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "llm/mcp/transport.h"

namespace llm::mcp {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Servers with open connections of their own do not end by themselves.
constexpr std::chrono::milliseconds kEndsWithin{1'000};
/// Of messages that wait behind an answer.
constexpr int kMostBehind = 1'000;
constexpr std::size_t kLongestLastWords = 300;
constexpr std::size_t kLongestLastLines = 4'000;

/// What must be shown of a file that stands in the arguments: the script itself, and the packages around it.
void show_scripts(const std::vector<std::string>& arguments, std::vector<fs::path>& readable) {
  for (const auto& argument : arguments) {
    std::error_code ec;
    const fs::path path(argument);
    if (!path.is_absolute() || !fs::is_regular_file(path, ec)) {
      continue;
    }
    for (const auto& at : {path, fs::canonical(path, ec)}) {
      fs::path folder;
      for (const auto& part : at) {
        folder /= part;
        if (part == "node_modules") {
          break;
        }
      }
      readable.push_back(folder);  // the file itself, where no such folder is around it
    }
  }
}

std::vector<std::string> command_of(const ServerProgram& program, const base::Sandbox& sandbox,
                                    const fs::path& folder, const std::string& search_path) {
  std::vector<std::string> argv = {program.command};
  argv.insert(argv.end(), program.arguments.begin(), program.arguments.end());
  // Our supervisor says plainly that a program is missing; bubblewrap would not.
  if (!sandbox.active() || !base::find_program(program.command, search_path)) {
    return argv;
  }
  base::Sandbox::Bounds bounds{.folder = folder};
  bounds.network = program.network;
  bounds.writable = program.state;
  bounds.readable = program.readable;
  for (const auto& name : {program.command, std::string("node")}) {
    for (auto& path : base::folders_of_program(name, search_path)) {
      bounds.readable.push_back(std::move(path));
    }
  }
  show_scripts(program.arguments, bounds.readable);
  return sandbox.wrap(argv, bounds);
}

/// "Error: connect ECONNREFUSED", "[cause]: SomeError: …", "mod.SomeException: …".
bool names_error(std::string_view line) {
  const auto colon =
      line.find(": ", line.starts_with("[cause]: ") ? std::string_view("[cause]: ").size() : 0);
  const auto kind = line.substr(0, colon == std::string_view::npos ? 0 : colon);
  return kind.ends_with("Error") || kind.ends_with("Exception");
}

/// The last line that names an error, else the last that says something: what Node.js and others write behind
/// it, a stack and the members of an object, does not.
std::string last_words(const std::string& text) {
  std::string last;
  std::string error;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = base::trim(rest.substr(0, end));
    const bool of_trace = line.starts_with("at ") || line == "}" || line.starts_with("Node.js v");
    if (!line.empty() && !of_trace) {
      last = base::one_line(line);
      error = names_error(line) ? last : error;
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return base::ellipsize(error.empty() ? last : error, kLongestLastWords);
}

class StdioTransport final : public Transport {
 public:
  explicit StdioTransport(const base::ChildProcess::Spec& spec) : child_(spec, {}) {}

  void speak(const std::string&) override {}

  void send(std::string message) override { child_.write(std::move(message) + "\n"); }

  End exchange(const Outgoing& request, Receiver& receiver, const std::stop_token& stop) override {
    const std::stop_callback on_stop(stop, [this] { child_.wake(); });
    send(request.text);
    std::string text;
    while (!stop.stop_requested()) {
      // A message that is there comes before the end of the time, and there may be no end of them.
      const auto until = receiver.until();
      switch (Clock::now() >= until ? Next::timeout : next(text, until)) {
        case Next::line:
          if (text.size() >= base::ChildProcess::max_line_bytes) {
            return End::too_long;
          }
          if (receiver.take(text, false)) {
            return End::received;
          }
          break;
        case Next::ended:
          return End::ended;
        case Next::timeout:
          return End::timeout;
        case Next::stopped:
        case Next::woken:
          break;
      }
    }
    return End::stopped;
  }

  bool look(const std::function<void(const std::string&)>& take) override {
    std::string text;
    for (int read = 0; read < kMostBehind; ++read) {
      switch (next(text, Clock::now())) {
        case Next::line:
          take(text);
          break;
        case Next::ended:
          return false;
        case Next::timeout:
          return true;
        case Next::stopped:
        case Next::woken:
          break;
      }
    }
    return false;
  }

  void close() override {
    child_.close_input();
    const auto until = Clock::now() + kEndsWithin;
    std::string ignored;
    while (!ended_ && Clock::now() < until) {
      next(ignored, until);
    }
    child_.kill();  // the supervisor ends the whole tree
  }

  std::string how_it_ended() const override {
    const auto words = last_words(child_.error_output());
    return fmt::format("it ended with status {}{}", child_.exit_status(),
                       words.empty() ? "" : fmt::format(" (last words: {})", words));
  }

  std::string last_lines() const override {
    const auto text = base::strip_controls(base::to_valid_utf8(child_.error_output()));
    return text.size() <= kLongestLastLines
               ? text
               : "…" + base::to_valid_utf8(text.substr(text.size() - kLongestLastLines));
  }

  bool could_not_start() const override { return ended_ && child_.exit_status() == base::kCannotStart; }

 private:
  using Next = base::ChildProcess::Next;

  Next next(std::string& line, Clock::time_point until) {
    const auto next = child_.next(line, until);
    ended_ = ended_ || next == Next::ended;
    return next;
  }

  base::ChildProcess child_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Transport> start_program(const ServerProgram& program, const base::Sandbox& sandbox,
                                         const fs::path& folder) {
  base::make_private_folders(folder);
  for (const auto& path : program.state) {
    if (!path.has_filename()) {
      base::make_private_folders(path);  // "cache/": what a sandbox does not find it cannot keep
    }
  }
  auto environment = base::child_environment(sandbox.active());
  for (const auto& [name, value] : program.environment) {
    base::set_variable(environment, name, value);
  }
  auto command = command_of(program, sandbox, folder, base::search_path_of(environment));
  // All that it starts is the server, too, so that nobody else could speak in its name; a socket costs a
  // tenth of a short call more.
  return std::make_unique<StdioTransport>(
      base::ChildProcess::Spec{.argv = std::move(command),
                               .environment = std::move(environment),
                               .directory = folder,
                               .stdio = base::ChildProcess::Stdio::pipes});
}

}  // namespace llm::mcp
