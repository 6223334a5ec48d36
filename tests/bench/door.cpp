// The real program under attack: 2,000 connections that send a byte of a header now and then, 500 that
// dribble a body, 500 that stay idle after a request, all at once and coming back whenever they are closed.
// Beside them /healthz is asked and four good senders post signed messages, which a model answers at once. In
// the same run the same is measured without the attack, for comparison.
//
// Then eight connections flood the server with each of what fills a memory, and 200 pages do not read their
// events.
//
// door [--quick]   prints p50 and p99 of /healthz and of the good senders, the ratio of the latter to the
// quiet
//                  one, the memory of the program, and how often the attackers were closed.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/http.h"
#include "tests/support/program/desk.h"

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// One of the attackers' connections.
class Attacker {
 public:
  enum class Kind { slow_head, slow_body, idle };

  /// `from`: the last three bytes of 127.x.x.x.
  Attacker(Kind kind, std::uint32_t from) : kind_(kind), from_(from) {}

  /// Connects where it is not connected, else sends a little. Counts how often it was closed.
  void act(int port, int& closed) {
    if (!fd_.valid()) {
      open(port);
      return;
    }
    char received[256];
    const auto n = ::recv(fd_.get(), received, sizeof received, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
      ++closed;
      open(port);
    } else if (kind_ != Kind::idle) {
      ::send(fd_.get(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }

 private:
  void open(int port) {
    fd_ = base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7f000000U | from_);
    ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fd_.reset();
      return;
    }
    const std::string begin = kind_ == Kind::slow_head ? "GET /healthz HTTP/1.1\r\nX-"
                              : kind_ == Kind::slow_body
                                  ? "POST /webhooks/ops HTTP/1.1\r\nHost: a\r\nContent-Type: "
                                    "application/json\r\nContent-Length: 900000\r\n\r\n" +
                                        std::string(16 * 1024, 'x')
                                  : "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    ::send(fd_.get(), begin.data(), begin.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  const Kind kind_;
  const std::uint32_t from_;
  base::Fd fd_;
};

/// What fills the memory of a server that reads without a bound: each a beginning, and what is sent behind it
/// until the server ends it.
struct Flood {
  const char* name;
  std::string begin;
  std::string more;
};

std::vector<Flood> floods() {
  const std::string post = "POST /webhooks/ops HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
  const std::string much(64 * 1024, 'x');
  return {{"chunked body", post + "Transfer-Encoding: chunked\r\n\r\n", "10000\r\n" + much + "\r\n"},
          {"body without a length", post + "\r\n", much},
          {"body of a gigabyte", post + "Content-Length: 1000000000\r\n\r\n", much},
          {"compressed body", post + "Content-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n", much},
          {"endless header line", "GET / HTTP/1.1\r\nHost: a\r\nX: ", much},
          {"a million headers", "GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\nX: y\r\nX: y\r\nX: y\r\n"}};
}

base::Fd connect_to(int port) {
  base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fd.reset();
  }
  return fd;
}

/// Sends up to 64 MiB on each of eight connections.
void flood(int port, const Flood& what) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto fd = connect_to(port);
      bool goes_on = ::send(fd.get(), what.begin.data(), what.begin.size(), MSG_NOSIGNAL) > 0;
      for (std::size_t sent = 0; goes_on && sent < (64U << 20); sent += what.more.size()) {
        goes_on = ::send(fd.get(), what.more.data(), what.more.size(), MSG_NOSIGNAL) > 0;
      }
    });
  }
}

/// All of them, each acting about once a second.
class Attack {
 public:
  Attack(int port, bool one_address)
      : thread_([this, port, one_address](const std::stop_token& stop) { run(stop, port, one_address); }) {}

  int closed() const { return closed_; }
  bool ready() const { return rounds_ >= 2; }

 private:
  void run(const std::stop_token& stop, int port, bool one_address) {
    std::vector<Attacker> attackers;
    for (std::uint32_t i = 0; i < 3'000; ++i) {
      attackers.emplace_back(i < 2'000   ? Attacker::Kind::slow_head
                             : i < 2'500 ? Attacker::Kind::slow_body
                                         : Attacker::Kind::idle,
                             one_address ? 2U : 0x010001U + i);
    }
    while (!stop.stop_requested()) {
      const auto begun = Clock::now();
      int closed = 0;
      for (auto& attacker : attackers) {
        attacker.act(port, closed);
        if (stop.stop_requested()) {
          return;
        }
      }
      closed_ += closed;
      ++rounds_;
      while (!stop.stop_requested() && Clock::now() < begun + 1s) {
        std::this_thread::sleep_for(10ms);
      }
    }
  }

  std::atomic<int> closed_ = 0;
  std::atomic<int> rounds_ = 0;
  std::jthread thread_;
};

struct Times {
  std::vector<double> ms;
  int failed = 0;

