// What a turn costs with the parts alone, to be measured by `load --peer`: the signed webhook is verified and
// stored, the model is asked with the message alone, its answer is stored and delivered, and that is stored;
// by the server, the client and the shared commits of Frontdesk, two tables, and nothing else.
//
// bare_bot PORT MODEL_URL RECEIVER_URL DATABASE
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/crypto.h"
#include "base/http.h"
#include "base/http_later.h"
#include "base/json.h"
#include "store/checkpointer.h"
#include "store/commit_group.h"
#include "store/statement.h"

namespace {

constexpr int kThreads = 8;
constexpr std::string_view kKey = "frontdesk-bars-secret-0123456789";

struct Said {
  std::int64_t id = 0;
  std::string chat, text;
};

class Bot {
 public:
  Bot(int port, std::string model, std::string receiver, const std::string& database)
      : model_(std::move(model)),
        receiver_(std::move(receiver)),
        group_(database),
        server_(options(port), [this](const base::HttpRequest& request) { return take(request); }) {
    write([](store::Database& db) {
      for (const auto* const sql :
           {"CREATE TABLE bare_in(id INTEGER PRIMARY KEY, ext TEXT UNIQUE, chat TEXT, text "
            "TEXT, done INT DEFAULT 0)",
            "CREATE TABLE bare_out(id INTEGER PRIMARY KEY, chat TEXT, text TEXT, state "
            "TEXT)"}) {
        store::Statement(db, sql).execute();
      }
    });
    for (int i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] { work(); });
    }
    server_.start();
  }

  [[noreturn]] void run() {
    for (;;) {
      ::pause();
    }
  }

 private:
  static base::HttpServer::Options options(int port) {
    base::HttpServer::Options options;
    options.port = port;
    return options;
  }

  void write(const store::CommitGroup::Write& write) { group_.write(write, notifier_); }

  base::HttpResponse take(const base::HttpRequest& request) {
    const auto signed_text = request.headers.get("webhook-id").value_or("") + "." +
                             request.headers.get("webhook-timestamp").value_or("") + "." + request.body;
    if ("v1," + base::base64_encode(base::hmac_sha256(kKey, signed_text)) !=
        request.headers.get("webhook-signature")) {
      return base::HttpResponse::error(400, "refused");
    }
    const auto body = nlohmann::json::parse(request.body);
    if (body["type"] != "message") {
      return base::HttpResponse::error(400, "unknown");
    }
    const auto said = std::make_shared<Said>(Said{0, body["chat_id"], body["text"]});
    const auto response = std::make_shared<base::LaterResponse>(*base::LaterResponse::take());
    group_.write_later(
        [said, ext = body["message_id"].get<std::string>()](store::Database& db) {
          store::Statement(db, "INSERT INTO bare_in(ext, chat, text) VALUES (?1, ?2, ?3)", ext, said->chat,
                           said->text)
              .execute();
          said->id = db.last_row_id();
        },
        [this, said, response](const std::exception_ptr& error) {
          if (!error) {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(*said);
            rung_.notify_one();
          }
          response->send(error ? base::HttpResponse::error(503, "not stored")
                               : base::HttpResponse::json("{}"));
        },
        notifier_);
    return {};
  }

  void work() {
    for (;;) {
      Said said;
      {
        std::unique_lock lock(mutex_);
        rung_.wait(lock, [this] { return !waiting_.empty(); });
        said = std::move(waiting_.front());
        waiting_.pop_front();
      }
      turn(said);
    }
  }

  void turn(const Said& said) {
    base::HttpCall ask;
    ask.url = model_ + "/v1/messages";
    ask.body =
        nlohmann::json{
            {"model", "x"}, {"stream", true}, {"messages", {{{"role", "user"}, {"content", said.text}}}}}
            .dump();
    const auto answer = base::http_call(ask);
    const auto at = answer.body.find("\"text_delta\",\"text\":\"");
    const auto text = answer.body.substr(at + 21, answer.body.find('"', at + 21) - at - 21);
    std::int64_t out = 0;
    write([&](store::Database& db) {
      store::Statement(db, "UPDATE bare_in SET done = 1 WHERE id = ?1", said.id).execute();
      store::Statement(db, "INSERT INTO bare_out(chat, text, state) VALUES (?1, ?2, 'new')", said.chat, text)
          .execute();
      out = db.last_row_id();
    });
    base::HttpCall deliver;
    deliver.url = receiver_ + "/cb";
    deliver.body = nlohmann::json{{"type", "message"}, {"chat_id", said.chat}, {"text", text}}.dump();
    deliver.headers.add("webhook-signature",
                        "v1," + base::base64_encode(base::hmac_sha256(kKey, deliver.body)));
    base::http_call(deliver);
    write([&](store::Database& db) {
      store::Statement(db, "UPDATE bare_out SET state = 'sent' WHERE id = ?1", out).execute();
    });
  }

  const std::string model_, receiver_;
  base::Notifier notifier_;
  std::mutex mutex_;
  std::condition_variable rung_;
  std::deque<Said> waiting_;
  store::CommitGroup group_;
  store::Checkpointer checkpointer_{group_};
  std::vector<std::thread> threads_;
  base::HttpServer server_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("bare_bot is started by load --peer\n", stderr);
    return 0;
  }
  Bot(std::atoi(argv[1]), argv[2], argv[3], argv[4]).run();
}
