// The program beside a large history: a million messages spread over ten thousand chats, half a million
// decisions, and half a million jobs in one lane whose first is running. Prints how long a claim takes while
// the lane grows, a page of the log by each filter, the start, the memory, acknowledgements with 64
// connections, the write-ahead log, and `log list` with each filter.
//
// backlog [--quick]        --quick: a tenth of it
// backlog --fill FOLDER    only makes the database, with a configuration beside it, for another program to
// measure
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>

#include "base/clock.h"
#include "base/id.h"
#include "store/job_queue.h"
#include "store/log_view.h"
#include "store/log_words.h"
#include "tests/bench/sample.h"
#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/files.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/program.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr const char* kSecret = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";

class Bench {
 public:
  Bench(bool quick, const std::string& folder)
      : messages_(quick ? 100'000 : 1'000'000),
        seconds_(quick ? 2 : 8),
        folder_(folder.empty() ? temporary_.path() : std::filesystem::path(folder)) {
    support::write_text(folder_ / "secret", kSecret);
    support::write_text(folder_ / "key", "key-of-the-bench");
    model_ = loop_.listen([](std::string_view, std::string_view) { return std::string(); });  // never answers
    support::write_text(folder_ / "admin.secret", "password-of-the-bench");
    support::write_text(
        folder_ / "frontdesk.toml",
        "[secretary]\napi_key = \"file:key\"\nbase_url = \"http://127.0.0.1:" + std::to_string(model_) +
            "\"\n[store]\nurl = \"sqlite:frontdesk.db\"\n[dispatch]\nprojects_dir = \"projects\"\n"
            "sandbox = \"off\"\n[admin]\npassword = \"file:admin.secret\"\n[chat.ops]\nplatform = \"webhook\"\nsecret = \"file:secret\"\n"
            "callback_url = \"http://127.0.0.1:1/\"\n");
  }

  int fill_only() {
    fill();
    store::Database db(file());
    index(db);
    std::printf("%s\n", (folder_ / "frontdesk.toml").c_str());
    return 0;
  }

  int run() {
    fill();
    claims();
    filters();
    auto program = serve();
    if (program) {
      acks(*program);
      program->signal(SIGTERM);
      program->wait(std::chrono::seconds(30));
    }
    lists();
    return program ? 0 : 1;
  }

 private:
  std::filesystem::path file() const { return folder_ / "frontdesk.db"; }

  void fill() {
    const auto begin = Clock::now();
    store::Database schema(file());
    SQLite::Database db(file().string(), SQLite::OPEN_READWRITE);
    const auto many = std::to_string(messages_), chats = std::to_string(messages_ / 100);
    const auto now = std::to_string(base::to_unix_ms(base::SystemClock().now()));
    const auto count = [](const std::string& to) {
      return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + to + ") ";
    };
    db.exec("PRAGMA synchronous=OFF; BEGIN");
    db.exec("INSERT INTO people(section, user_id, name, first_seen) " + count(chats) +
            "SELECT 'ops', 'u-' || i, 'Person ' || i, 0 FROM n");
    db.exec("INSERT INTO conversations(section, chat_id, created_at, room) " + count(chats) +
            "SELECT 'ops', 'chat-' || i, 0, 'chat-' || i FROM n");
    // A minute between two; each second one is an answer.
    db.exec(
        "INSERT INTO messages(conversation_id, author, person_id, external_id, text, created_at) " +
        count(many) + "SELECT (i / 2) % " + chats +
        " + 1, iif(i % 2, 'user', 'assistant'), iif(i % 2, (i / 2) % " + chats +
        " + 1, NULL), iif(i % 2, 'm-' || i, NULL), 'How long does order ' || i || ' take, and who looks after it?', " +
        now + " - (" + many + " - i) * 60000 FROM n");
    db.exec(
        "INSERT INTO inbound_ids(section, external_id, received_at, message_id) SELECT 'ops', external_id, created_at, "
        "id FROM messages WHERE external_id IS NOT NULL");
    db.exec(
        "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
        "reason, decided_at) SELECT id, conversation_id, person_id, 'answer', 0.1, 0.4, 0.8, 'global', 'score', "
        "'bench', created_at FROM messages WHERE author = 'user' ORDER BY id");
    // What triggers would have made of half a million calls to a model, and a tenth of turns that are no
    // answers.
    db.exec("UPDATE log_entries SET usd = decision_id % 997 * 0.0001, p = decision_id % 1009 / 1009.0");
    db.exec("COMMIT");
    std::printf("filled in %.0f s: %.0f MiB\n", std::chrono::duration<double>(Clock::now() - begin).count(),
                static_cast<double>(std::filesystem::file_size(file())) / 1048576);
  }

  /// While a lane of which one job is running grows, jobs of other lanes and people are claimed.
  void claims() {
    store::Database db(file());
    store::JobQueue queue(db);
    const base::SystemClock clock;
    db.handle().exec("PRAGMA synchronous=OFF");
    queue.enqueue("turn", 1, 1, clock.now(), {.owner = 1});
    queue.claim("turn", clock.now(), store::JobQueue::Order::shared_out);
    int jobs = 0;
    for (const int goal : {0, messages_ / 200, messages_ / 20, messages_ / 4, messages_ / 2}) {
      {
        store::Transaction transaction(db);
        for (; jobs < goal; ++jobs) {
          queue.enqueue("turn", 1, 1 + 2 * jobs, clock.now(), {.owner = 1});
        }
        transaction.commit();
      }
      bench::Sample claim, look, enqueue;
      for (int i = 0; i < 300; ++i) {
        const int owner = 2 + i % 50;
        enqueue.add(time([&] { queue.enqueue("turn", owner, 1, clock.now(), {.owner = owner}); }));
        std::optional<store::Job> job;
        claim.add(time([&] { job = queue.claim("turn", clock.now(), store::JobQueue::Order::shared_out); }));
        queue.complete(job.value());
        look.add(time([&] { queue.next_due("turn"); }));
      }
      std::printf(
          "%7d jobs behind a running one: claim %.3f ms (worst %.3f), enqueue %.3f ms, next due %.3f ms\n",
          jobs, claim.median(), claim.worst(), enqueue.median(), look.median());
    }
  }

  static void index(store::Database& db) {
    while (store::LogWords(db).add(1000)) {
    }
  }

  /// A page of the console's log by each filter, beside as many rows by their ids.
  void filters() {
    store::Database db(file());
    const auto indexed = time([&] { index(db); });
    const auto decisions = messages_ / 2;
    std::printf("words of %d decisions indexed: %.1f us each\n", decisions,
                std::chrono::duration<double, std::micro>(indexed).count() / decisions);
    store::LogView view(db);
    const auto reference = time([&] {
      for (int i = 1; i <= 50; ++i) {
        view.row({decisions / 50 * i});
      }
    });
    const auto now = base::SystemClock().now(), month = now - std::chrono::hours(24 * 30);
    const auto show = [&](const char* name, store::LogFilter filter, const char* range) {
      filter.limit = 50;
      const bool timed = *range != '\0';
      filter.since = timed ? std::optional(month) : std::nullopt;
      filter.until = timed ? std::optional(now) : std::nullopt;
      std::size_t rows = 0;
      const auto cpu = std::clock();
      const auto took = time([&] { rows = view.rows(filter).size(); });
      const auto used = 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
      const auto ms = std::chrono::duration<double, std::milli>(took).count();
      std::printf(
          "page by %-46s %-10s %6.1f ms (%.1f of CPU; goal: < 200%s; 50 rows by id: %.1f ms), %zu rows\n",
          name, range, ms, used, ms < 200 ? "" : ": MISSED",
          std::chrono::duration<double, std::milli>(reference).count(), rows);
    };
    for (const char* const range : {"", "of a month"}) {
      for (const auto& [name, filter] : pages(decisions)) {
        show(name, filter, range);
      }
    }
    for (const bool descending : {true, false}) {
      for (const auto by : {store::LogOrder::By::usd, store::LogOrder::By::p}) {
        for (const auto& [name, filter] : pages(decisions)) {
          auto sorted = filter;
          sorted.order = {by, descending};
          const auto full = std::string(name) + (by == store::LogOrder::By::p ? ", p " : ", cost ") +
                            (descending ? "down" : "up");
          show(full.c_str(), sorted, "of a month");
        }
      }
    }
  }

  /// Each filter of the log: where much fits and where nothing does.
  static std::vector<std::pair<const char*, store::LogFilter>> pages(int decisions) {
    using Action = store::DecisionAction;
    const auto with = [](const auto& set) {
      store::LogFilter filter;
      set(filter);
      return filter;
    };
    return {{"nothing", {}},
            {"chat", {.chat = "ops:chat-17"}},
            {"chat, of nobody", {.chat = "ops:nobody"}},
            {"section", {.chat = "ops"}},
            {"person", with([](auto& f) { f.user = "ops:u-17"; })},
            {"project, none", {.project = "nothing"}},
            {"outcome, common", {.outcome = "answered"}},
            {"outcome, none", {.outcome = "error"}},
            {"action, common", with([](auto& f) { f.action = Action::answer; })},
            {"action, none", with([](auto& f) { f.action = Action::dispatch; })},
            {"cost, many", with([](auto& f) { f.usd_min = 0.01; })},
            {"cost, few", with([](auto& f) { f.usd_min = 0.0996; })},
            {"cost, none so dear", with([](auto& f) { f.usd_min = 5; })},
            {"cost, none between", with([](auto& f) { f.usd_min = f.usd_max = 0.00005; })},
            {"cost of a person", with([](auto& f) { f.user = "ops:u-17", f.usd_min = 5; })},
            {"p, none", with([](auto& f) { f.p_min = f.p_max = 0.0005; })},
            {"cause, none", with([](auto& f) { f.cause = "rule:budget"; })},
            {"verdict, none such", with([](auto& f) { f.verdict = "bad_result"; })},
            {"not judged", with([](auto& f) { f.verdict = "none"; })},
            {"a rare word", with([&](auto& f) { f.words = {std::to_string(decisions + 1)}; })},
            {"a common word", with([](auto& f) { f.words = {"order"}; })},
            {"a common word, none so dear", with([](auto& f) { f.words = {"order"}, f.usd_min = 5; })},
            {"a common word of a person", with([](auto& f) { f.words = {"order"}, f.user = "ops:u-17"; })},
            {"no such word", with([](auto& f) { f.words = {"nowhere"}; })}};
  }

  template <typename Work>
  static Clock::duration time(const Work& work) {
    const auto begin = Clock::now();
    work();
    return Clock::now() - begin;
  }

  std::unique_ptr<support::Program> serve() {
    const auto begin = Clock::now();
    auto program = std::make_unique<support::Program>(
        std::vector<std::string>{support::program_path("FRONTDESK_BIN"), "serve", "--config",
                                 (folder_ / "frontdesk.toml").string(), "--listen", "127.0.0.1:0"},
        folder_);
    port_ = program->wait_for_port();
    std::printf("start to \"listening on\": %.0f ms (goal: < 1000 ms)\n",
                std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    if (port_ == 0) {
      std::fprintf(stderr, "the program did not start:\n%s\n", program->log().c_str());
      return nullptr;
    }
    return program;
  }

  void acks(const support::Program& program) {
    bench::Sample sample;
    bool over = false;
    std::size_t failed = 0;
    std::function<void(int, int)> next = [&](int connection, int chat) {
      const auto id = base::random_hex(8);
      const auto name =
          std::to_string(1 + (chat + static_cast<int>(sample.ms.size()) * 64) % (messages_ / 100));
      const auto body = "{\"type\":\"message\",\"message_id\":\"" + id + "\",\"chat_id\":\"chat-" + name +
                        "\",\"user_id\":\"u-" + name + "\",\"text\":\"And how long does this one take?\"}";
      std::string request =
          "POST /webhooks/ops HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
      const auto signature = support::sign(kSecret, id, body);
      for (const auto& [key, value] : signature.all()) {
        request += key + ": " + value + "\r\n";
      }
      request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      loop_.send(connection, std::move(request), [&, connection, chat](int status, Clock::time_point sent) {
        sample.add(Clock::now() - sent);
        failed += status == 200 ? 0U : 1U;
        if (!over && status != 0) {
          next(connection, chat);
        }
      });
    };
    for (int i = 0; i < 64; ++i) {
      next(loop_.connect(port_), i);
    }
    for (const auto until = Clock::now() + seconds_; Clock::now() < until;) {
      loop_.step(milliseconds(20));
    }
    over = true;
    loop_.hang_up();
    std::error_code ec;
    const auto log = std::filesystem::file_size(file().string() + "-wal", ec);
    std::printf(
        "acknowledged, 64 connections: %.0f/s, median %.2f ms, p99 %.2f ms (goal: < 100), p99.9 %.2f ms, worst %.2f ms, "
        "%zu failed; memory %.1f MiB (goal: < 64); write-ahead log %.1f MiB\n",
        static_cast<double>(sample.ms.size()) / std::chrono::duration<double>(seconds_).count(),
        sample.median(), quantile(sample, 0.99), quantile(sample, 0.999), sample.worst(), failed,
        memory(program.pid()), ec ? 0.0 : static_cast<double>(log) / 1048576);
  }

  static double quantile(bench::Sample& sample, double q) {
    std::sort(sample.ms.begin(), sample.ms.end());
    return sample.ms.empty()
               ? 0
               : sample.ms[static_cast<std::size_t>(q * static_cast<double>(sample.ms.size() - 1))];
  }

  static double memory(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) {
        return std::stod(line.substr(6)) / 1024;
      }
    }
    return 0;
  }

