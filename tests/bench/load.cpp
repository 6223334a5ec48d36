// How much the program takes: acknowledgements and whole turns a second, with 64 connections and 64 chats,
// the load generator, its HMAC, the fake model and the receiver included, beside an fsync loop and, where its
// packages are given, beside a plain durable Node.js bot in the same run.
//
// load [--quick] [--peer FILE]   FILE: the peer's .mjs in a folder in which npm installed its packages, or
//                                another program, such as bare_bot, which shows what the parts alone cost
// load --acks SECONDS            acknowledgements with 64 connections alone, for a profiler
// load --turns SECONDS           turns alone, after a second, for a profiler and to compare two builds
#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/http.h"
#include "base/id.h"
#include "base/json.h"
#include "tests/bench/process_use.h"
#include "tests/bench/surroundings.h"

namespace {

using Clock = std::chrono::steady_clock;
using bench::kChats;
using std::chrono::duration;
using std::chrono::milliseconds;

double quantile(std::vector<double>& sorted, double q) {
  std::sort(sorted.begin(), sorted.end());
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

struct Rate {
  double a_second = 0;
  double p50 = 0, p99 = 0, p999 = 0;  ///< ms
  double cpu_ms = 0;                  ///< of the server, for each
  double memory = 0;                  ///< MiB
  std::size_t failed = 0;
};

class Bench {
 public:
  explicit Bench(bool quick, std::string peer) : length_(quick ? 1'500 : 8'000), peer_(std::move(peer)) {}

  int run();
  int acks_alone(std::chrono::seconds length);
  int turns_alone(std::chrono::seconds length);

 private:
  double fsyncs(milliseconds length);
  double commits_ms();
  std::unique_ptr<support::Program> start() { return around_.start(folder_.path() / base::random_hex(4)); }
  std::unique_ptr<support::Program> start_peer();
  Rate acks(int pid, const std::string& type, int connections);
  Rate turns(int pid);
  void print(const char* name, const Rate& rate, double fsync) const;

  milliseconds length_;
  const std::string peer_;
  support::TemporaryFolder folder_;
  bench::Surroundings around_;
};

double Bench::fsyncs(milliseconds length) {
  const base::Fd fd(
      ::open((folder_.path() / "sync").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string block(4096, 'x');
  const auto begin = Clock::now();
  int count = 0;
  for (; Clock::now() < begin + length && ::write(fd.get(), block.data(), block.size()) > 0; ++count) {
    ::fsync(fd.get());
  }
  return count / duration<double>(Clock::now() - begin).count();
}

/// What one small durable transaction takes.
double Bench::commits_ms() {
  SQLite::Database db((folder_.path() / "commits.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t(a TEXT, b TEXT)");
  SQLite::Statement insert(db, "INSERT INTO t VALUES (?, ?)");
  std::vector<double> ms;
  for (int i = 0; i < 300; ++i) {
    const auto begin = Clock::now();
    insert.bind(1, base::random_hex(16));
    insert.bind(2, std::string(200, 'x'));
    insert.exec();
    insert.reset();
    ms.push_back(duration<double, std::milli>(Clock::now() - begin).count());
  }
  return quantile(ms, 0.5);
}

std::unique_ptr<support::Program> Bench::start_peer() {
  around_.port = 20'000 + ::getpid() % 10'000;
  const auto at = [](int port) { return "http://127.0.0.1:" + std::to_string(port); };
  const auto database = (folder_.path() / (base::random_hex(4) + ".db")).string();
  std::vector<std::string> command{
      peer_, std::to_string(around_.port), at(around_.model()), at(around_.receiver()), database, "1"};
  if (peer_.ends_with("js")) {
    command.insert(command.begin(), {"/usr/bin/env", "node"});
  }
  auto program = std::make_unique<support::Program>(command, folder_.path());
  for (int i = 0; i < 100; ++i) {
    try {
      around_.loop.connect(around_.port);
      return program;
    } catch (const std::runtime_error&) {
      ::usleep(100'000);
    }
  }
  throw std::runtime_error("the peer did not start:\n" + program->log());
}

/// As many as come back with each connection sending the next when the last is answered.
Rate Bench::acks(int pid, const std::string& type, int connections) {
  std::vector<double> ms;
  Rate rate;
  bool over = false;
  int open = 0;
  std::function<void(int, int)> next = [&](int connection, int chat) {
    ++open;
    around_.loop.send(connection, bench::request(type, chat),
                      [&, connection, chat](int status, Clock::time_point sent) {
                        --open;
                        ms.push_back(duration<double, std::milli>(Clock::now() - sent).count());
                        rate.failed += status == (type == "message" ? 200 : 400) ? 0U : 1U;
                        if (!over && status != 0) {
                          next(connection, chat);
                        }
                      });
  };
  const auto cpu = bench::cpu_of(pid);
  const auto begin = Clock::now();
  for (int i = 0; i < connections; ++i) {
    next(around_.loop.connect(around_.port), i);
  }
  while (Clock::now() < begin + length_) {
    around_.loop.step(milliseconds(20));
  }
  const auto count = static_cast<double>(ms.size());
  rate.a_second = count / duration<double>(Clock::now() - begin).count();
  rate.cpu_ms = (bench::cpu_of(pid) - cpu) * 1000 / count;
  rate.memory = bench::memory_of(pid);
  over = true;
  for (const auto until = Clock::now() + std::chrono::seconds(5); open > 0 && Clock::now() < until;) {
    around_.loop.step(milliseconds(20));
  }
  around_.loop.hang_up();
  rate.p50 = quantile(ms, 0.5);
  rate.p99 = quantile(ms, 0.99);
  rate.p999 = quantile(ms, 0.999);
  return rate;
}

/// From the webhook to the delivered answer; at most one message of a chat is under way.
Rate Bench::turns(int pid) {
  std::vector<double> ms;
  Rate rate;
  std::vector<Clock::time_point> sent(kChats);
  std::vector<int> connection(kChats);
  const auto say = [&](int chat) {
    sent[static_cast<std::size_t>(chat)] = Clock::now();
    around_.loop.send(connection[static_cast<std::size_t>(chat)], bench::request("message", chat),
                      [&](int status, Clock::time_point) { rate.failed += status == 200 ? 0U : 1U; });
  };
  around_.delivered.clear();
  for (int i = 0; i < kChats; ++i) {
    connection[static_cast<std::size_t>(i)] = around_.loop.connect(around_.port);
    say(i);
  }
  auto begin = Clock::now();
  auto cpu = bench::cpu_of(pid);
  const auto warm = begin + std::chrono::seconds(1);
  bool is_warm = false;
  while (Clock::now() < warm + length_) {
    around_.loop.step(milliseconds(20));
    if (!is_warm && Clock::now() > warm) {
      is_warm = true;
      ms.clear();
      begin = Clock::now();
      cpu = bench::cpu_of(pid);
    }
    for (; !around_.delivered.empty(); around_.delivered.pop_front()) {
      const int chat = around_.delivered.front();
      ms.push_back(duration<double, std::milli>(Clock::now() - sent[static_cast<std::size_t>(chat)]).count());
      say(chat);
    }
  }
  const auto count = static_cast<double>(ms.size());
  rate.a_second = count / duration<double>(Clock::now() - begin).count();
  rate.cpu_ms = (bench::cpu_of(pid) - cpu) * 1000 / count;
  rate.memory = bench::memory_of(pid);
  around_.loop.hang_up();
  rate.p50 = quantile(ms, 0.5);
  rate.p99 = quantile(ms, 0.99);
  rate.p999 = quantile(ms, 0.999);
  return rate;
}

void Bench::print(const char* name, const Rate& rate, double fsync) const {
  std::printf(
      "%-34s %8.0f/s = %5.2f x fsync; p50 %6.2f, p99 %6.2f, p99.9 %6.2f ms; %.3f ms CPU each, %.0f MiB, %zu failed\n",
      name, rate.a_second, rate.a_second / fsync, rate.p50, rate.p99, rate.p999, rate.cpu_ms, rate.memory,
      rate.failed);
  std::fflush(stdout);
}

int Bench::acks_alone(std::chrono::seconds length) {
  length_ = length;
  around_.model_answers = false;
  const auto program = start();
  print("acknowledged, 64 connections", acks(program->pid(), "message", kChats), 1);
  return 0;
}

int Bench::turns_alone(std::chrono::seconds length) {
  length_ = length;
  const auto program = start();
  print("turns, 64 chats", turns(program->pid()), 1);
  return 0;
}

int Bench::run() {
  const auto fsync = fsyncs(length_ / 4);
  std::printf("%-34s %8.0f/s of 4 KiB; one small SQLite commit %.2f ms\n", "fsync loop", fsync, commits_ms());
  // The model is silent, so that the few turns that begin do nothing: the others wait in the queue.
  around_.model_answers = false;
  auto program = start();
  const auto refused = acks(program->pid(), "nothing", kChats);
  print("verified, not stored, 64", refused, fsync);
  print("verified, not stored, alone", acks(program->pid(), "nothing", 1), fsync);
  print("acknowledged, alone", acks(program->pid(), "message", 1), fsync);
  const auto stored = acks(program->pid(), "message", kChats);
  print("acknowledged, 64 connections", stored, fsync);
  program->signal(SIGKILL);
  program->wait(std::chrono::seconds(5));
  around_.model_answers = true;
  program = start();
  const auto whole = turns(program->pid());
  print("turns, 64 chats", whole, fsync);
  program.reset();
  std::printf("%-34s %8.0f/s afterwards\n", "fsync loop", fsyncs(length_ / 4));
  std::printf("acknowledged: %.2f of those not stored (goal: the lower of 0.35 and 5 x fsync)\n",
              stored.a_second / refused.a_second);
  if (!peer_.empty()) {
    auto peer = start_peer();
    const auto peer_turns = turns(peer->pid());
    print("peer: turns", peer_turns, fsync);
    around_.model_answers = false;
    peer.reset();
    peer = start_peer();
    const auto peer_acks = acks(peer->pid(), "message", kChats);
    print("peer: acknowledged", peer_acks, fsync);
    std::printf("acknowledged %.2f x the peer (goal: 8), turns %.2f x (goal: 2)\n",
                stored.a_second / peer_acks.a_second, whole.a_second / peer_turns.a_second);
  }
  return stored.failed + whole.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string peer;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    quick = quick || argument == "--quick";
    if ((argument == "--acks" || argument == "--turns") && i + 1 < argc) {
      const std::chrono::seconds length(std::strtol(argv[++i], nullptr, 10));
      Bench bench(false, {});
      return argument == "--acks" ? bench.acks_alone(length) : bench.turns_alone(length);
    }
    if (argument == "--peer" && i + 1 < argc) {
      peer = std::filesystem::absolute(argv[++i]).string();
    }
  }
  return Bench(quick, peer).run();
}