  double at(double share) {
    std::sort(ms.begin(), ms.end());
    return ms.empty() ? -1
                      : ms[std::min(ms.size() - 1,
                                    static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
  }
};

template <typename Call>
void repeat(Times& times, Clock::time_point until, std::chrono::milliseconds pause, const Call& call) {
  while (Clock::now() < until) {
    const auto begun = Clock::now();
    bool ok = false;
    try {
      ok = call();
    } catch (const base::HttpError&) {
    }
    times.ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
    times.failed += ok ? 0 : 1;
    std::this_thread::sleep_for(pause);
  }
}

struct Figures {
  Times health;
  Times senders;
};

class Bench {
 public:
  explicit Bench(std::chrono::seconds phase) : phase_(phase) {
    desk_.config.set("chat.ops", "access", R"("open")");
    desk_.start();
  }
  ~Bench() { desk_.stop(SIGTERM); }

  int run() {
    auto quiet = measure();
    print("quiet", quiet, quiet);
    for (const bool one_address : {false, true}) {
      Attack attack(desk_.port(), one_address);
      while (!attack.ready()) {
        std::this_thread::sleep_for(50ms);
      }
      auto figures = measure();
      print(one_address ? "attack from one address" : "attack from 3,000 addresses", figures, quiet);
      std::printf("    attackers were closed %d times\n", attack.closed());
    }
    for (const auto& what : floods()) {
      flood(desk_.port(), what);
      std::printf("flood: %-22s %.1f MiB now, %.1f MiB at most\n", what.name, memory("VmRSS:"),
                  memory("VmHWM:"));
    }
    open_pages();
    return 0;
  }

 private:
  /// 200 pages that are open and do not read, while messages of 60 KB come in.
  void open_pages() {
    const auto signed_in =
        desk_.call("POST", "/login", std::string("password=") + support::Desk::kAdminPassword,
                   {{"Content-Type", "application/x-www-form-urlencoded"}});
    const auto cookie = signed_in.headers.get("Set-Cookie").value_or("");
    const auto value = cookie.substr(0, cookie.find(';'));
    const auto request =
        "GET /api/events?chat=main HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(desk_.port()) +
        "\r\nCookie: " + value + "\r\n\r\n";
    std::vector<base::Fd> pages;
    for (int i = 0; i < 200; ++i) {
      pages.push_back(connect_to(desk_.port()));
      ::send(pages.back().get(), request.data(), request.size(), MSG_NOSIGNAL);
    }
    const std::string text(60'000, 'x');
    int taken = 0;
    for (int i = 0; i < 100; ++i) {
      taken +=
          desk_.call("POST", "/api/messages",
                     R"({"id":"page-)" + std::to_string(i) + R"(","chat":"main","text":")" + text + "\"}",
                     {{"Content-Type", "application/json"}, {"Cookie", value}})
                  .ok()
              ? 1
              : 0;
    }
    std::printf("200 pages that do not read, %d messages of 60 KB: %.1f MiB now, %.1f MiB at most\n", taken,
                memory("VmRSS:"), memory("VmHWM:"));
  }

  Figures measure() {
    Figures figures;
    constexpr int kSenders = 4;
    std::vector<Times> times(kSenders);
    const auto until = Clock::now() + phase_;
    std::vector<std::jthread> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.emplace_back([&, i] {
        repeat(times[static_cast<std::size_t>(i)], until, 20ms, [&] {
          const auto id = "m-" + std::to_string(++next_);
          return desk_.post(support::Desk::message_body({"hello", "c-" + id, "u-" + std::to_string(i), id}))
              .ok();
        });
      });
    }
    repeat(figures.health, until, 10ms, [&] { return desk_.call("GET", "/healthz").ok(); });
    senders.clear();
    for (const auto& one : times) {
      figures.senders.ms.insert(figures.senders.ms.end(), one.ms.begin(), one.ms.end());
      figures.senders.failed += one.failed;
    }
    return figures;
  }

  void print(const char* name, Figures& figures, Figures& quiet) const {
    std::printf("%s\n", name);
    std::printf("    /healthz      p50 %6.1f ms, p99 %6.1f ms, %zu calls, %d failed\n",
                figures.health.at(0.5), figures.health.at(0.99), figures.health.ms.size(),
                figures.health.failed);
    std::printf("    good senders  p50 %6.1f ms, p99 %6.1f ms (%.2f x quiet), %zu calls, %d failed\n",
                figures.senders.at(0.5), figures.senders.at(0.99),
                figures.senders.at(0.99) / quiet.senders.at(0.99), figures.senders.ms.size(),
                figures.senders.failed);
    std::printf("    memory        %.1f MiB now (%.1f without the program's file), %.1f MiB at most\n",
                memory("VmRSS:"), memory("RssAnon:"), memory("VmHWM:"));
    std::fflush(stdout);
  }

  double memory(const std::string& key) const {
    const auto status = support::read_text("/proc/" + std::to_string(desk_.program->pid()) + "/status");
    const auto at = status.find(key);
    return at == std::string::npos ? -1 : std::atof(status.c_str() + at + key.size()) / 1024;
  }

  const std::chrono::seconds phase_;
  support::Desk desk_{support::Desk::Claude::fake};
  std::atomic<int> next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return Bench(quick ? 2s : 20s).run();
}
