// What a call of a tool costs above what its server takes, beside the reference client (the npm package
// @modelcontextprotocol/sdk) at the same server in the same run: over stdio and over HTTP, one call at a
// time. The server's own time is that of the same bytes over a bare pipe or socket. FRONTDESK_NPM_BIN names
// the folder of the npm programs.
//
// tool_calls [--quick]   prints, in microseconds, the median call of each, and the ratio of what is above the
// bare one: the median of the ratios of a hundred short rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/http.h"
#include "base/json.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/supervisor.h"
#include "bot/tools/server.h"
#include "tests/bench/sample.h"
#include "tests/support/checkout.h"
#include "tests/support/program/node_server.h"
#include "tests/support/program/spawn.h"
#include "tests/support/temporary_folder.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* kTool = "echo";
constexpr const char* kArguments = R"({"message":"hello"})";
constexpr const char* kInitialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bare","version":"1"}}})";
constexpr const char* kInitialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr const char* kCall =
    R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hello"}}})";

/// CPU of this process, in microseconds.
double own_cpu() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(fd, text.data(), text.size());
    if (size <= 0) {
      throw std::runtime_error("the bare server takes nothing");
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

/// What comes until `end` stands in it.
std::string read_until(int fd, std::string_view end) {
  std::string text;
  char buffer[16'384];
  while (text.find(end) == std::string::npos) {
    const auto size = ::read(fd, buffer, sizeof buffer);
    if (size <= 0) {
      throw std::runtime_error("the bare server ended; it said " + text);
    }
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

/// The server's own time over a pipe: a child without a supervisor, fixed bytes.
class BarePipe {
 public:
  explicit BarePipe(const std::string& program) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    const base::Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    pid_ = support::spawn({{"/usr/bin/env", "node", program, "stdio"},
                           base::child_environment(false),
                           ".",
                           in[0],
                           out[1],
                           nowhere.get()});
    ::close(in[0]);
    ::close(out[1]);
    to_ = base::Fd(in[1]);
    from_ = base::Fd(out[0]);
    write_all(to_.get(), std::string(kInitialize) + "\n");
    read_until(from_.get(), "\"id\":0}\n");
    write_all(to_.get(), std::string(kInitialized) + "\n");
    call();
  }
  ~BarePipe() {
    to_ = base::Fd();
    ::waitpid(pid_, nullptr, 0);
  }
  void connect() const {}  // it is, for good
  void call() const {
    write_all(to_.get(), std::string(kCall) + "\n");
    read_until(from_.get(), "\"id\":7}\n");
  }

 private:
  int pid_ = 0;
  base::Fd to_, from_;
};

/// The same over a connection that is kept.
class BareSocket {
 public:
  explicit BareSocket(const std::string& url) {
    base::HttpCall greeting;
    greeting.url = url;
    greeting.headers = {{"Accept", "application/json, text/event-stream"}};
    greeting.body = kInitialize;
    const auto greeted = base::http_call(greeting);
    const auto begin = url.find("://") + 3;
    const auto colon = url.find(':', begin);
    const auto slash = url.find('/', begin);
    head_ = "POST " + url.substr(slash) + " HTTP/1.1\r\nHost: " + url.substr(begin, slash - begin) +
            "\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
            "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " +
            greeted.headers.get("Mcp-Session-Id").value_or("") + "\r\nContent-Length: ";
    port_ = std::stoi(url.substr(colon + 1, slash - colon - 1));
    connect();
    send(kInitialized, "\r\n\r\n");
    call();
  }
  /// Between the rounds: the server closes a connection that nobody used for five seconds.
  void connect() {
    socket_ = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no bare connection");
    }
  }
  void call() const { send(kCall, "\r\n0\r\n\r\n"); }

 private:
  void send(const std::string& body, std::string_view end) const {
    write_all(socket_.get(), head_ + std::to_string(body.size()) + "\r\n\r\n" + body);
    read_until(socket_.get(), end);
  }

  std::string head_;
  int port_ = 0;
  base::Fd socket_;
};

struct Taken {
  std::vector<double> times;  ///< microseconds of each call
  double cpu = 0;             ///< of the client, all together

  void add(const Taken& more) {
    times.insert(times.end(), more.times.begin(), more.times.end());
    cpu += more.cpu;
  }
  double median() {
    std::ranges::sort(times);
    return times.at(times.size() / 2);
  }
  double cpu_each() const { return cpu / static_cast<double>(times.size()); }
};

template <typename Call>
Taken take(int calls, const Call& call) {
  Taken taken;
  const auto cpu = own_cpu();
  for (const auto ms : bench::measure(calls, call).ms) {
    taken.times.push_back(ms * 1'000);
  }
  taken.cpu = own_cpu() - cpu;
  return taken;
}

/// The reference client in a process of its own.
class Peer {
 public:
  explicit Peer(const std::vector<std::string>& target) : child_(spec_of(target), {}) {
    if (line() != "ready") {
      throw std::runtime_error("the reference client does not start: " + child_.error_output());
    }
  }
  Taken take(int calls) {
    child_.write(std::to_string(calls) + "\n");
    const auto said = base::parse_json(line()).value_or(nlohmann::json::object());
    return {said.at("times").get<std::vector<double>>(), said.at("cpu").get<double>()};
  }

 private:
  static base::ChildProcess::Spec spec_of(const std::vector<std::string>& target) {
    std::vector<std::string> argv = {"node", std::string(support::source_dir()) + "/tests/bench/mcp_peer.mjs",
                                     support::node_modules(), kTool, kArguments};
    argv.insert(argv.end(), target.begin(), target.end());
    return {.argv = argv, .environment = base::child_environment(false), .directory = "/tmp"};
  }
  std::string line() {
    std::string text;
    child_.next(text, Clock::now() + std::chrono::seconds(60));
    return text;
  }
  base::ChildProcess child_;
};

/// Ours as a turn uses it: with its own thread, and the tool compared before each call.
class Ours {
 public:
  explicit Ours(const bot::runtime::ToolServerSettings& settings)
      : server_(settings, {}, folder_.path() / "state") {
    server_.learn();
    server_.await_known(Clock::now() + std::chrono::seconds(60), {});
    if (!server_.known().offer) {
      throw std::runtime_error(server_.known().problem);
    }
    for (const auto& tool : server_.known().offer->tools) {
      if (tool.name == kTool) {
        tool_ = tool;
      }
    }
    call();
  }
  void call() {
    const auto outcome = server_.call(tool_, kArguments, {});
    if (outcome.fate != bot::tools::CallOutcome::Fate::answered || outcome.failed) {
      throw std::runtime_error(outcome.text);
    }
  }

 private:
  support::TemporaryFolder folder_;
  bot::tools::Server server_;
  llm::mcp::Tool tool_;
};

double of_sorted(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

/// A machine that is busy is so for all three: they are compared within each short round, forwards and
/// backwards in turn, and the median of the rounds counts.
template <typename Bare>
void compare(const char* way, Bare& bare, Ours& ours, Peer& peer, int rounds) {
  constexpr int kCalls = 40;
  constexpr int kToWarmUp = 1'000;
  Taken of_bare, of_ours, of_peer;
  std::vector<double> ratios;
  peer.take(kToWarmUp);
  take(kToWarmUp, [&] { ours.call(); });
  bare.connect();
  take(kToWarmUp, [&] { bare.call(); });  // each has a server of its own, which gets faster
  for (int i = 0; i < rounds; ++i) {
    Taken now_bare, now_ours, now_peer;
    for (int step = 0; step < 3; ++step) {
      switch (i % 2 == 0 ? step : 2 - step) {
        case 0:
          bare.connect();
          now_bare = take(kCalls, [&] { bare.call(); });
          break;
        case 1:
          now_ours = take(kCalls, [&] { ours.call(); });
          break;
        default:
          now_peer = peer.take(kCalls);
      }
    }
    const auto floor = now_bare.median();
    if (now_peer.median() > floor) {
      ratios.push_back((now_ours.median() - floor) / (now_peer.median() - floor));
    }
    of_bare.add(now_bare);
    of_ours.add(now_ours);
    of_peer.add(now_peer);
  }
  const auto here = of_ours.median();
  const auto there = of_peer.median();
  std::printf(
      "%-5s  bare %6.0f  ours %6.0f  reference %6.0f us; above the bare call %.2f x (goal 0.3; a tenth of the rounds "
      "below %.2f, a tenth above %.2f), whole call %.2f x, CPU of the client %.0f and %.0f us, %.2f x\n",
      way, of_bare.median(), here, there, of_sorted(ratios, 0.5), of_sorted(ratios, 0.1),
      of_sorted(ratios, 0.9), here / there, of_ours.cpu_each(), of_peer.cpu_each(),
      of_ours.cpu_each() / of_peer.cpu_each());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == base::kSuperviseCommand) {
    return base::supervisor_main(argc, argv);
  }
  const int rounds = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 4 : 100;
  const auto program = support::node_modules() + "/@modelcontextprotocol/server-everything/dist/index.js";
  {
    bot::runtime::ToolServerSettings settings;
    settings.name = "reference";
    settings.program.command = "node";
    settings.program.arguments = {program, "stdio"};
    BarePipe bare(program);
    Ours ours(settings);
    Peer peer({"node", program, "stdio"});
    compare("stdio", bare, ours, peer, rounds);
  }
  support::NodeServer server("mcp_everything_http.mjs", {support::node_modules()});
  bot::runtime::ToolServerSettings settings;
  settings.name = "reference";
  settings.address = llm::mcp::ServerAddress{server.url(), ""};
  BareSocket bare(server.url());
  Ours ours(settings);
  Peer peer({server.url()});
  compare("HTTP", bare, ours, peer, rounds);
  return 0;
}
