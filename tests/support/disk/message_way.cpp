#include "tests/support/disk/message_way.h"

#include <chrono>
#include <memory>

#include <SQLiteCpp/SQLiteCpp.h>

#include "bot/messages/delivery.h"
#include "bot/turns/turn.h"
#include "store/job_queue.h"

namespace support {
namespace {

constexpr const char* kDeliverJob = "deliver:web";
constexpr std::chrono::hours kLonger{1};

std::string text_of(SQLite::Database& db, const std::string& sql, const std::string& parameter = {}) {
  SQLite::Statement statement(db, sql);
  if (!parameter.empty()) {
    statement.bind(1, parameter);
  }
  return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
}

class Receiver final : public bot::chat::Platform {
 public:
  explicit Receiver(Outside& outside) : outside_(outside) {}
  std::string deliver(const store::OutgoingCall& call, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    const auto& known = outside_.calls.emplace(call.answers, call.key).first->second;
    outside_.doubled += known == call.key ? 0 : 1;
    return "ext-" + call.key;
  }

 private:
  Outside& outside_;
};

}  // namespace

FrontOffice::FrontOffice() {
  allow("web", bot::runtime::Access::Mode::open);
  platforms["web"] = std::make_unique<Receiver>(outside);
}

MessageWay::MessageWay(FrontOffice& office, const std::filesystem::path& database)
    : office_(office), commits_(database), intake_(office.services, commits_) {}

void MessageWay::take(const std::string& id, const std::string& person, const std::string& text) {
  intake_.take("web", {id, "chat-" + person, "user-" + person, "Somebody", text, std::nullopt});
  office_.outside.acknowledged.insert(id);
}

bool MessageWay::turn() {
  store::JobQueue queue(db_);
  const auto job =
      queue.claim(bot::runtime::kTurnJob, office_.clock.now(), store::JobQueue::Order::shared_out);
  if (job) {
    office_.model.will_say(office_.answer);
    bot::turns::Turn(office_.services, db_, *job).run({});
  }
  return job.has_value();
}

bool MessageWay::deliver() {
  store::JobQueue queue(db_);
  const auto job = queue.claim(kDeliverJob, office_.clock.now());
  if (!job) {
    return false;
  }
  bot::messages::deliver(office_.services, db_, *job, {});
  const auto call = store::Outbox(db_).get({job->ref});
  if (call.state == store::DeliveryState::delivered) {
    office_.outside.written_down.insert(call.key);
  }
  return true;
}

void MessageWay::recover() {
  store::JobQueue(db_).recover(office_.clock.now());
}

void MessageWay::finish() {
  recover();
  office_.clock.advance(kLonger);  // whatever waits for its next try
  while (turn() || deliver()) {
  }
}

std::string MessageWay::lost() {
  auto& db = db_.handle();
  if (const auto verdict = text_of(db, "PRAGMA integrity_check(1)"); verdict != "ok") {
    return "the database is damaged: " + verdict;
  }
  if (!text_of(db, "PRAGMA foreign_key_check").empty()) {
    return "a row names another that is not there";
  }
  for (const auto& id : office_.outside.acknowledged) {
    const auto message = text_of(db,
                                 "SELECT m.id FROM inbound_ids i JOIN messages m ON m.id = i.message_id "
                                 "WHERE i.external_id = ?",
                                 id);
    if (message.empty()) {
      return id + " was acknowledged and is lost";
    }
    if (text_of(db, "SELECT id FROM jobs WHERE kind = 'turn' AND ref = ?", message).empty() &&
        text_of(db, "SELECT o.id FROM outbox o WHERE json_extract(o.body, '$.reply_to') = ?", id).empty()) {
      return id + " has no turn and no answer";
    }
  }
  for (const auto& [id, key] : office_.outside.calls) {
    if (text_of(db, "SELECT state FROM outbox WHERE key = ? AND state <> 'new'", key).empty()) {
      return "the call " + key + " was made and is not known";
    }
  }
  for (const auto& key : office_.outside.written_down) {
    if (text_of(db, "SELECT state FROM outbox WHERE key = ? AND state = 'delivered'", key).empty()) {
      return "the call " + key + " was written down and would be made again";
    }
  }
  return {};
}

std::string MessageWay::broken() {
  if (auto what = lost(); !what.empty()) {
    return what;
  }
  if (office_.outside.doubled > 0) {
    return "something was answered under two keys";
  }
  for (const auto& id : office_.outside.acknowledged) {
    if (!office_.outside.calls.contains(id)) {
      return id + " was never answered";
    }
  }
  const auto twice = text_of(
      db_.handle(), "SELECT json_extract(body, '$.reply_to') FROM outbox GROUP BY 1 HAVING count(*) > 1");
  if (!twice.empty()) {
    return twice + " has two answers";
  }
  const auto open = text_of(db_.handle(), "SELECT kind FROM jobs LIMIT 1");
  return open.empty() ? std::string() : "a job is left: " + open;
}

}  // namespace support
