// What a chat service's largest usual call costs: to verify and parse it, and to store it durably. In the
// same run the same bytes are only parsed as JSON, and only inserted into SQLite in a transaction each, for
// comparison. All on one thread.
//
// chat_services [--quick]   prints two lines a service: calls per second, and the ratio to the reference.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include "bot/messages/intake.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/platforms/slack/signature.h"
#include "bot/platforms/webhook/standard_webhooks.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/discord_service.h"
#include "tests/support/services_fixture.h"

namespace {

using nlohmann::json;
using support::DiscordService;

constexpr const char* kSecret = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";
constexpr const char* kPlainSecret = "secret_of-the_bench";

/// Words of about `size` characters, with a few that are not ASCII.
std::string words(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += "Please look at the parser & tell me why \"Grüße\" 👍 comes out as it does.\n";
  }
  return text.substr(0, text.rfind('\n', size));
}

/// One service: its platform, and its calls, each with another id.
struct Service {
  const char* name;
  const char* platform;
  std::string toml;
  std::function<base::HttpRequest(int number, base::Timestamp now)> call;
};

base::HttpRequest post(const json& body, const base::HttpFields& headers) {
  base::HttpRequest request;
  request.method = "POST";
  request.body = body.dump();
  request.headers = headers;
  request.headers.add("Content-Type", "application/json");
  return request;
}

