// What open pages cost those who send messages: 50 signed messages a second, each answered, with 200 pages
// open and without, in turns in one run of the program. Half of the pages are chats, which two messages a
// second of their own are told, half are consoles, which are told of every message. All of it, the senders,
// the model, the receiver and the pages, shares the machine.
//
// pages [--quick]   five turns of each (--quick: two, short); prints p50 and p99 of the acknowledgements, and
// fails where the median
//                   of p99 with pages is 1.2 times the one without, or more
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/http.h"
#include "base/id.h"
#include "tests/bench/process_use.h"
#include "tests/bench/sample.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/files.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/program.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
using std::chrono::milliseconds;

constexpr int kPages = 200;
constexpr milliseconds kEvery{20};  ///< 50 a second
constexpr milliseconds kPageSays{500};
constexpr double kGoal = 1.2;
constexpr const char* kSecret = "whsec_ZnJvbnRkZXNrLWJhcnMtc2VjcmV0LTAxMjM0NTY3ODk=";

std::string ok(const char* type, const std::string& body) {
  return std::string("HTTP/1.1 200 OK\r\nContent-Type: ") + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string answer_of_model() {
  const auto event = [](const char* type, const std::string& rest) {
    return std::string("event: ") + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
  };
  return ok(
      "text/event-stream",
      event(
          "message_start",
          R"(,"message":{"id":"m","type":"message","role":"assistant","model":"bench","content":[],"usage":{"input_tokens":10,"output_tokens":1}})") +
          event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
          event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"An answer."})") +
          event("content_block_stop", R"(,"index":0)") +
          event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5})") +
          event("message_stop", ""));
}

/// Pages that take all that they are told, in one thread.
class Pages {
 public:
  Pages(int port, const std::string& cookie) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < kPages; ++i) {
      sockets_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const int fd = sockets_.back().get();
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const std::string request = std::string("GET ") + (i % 2 == 0 ? "/api/events" : "/api/v1/events") +
                                  " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                                  "\r\nCookie: " + cookie + "\r\n\r\n";
      if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
          ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        throw std::runtime_error("a page cannot connect");
      }
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }
  std::size_t events() const { return events_; }

 private:
  void read(const std::stop_token& stop) {
    std::vector<epoll_event> ready(64);
    std::string buffer(65536, '\0');
    while (!stop.stop_requested()) {
      const int n = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), 50);
      for (int i = 0; i < n; ++i) {
        const auto got = ::recv(ready[static_cast<std::size_t>(i)].data.fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
          ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, ready[static_cast<std::size_t>(i)].data.fd, nullptr);
          continue;
        }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        for (auto at = bytes.find("data: "); at != std::string_view::npos;
             at = bytes.find("data: ", at + 6)) {
          ++events_;
        }
      }
    }
  }

  base::Fd epoll_;
  std::vector<base::Fd> sockets_;
  std::atomic<std::size_t> events_ = 0;
  std::jthread thread_;
};

class Bench {
 public:
  explicit Bench(milliseconds length) : length_(length) {
    const int model = loop_.listen([](auto, auto) { return answer_of_model(); });
    const int receiver = loop_.listen([](auto, auto) { return ok("application/json", "{}"); });
    const auto url = [](int port) { return "\"http://127.0.0.1:" + std::to_string(port); };
    support::write_text(folder_.path() / "secret", kSecret);
    support::write_text(folder_.path() / "key", "key-of-the-bench");
    support::write_text(folder_.path() / "frontdesk.toml",
                        "[secretary]\napi_key = \"file:key\"\nbase_url = " + url(model) +
                            "\"\n[dispatch]\nprojects_dir = \"projects\"\nsandbox = \"off\"\n"
                            "[chat.web]\nplatform = \"web\"\n[chat.ops]\nplatform = \"webhook\"\n"
                            "secret = \"file:secret\"\ncallback_url = " +
                            url(receiver) + "/cb\"\n");
    program_ = std::make_unique<support::Program>(
        std::vector<std::string>{support::program_path("FRONTDESK_BIN"), "serve", "--config",
                                 (folder_.path() / "frontdesk.toml").string(), "--listen", "127.0.0.1:0"},
        folder_.path());
    port_ = program_->wait_for_port();
    sign_in();
  }

  struct Turn {
    double p50 = 0, p99 = 0;  ///< ms
    double cpu = 0;           ///< of one core
    std::size_t failed = 0, events = 0;
  };
  Turn turn(bool with_pages);
  const std::string& log() const { return log_; }

 private:
  void sign_in();
  std::string webhook();
  std::string of_page();
  std::string head(const char* path) const {
    return std::string("POST ") + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
           "\r\nContent-Type: application/json\r\n";
  }