  void lists() {
    const std::vector<std::vector<std::string>> filters = {
        {},
        {"--chat", "ops"},
        {"--chat", "ops:chat-17"},
        {"--chat", "ops:nobody"},
        {"--user", "ops:u-17"},
        {"--user", "ops:nobody"},
        {"--project", "nothing"},
        {"--outcome", "answered"},
        {"--outcome", "error"},
        {"--since", "1h"},
        {"--since", "400d"},
    };
    for (const auto& filter : filters) {
      std::vector<std::string> arguments{"log", "list", "--config", (folder_ / "frontdesk.toml").string()};
      arguments.insert(arguments.end(), filter.begin(), filter.end());
      support::Finished finished;
      const auto took = time([&] { finished = support::run_frontdesk(arguments, folder_); });
      std::string name = "log list";
      for (const auto& word : filter) {
        name += " " + word;
      }
      std::printf("%-36s %6.0f ms (goal: < 200), %td lines%s\n", name.c_str(),
                  std::chrono::duration<double, std::milli>(took).count(),
                  std::count(finished.output.begin(), finished.output.end(), '\n'),
                  finished.status == 0 ? "" : (" FAILED: " + finished.errors).c_str());
    }
  }

  const int messages_;
  const std::chrono::seconds seconds_;
  support::TemporaryFolder temporary_;
  const std::filesystem::path folder_;
  support::HttpLoop loop_;
  int model_ = 0, port_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--fill") {
    return Bench(false, arguments[1]).fill_only();
  }
  return Bench(arguments == std::vector<std::string>{"--quick"}, "").run();
}