base::HttpRequest generic_call(int number, base::Timestamp now) {
  static const bot::webhook::StandardWebhooks kSigning({kSecret});
  const auto id = "msg-" + std::to_string(number);
  auto request = post({{"type", "message"},
                       {"message_id", id},
                       {"chat_id", "c-1"},
                       {"user_id", "u-1"},
                       {"user_name", "Ada"},
                       {"text", words(16'000)}},
                      {});
  request.headers = kSigning.sign(id, now, request.body);
  return request;
}

/// 4,096 characters with 100 entities, as a reply.
base::HttpRequest telegram_call(int number, base::Timestamp now) {
  const json person = {{"id", 1001},         {"is_bot", false},       {"first_name", "Ann"},
                       {"last_name", "Lee"}, {"username", "ann_lee"}, {"language_code", "en"}};
  const json chat = {{"id", 1001},
                     {"type", "private"},
                     {"first_name", "Ann"},
                     {"last_name", "Lee"},
                     {"username", "ann_lee"}};
  json entities = json::array();
  for (int i = 0; i < 100; ++i) {
    entities.push_back({{"type", i % 2 == 0 ? "bold" : "code"}, {"offset", i * 40}, {"length", 9}});
  }
  const auto date = base::to_unix_ms(now) / 1000;
  return post({{"update_id", number},
               {"message",
                {{"message_id", number},
                 {"from", person},
                 {"chat", chat},
                 {"date", date},
                 {"text", words(4'096)},
                 {"entities", entities},
                 {"reply_to_message",
                  {{"message_id", 1},
                   {"from", person},
                   {"chat", chat},
                   {"date", date},
                   {"text", words(4'096)},
                   {"entities", entities}}}}}},
              {{"X-Telegram-Bot-Api-Secret-Token", kPlainSecret}});
}

/// 12,000 characters, which come a second time as blocks.
base::HttpRequest slack_call(int number, base::Timestamp now) {
  json elements = json::array();
  for (int i = 0; i < 120; ++i) {
    elements.push_back({{"type", "text"}, {"text", words(100)}, {"style", {{"bold", i % 2 == 0}}}});
  }
  const auto ts = std::to_string(1'795'363'500 + number) + ".000100";
  auto request = post({{"token", "x"},
                       {"team_id", "T1"},
                       {"api_app_id", "A1"},
                       {"type", "event_callback"},
                       {"event_id", "Ev" + std::to_string(number)},
                       {"event_time", 1'795'363'500},
                       {"authorizations", {{{"team_id", "T1"}, {"user_id", "U0BOT"}, {"is_bot", true}}}},
                       {"event",
                        {{"type", "message"},
                         {"channel", "D1"},
                         {"channel_type", "im"},
                         {"user", "U1"},
                         {"text", words(12'000)},
                         {"ts", ts},
                         {"event_ts", ts},
                         {"client_msg_id", "5a0f2f5e-0000-4000-8000-000000000000"},
                         {"blocks",
                          {{{"type", "rich_text"},
                            {"block_id", "b"},
                            {"elements", {{{"type", "rich_text_section"}, {"elements", elements}}}}}}}}}},
                      {});
  const auto time = std::to_string(base::to_unix_ms(now) / 1000);
  request.headers.add("X-Slack-Request-Timestamp", time);
  request.headers.add("X-Slack-Signature", bot::slack::signature_of(kPlainSecret, time, request.body));
  return request;
}

/// A command with an option of 4,000 characters, in a server.
base::HttpRequest discord_call(int number, base::Timestamp now) {
  const json user = {{"id", "100000000000000001"}, {"username", "ann"},
                     {"global_name", "Ann Lee"},   {"avatar", "0123456789abcdef0123456789abcdef"},
                     {"discriminator", "0"},       {"public_flags", 0}};
  const json member = {{"roles", {"200000000000000001", "200000000000000002"}},
                       {"joined_at", "2024-01-01T00:00:00.000000+00:00"},
                       {"permissions", "2248473465835073"},
                       {"nick", "Ann"}};
  json users, members;
  for (int i = 0; i < 10; ++i) {
    const auto id = std::to_string(100'000'000'000'000'002 + i);
    users[id] = user;
    users[id]["id"] = id;
    members[id] = member;
  }
  auto whole = member;
  whole["user"] = user;
  const json body = {{"id", std::to_string(880'000'000'000'000'000 + number)},
                     {"application_id", DiscordService::kApplication},
                     {"type", 2},
                     {"token", std::string(200, 't')},
                     {"version", 1},
                     {"channel_id", "500000000000000001"},
                     {"channel", {{"id", "500000000000000001"}, {"type", 0}, {"name", "general"}}},
                     {"guild_id", "600000000000000001"},
                     {"context", 0},
                     {"locale", "en-GB"},
                     {"app_permissions", "2248473465835073"},
                     {"member", whole},
                     {"data",
                      {{"id", "550000000000000001"},
                       {"type", 1},
                       {"name", "ask"},
                       {"options", {{{"type", 3}, {"name", "text"}, {"value", words(4'000)}}}},
                       {"resolved", {{"users", users}, {"members", members}}}}}};
  return DiscordService::signed_call(body.dump(), now);
}

const std::vector<Service>& services() {
  static const std::vector<Service> kServices = {
      {"generic", "webhook", "secret = \"env:BENCH_SECRET\"\ncallback_url = \"http://127.0.0.1:9/\"",
       generic_call},
      {"Telegram", "telegram",
       "token = \"env:BENCH_TOKEN\"\nsecret = \"env:BENCH_PLAIN\"\ntransport = \"webhook\"", telegram_call},
      {"Slack", "slack", "bot_token = \"env:BENCH_TOKEN\"\nsigning_secret = \"env:BENCH_PLAIN\"", slack_call},
      {"Discord", "discord",
       "application_id = \"" + std::string(DiscordService::kApplication) + "\"\npublic_key = \"" +
           DiscordService::kPublicKey + "\"\nbot_token = \"env:BENCH_TOKEN\"",
       discord_call}};
  return kServices;
}

/// How often a second `work`, which is given a number from 0 to count - 1, is done.
double per_second(int count, const std::function<void(int)>& work) {
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    work(i);
  }
  return count / std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

/// Throws where a call is not taken: a refusal would be quick.
void measure(const Service& service, int parses, int stores) {
  support::ServicesFixture fixture;
  fixture.allow("svc", bot::runtime::Access::Mode::open);
  const auto platform =
      bot::platforms::platform_type(service.platform)
          .make(config::parse_config(service.toml, "frontdesk.toml", "/"), {"svc", "", fixture.clock});
  const auto now = fixture.clock.now();
  std::vector<base::HttpRequest> calls;
  for (int i = 0; i < stores; ++i) {
    calls.push_back(service.call(i + 2, now));
  }
  const auto& body = calls.front().body;

  const auto parsed = per_second(parses, [&](int) { (void)json::parse(body).size(); });
  const auto received = per_second(parses, [&](int i) {
    (void)support::receive(*platform, calls[static_cast<std::size_t>(i % stores)], now).incoming.at(0);
  });
  std::printf(
      "%s, %zu bytes, verify and parse: %.0f a second; %.2f times the cost of JSON alone (%.0f a second)\n",
      service.name, body.size(), received, parsed / received, parsed);

  SQLite::Database reference((fixture.folder.path() / "reference.db").string(),
                             SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  reference.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bodies(body TEXT)");
  SQLite::Statement insert(reference, "INSERT INTO bodies VALUES (?)");
  const auto inserted = per_second(stores, [&](int i) {
    insert.reset();
    insert.bind(1, calls[static_cast<std::size_t>(i)].body);
    insert.exec();
  });
  bot::messages::Intake intake(fixture.services, fixture.commits);
  const auto stored = per_second(stores, [&](int i) {
    const auto taken = support::receive(*platform, calls[static_cast<std::size_t>(i)], now);
    if (intake.take("svc", taken.incoming.at(0)).message.value == 0) {
      throw std::runtime_error("a message was not stored");
    }
  });
  std::printf(
      "%s, with its durable store: %.0f a second; %.2f times the cost of one insert (%.0f a second)\n",
      service.name, stored, inserted / stored, inserted);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  setenv("BENCH_SECRET", kSecret, 1);
  setenv("BENCH_PLAIN", kPlainSecret, 1);
  setenv("BENCH_TOKEN", "4711:token-of-the-bench", 1);
  for (const auto& service : services()) {
    measure(service, quick ? 200 : 5'000, quick ? 50 : 1'000);
  }
  return 0;
}
