// What the program itself costs: its start, its memory, the time from a webhook to the model call it causes,
// and the time from the specialist's exit to the call that posts the result. The models answer at once, so
// that only the program's own time is measured. In the same run a bare loopback call and a bare fsync are
// measured for comparison.
//
// overhead [--quick]   prints one line a figure: median, worst, and its ratio to the reference.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http.h"
#include "base/id.h"
#include "base/json.h"
#include "tests/bench/sample.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/files.h"
#include "tests/support/loopback_server.h"
#include "tests/support/program/program.h"

namespace {

using bench::Sample;
using Clock = std::chrono::system_clock;
constexpr const char* kSecret = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";

/// A server that remembers when each request came.
class Recorder {
 public:
  explicit Recorder(std::function<base::HttpResponse(const base::HttpRequest&)> answer)
      : answer_(std::move(answer)), server_({.threads = 8}, [this](const base::HttpRequest& request) {
          const auto now = Clock::now();
          {
            const std::lock_guard lock(mutex_);
            seen_.emplace_back(now, request.body);
          }
          return answer_(request);
        }) {
    server_.start();
  }
  ~Recorder() { server_.stop(); }

  std::string url() const { return support::loopback_url(server_.port()); }

  /// When the first request from `from` on came whose body holds `word`; waits ten seconds at most.
  std::optional<Clock::time_point> when(const std::string& word, std::size_t from) {
    for (int i = 0; i < 20'000; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (std::size_t k = from; k < seen_.size(); ++k) {
          if (seen_[k].second.find(word) != std::string::npos) {
            return seen_[k].first;
          }
        }
      }
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    return std::nullopt;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  std::function<base::HttpResponse(const base::HttpRequest&)> answer_;
  std::mutex mutex_;
  std::deque<std::pair<Clock::time_point, std::string>> seen_;
  base::HttpServer server_;
};

base::HttpResponse model_answer(const base::HttpRequest& request) {
  nlohmann::json content = nlohmann::json::array({{{"type", "text"}, {"text", "An answer."}}});
  if (request.body.find("WORK-") != std::string::npos &&
      request.body.find("\"dispatch\"") != std::string::npos) {
    const auto at = request.body.rfind("WORK-");
    content.push_back({{"type", "tool_use"},
                       {"id", "t1"},
                       {"name", "dispatch"},
                       {"input",
                        {{"action", "run"},
                         {"slug", "bench"},
                         {"prompt", request.body.substr(at, 9)},
                         {"confidence", "high"},
                         {"reason", "bench"}}}});
  }
  return base::HttpResponse::json(base::dump_json({{"id", "msg"},
                                                   {"type", "message"},
                                                   {"role", "assistant"},
                                                   {"model", "bench"},
                                                   {"content", content},
                                                   {"stop_reason", "end_turn"},
                                                   {"usage", {{"input_tokens", 10}, {"output_tokens", 5}}}}));
}

class Bench {
 public:
  explicit Bench(bool quick) : rounds_(quick ? 15 : 200), starts_(quick ? 5 : 25) {
    support::write_text(folder_.path() / "secret", kSecret);
    support::write_text(folder_.path() / "key", "key-of-the-bench");
    // Says what the CLI says, and notes the moment at which it ends.
    support::write_text(folder_.path() / "claude", R"sh(#!/bin/sh
read -r line
echo '{"type":"system","subtype":"init","session_id":"5a0f2f5e-0000-4000-8000-000000000000","model":"bench"}'
echo '{"type":"result","subtype":"success","is_error":false,"result":"Finished.","num_turns":1,"session_id":"5a0f2f5e-0000-4000-8000-000000000000","total_cost_usd":0}'
date +%s%N > "$HOME/ended"
)sh");
    std::filesystem::permissions(folder_.path() / "claude", std::filesystem::perms::owner_all);
    support::write_text(folder_.path() / "frontdesk.toml",
                        "[secretary]\napi_key = \"file:key\"\nbase_url = \"" + model_.url() +
                            "\"\n[dispatch]\nprojects_dir = \"projects\"\nsandbox = "
                            "\"off\"\n[specialist.claude-code]\ncommand = \"" +
                            (folder_.path() / "claude").string() +
                            "\"\n[chat.ops]\nplatform = \"webhook\"\nsecret = "
                            "\"file:secret\"\ncallback_url = \"" +
                            callback_.url() + "\"\n");
  }

  int run() {
    references();
    start_ups();
    auto program = start();
    if (!program) {
      return 1;
    }
    memory(*program);
    const bool ok = turns() && dispatches();
    if (!ok) {
      std::fprintf(stderr, "%s\n", program->log().c_str());
    }
    program->signal(SIGTERM);
    program->wait(std::chrono::seconds(20));
    return ok ? 0 : 1;
  }