  const milliseconds length_;
  support::TemporaryFolder folder_;
  support::HttpLoop loop_;
  std::unique_ptr<support::Program> program_;
  std::string cookie_, log_;
  int port_ = 0;
  std::size_t sent_ = 0;
};

void Bench::sign_in() {
  log_ = program_->log();
  const auto at = log_.find("?token=");
  if (at == std::string::npos) {
    throw std::runtime_error("no token was printed:\n" + log_);
  }
  base::HttpCall call;
  call.method = "GET";
  call.url =
      "http://127.0.0.1:" + std::to_string(port_) + "/" + log_.substr(at, log_.find_first_of(" \n", at) - at);
  cookie_ = base::http_call(call).headers.get("Set-Cookie").value_or("");
  cookie_ = cookie_.substr(0, cookie_.find(';'));
}

std::string Bench::webhook() {
  const auto id = base::random_hex(8);
  const auto chat = std::to_string(sent_ % 64);
  const auto body = R"({"type":"message","message_id":")" + id + R"(","chat_id":"chat-)" + chat +
                    R"(","user_id":"u-)" + chat + R"(","text":"How long does order )" + id + R"( take?"})";
  auto request = head("/webhooks/ops");
  const auto signature = support::sign(kSecret, id, body);
  for (const auto& [name, value] : signature.all()) {
    request += name + ": " + value + "\r\n";
  }
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Bench::of_page() {
  const auto body = R"({"id":")" + base::random_hex(8) + R"(","chat":"main","text":"And how are you?"})";
  return head("/api/messages") + "Origin: http://127.0.0.1:" + std::to_string(port_) +
         "\r\nCookie: " + cookie_ + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Times count from the moment at which a message was due, so that a stall is not hidden by what it holds up.
Bench::Turn Bench::turn(bool with_pages) {
  std::unique_ptr<Pages> pages;
  if (with_pages) {
    pages = std::make_unique<Pages>(port_, cookie_);
  }
  Turn turn;
  std::vector<double> ms;
  int open = 0;
  std::deque<int> idle;
  const auto send = [&](const std::string& request, Clock::time_point due, bool counts) {
    ++open;
    ++sent_;
    if (idle.empty()) {
      idle.push_back(loop_.connect(port_));
    }
    const int connection = idle.front();
    idle.pop_front();
    loop_.send(connection, request, [&, connection, due, counts](int status, Clock::time_point) {
      --open;
      idle.push_back(connection);
      turn.failed += status == 200 ? 0U : 1U;
      if (counts) {
        ms.push_back(duration<double, std::milli>(Clock::now() - due).count());
      }
    });
  };
  const auto begin = Clock::now() + milliseconds(500);  // the pages are there
  const auto cpu = bench::cpu_of(program_->pid());
  auto next = begin, next_of_page = begin;
  while (Clock::now() < begin + length_ || open > 0) {
    const auto now = Clock::now();
    for (; next <= now && next < begin + length_; next += kEvery) {
      send(webhook(), next, true);
    }
    for (; next_of_page <= now && next_of_page < begin + length_; next_of_page += kPageSays) {
      send(of_page(), next_of_page, false);
    }
    loop_.step(std::clamp(std::chrono::duration_cast<milliseconds>(next - Clock::now()), milliseconds(0),
                          milliseconds(20)));
  }
  loop_.hang_up();
  turn.cpu = (bench::cpu_of(program_->pid()) - cpu) / duration<double>(Clock::now() - begin).count();
  turn.events = pages ? pages->events() : 0;
  std::sort(ms.begin(), ms.end());
  turn.p50 = ms[ms.size() / 2];
  turn.p99 = ms[ms.size() * 99 / 100];
  return turn;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  Bench bench(quick ? milliseconds(2'000) : milliseconds(8'000));
  bench.turn(false);  // warms up
  bench::Sample with, without;
  std::size_t failed = 0, events = 0;
  for (int i = 0; i < (quick ? 2 : 5); ++i) {
    for (const bool pages : {false, true}) {
      const auto turn = bench.turn(pages);
      (pages ? with : without).ms.push_back(turn.p99);
      failed += turn.failed;
      events += turn.events;
      std::printf("%s: p50 %5.2f, p99 %6.2f ms, %.2f of a core, %zu events told\n",
                  pages ? "200 pages" : "no pages ", turn.p50, turn.p99, turn.cpu, turn.events);
      std::fflush(stdout);
    }
  }
  const double ratio = with.median() / without.median();
  std::printf(
      "p99 of the acknowledgements, medians: %.2f ms without pages, %.2f ms with 200, %.2f x (goal: < %.1f x); %zu calls failed\n",
      without.median(), with.median(), ratio, kGoal, failed);
  if (events == 0) {
    std::printf("the pages were told nothing\n");
    return 1;
  }
  return failed == 0 && (quick || ratio < kGoal) ? 0 : 1;
}