 private:
  std::unique_ptr<support::Program> start() {
    auto program = std::make_unique<support::Program>(
        std::vector<std::string>{support::program_path("FRONTDESK_BIN"), "serve", "--config",
                                 (folder_.path() / "frontdesk.toml").string(), "--listen", "127.0.0.1:0"},
        folder_.path());
    port_ = program->wait_for_port();
    if (port_ == 0) {
      std::fprintf(stderr, "the program did not start:\n%s\n", program->log().c_str());
      return nullptr;
    }
    return program;
  }

  void references() {
    Recorder echo([](const base::HttpRequest&) { return base::HttpResponse::json("{}"); });
    Sample calls, syncs;
    for (int i = 0; i < rounds_; ++i) {
      const auto before = Clock::now();
      base::HttpCall call;
      call.url = echo.url() + "/";
      call.body = "{}";
      base::http_call(call);
      calls.add(Clock::now() - before);
    }
    const int fd = ::open((folder_.path() / "sync").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    for (int i = 0; i < rounds_; ++i) {
      const auto before = Clock::now();
      if (::write(fd, block.data(), block.size()) < 0 || ::fsync(fd) != 0) {
        break;
      }
      syncs.add(Clock::now() - before);
    }
    ::close(fd);
    call_ms_ = calls.median();
    sync_ms_ = syncs.median();
    std::printf(
        "reference: one bare loopback call %.2f ms, one 4 KiB append with fsync %.2f ms (medians of %d)\n",
        call_ms_, sync_ms_, rounds_);
  }

  void start_ups() {
    start();  // makes the database
    Sample sample;
    for (int i = 0; i < starts_; ++i) {
      const auto before = Clock::now();
      if (const auto program = start()) {
        sample.add(Clock::now() - before);
        program->signal(SIGKILL);
        program->wait(std::chrono::seconds(5));
      }
    }
    std::printf(
        "start to \"listening on\", existing database: median %.0f ms, worst %.0f ms (goal: < 100 ms)\n",
        sample.median(), sample.worst());
  }

  void memory(const support::Program& program) {
    std::ifstream status("/proc/" + std::to_string(program.pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) {
        std::printf("idle memory (resident): %.1f MiB (goal: < 30 MiB)\n", std::stod(line.substr(6)) / 1024);
      }
    }
  }

  void send(const std::string& text) {
    const auto id = base::random_hex(8);
    base::HttpCall call;
    call.url = support::loopback_url(port_) + "/webhooks/ops";
    call.body = base::dump_json({{"type", "message"},
                                 {"message_id", id},
                                 {"chat_id", "c-" + id},
                                 {"user_id", "u-1"},
                                 {"text", text}});
    call.headers = support::sign(kSecret, id, call.body);
    base::http_call(call);
  }

  bool turns() {
    Sample to_model, to_answer;
    for (int i = 0; i < rounds_; ++i) {
      const auto word = "Q-" + base::random_hex(8);
      const auto model_from = model_.count(), callback_from = callback_.count();
      const auto before = Clock::now();
      send(word);
      const auto asked = model_.when(word, model_from);
      const auto answered = callback_.when("An answer.", callback_from);
      if (!asked || !answered) {
        std::fprintf(stderr, "a message was not answered\n");
        return false;
      }
      to_model.add(*asked - before);
      to_answer.add(*answered - *asked);
    }
    print("webhook to model call", to_model);
    print("model's answer to outgoing call", to_answer);
    return true;
  }

  bool dispatches() {
    Sample sample;
    for (int i = 0; i < rounds_ / 3; ++i) {
      char word[16];
      std::snprintf(word, sizeof word, "WORK-%04d", i);
      const auto from = callback_.count();
      send(word);
      const auto posted = callback_.when("Finished.", from);
      if (!posted) {
        std::fprintf(stderr, "a dispatch did not end\n");
        return false;
      }
      const auto ended = Clock::time_point(
          std::chrono::nanoseconds(std::stoll(support::read_text(folder_.path() / "ended"))));
      sample.add(*posted - ended);
    }
    print("specialist's exit to outgoing call", sample);
    return true;
  }

  void print(const char* what, const Sample& sample) const {
    std::printf("%s: median %.2f ms, worst %.2f ms (goal: median < 10 ms); %.1f bare calls, or %.1f fsyncs\n",
                what, sample.median(), sample.worst(), sample.median() / call_ms_,
                sample.median() / sync_ms_);
  }

  const int rounds_;
  const int starts_;
  support::TemporaryFolder folder_;
  Recorder model_{model_answer};
  Recorder callback_{[](const base::HttpRequest&) { return base::HttpResponse::json("{}"); }};
  int port_ = 0;
  double call_ms_ = 0;
  double sync_ms_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  return Bench(quick).run();
}
