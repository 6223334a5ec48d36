#include "bot/console/deliveries.h"

#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "bot/console/calls.h"
#include "bot/console/query.h"
#include "bot/texts/console_operations.h"
#include "bot/texts/page.h"
#include "store/outbox.h"
#include "store/section_troubles.h"

namespace bot::console {
namespace {

using nlohmann::json;
using Which = store::Outbox::Which;

constexpr std::size_t kMostText = 200;
constexpr int kMostDoubts = 500;

/// A delivery by its id: the call that posted the message, and which part of it.
struct Part {
  store::Outbox::Listed call;
  int position = 0;
};

Part part_of(const Call& call, const std::string& id) {
  const auto dot = std::min(id.find('.'), id.size());
  auto listed = store::Outbox(call.db).listed(id.substr(0, dot));
  int position = 0;
  if (dot < id.size()) {
    const auto [end, error] = std::from_chars(id.data() + dot + 1, id.data() + id.size(), position);
    if (error != std::errc() || end != id.data() + id.size() || position < 1) {
      listed.reset();
    }
  }
  if (!listed) {
    throw Refusal{404, texts::kNotFound};
  }
  return {*std::move(listed), position};
}

json doubt_json(const Call& call, const store::MessageParts::Doubt& doubt) {
  const auto text = store::Conversations(call.db).message(doubt.message).text;
  return {{"id", id_of(doubt)},
          {"at", base::format_rfc3339(doubt.attempted)},
          {"section", doubt.section},
          {"chat", doubt.section + ":" + doubt.chat_id},
          {"kind", "message"},
          {"part", doubt.position + 1},
          {"state", doubt.uncertain ? "uncertain" : "doubled"},
          {"error", nullptr},
          {"text", base::ellipsize(text, kMostText)}};
}

json call_json(const store::Outbox::Listed& call) {
  using State = store::DeliveryState;
  return {{"id", call.key},
          {"at", base::format_rfc3339(call.created)},
          {"section", call.section},
          {"chat", call.section + ":" + call.chat_id},
          {"kind", to_string(call.kind)},
          {"part", nullptr},
          {"state", call.state == State::dead        ? "dead"
                    : call.state == State::delivered ? "delivered"
                                                     : "waiting"},
          {"error", call.error.empty() ? json(nullptr) : json(base::redacted(call.error))},
          {"text", base::ellipsize(call.text, kMostText)}};
}

/// The first page of what is in doubt comes before all else, which has pages.
base::HttpResponse deliveries(const Call& call) {
  allow_only(call.request, {"state", "section", "limit", "cursor"});
  const auto state = word_parameter(call.request, "state", {"uncertain", "dead", "waiting", "all"});
  const auto section = text_parameter(call.request, "section");
  auto items = json::array();
  const bool first = text_parameter(call.request, "cursor").empty();
  if (first && (state.empty() || state == "uncertain")) {
    for (const auto& doubt : store::MessageParts(call.db).doubts(kMostDoubts)) {
      if (section.empty() || section == doubt.section) {
        items.push_back(doubt_json(call, doubt));
      }
    }
  }
  store::Outbox outbox(call.db);
  if (first && state.empty()) {
    for (const auto& waiting : outbox.list(Which::waiting, section, below(call.request).value_or(INT64_MAX),
                                           limit_of(call.request))) {
      items.push_back(call_json(waiting));
    }
  }
  if (state == "uncertain") {
    return list_of(std::move(items));
  }
  const auto which = state == "waiting" ? Which::waiting : state == "all" ? Which::all : Which::dead;
  const auto calls =
      outbox.list(which, section, below(call.request).value_or(INT64_MAX), limit_of(call.request));
  for (const auto& listed : calls) {
    items.push_back(call_json(listed));
  }
  const bool more = static_cast<int>(calls.size()) == limit_of(call.request);
  return list_of(std::move(items), more ? std::optional(calls.back().id.value) : std::nullopt);
}

json platform_json(const runtime::ChatSettings& chat, const store::Outbox::Counts& today,
                   std::int64_t uncertain) {
  return {{"section", chat.name},  {"platform", chat.platform}, {"enabled", true},
          {"last_event", nullptr}, {"last_error", nullptr},     {"delivered", today.delivered},
          {"failed", today.dead},  {"waiting", today.waiting},  {"uncertain", uncertain},
          {"circuit", nullptr}};
}

base::HttpResponse platforms(const Call& call) {
  allow_only(call.request, {});
  const auto& settings = call.services.settings;
  const auto midnight = base::start_of_day(call.services.clock.now(), settings.secretary.timezone);
  auto today = store::Outbox(call.db).counts_since(midnight);
  std::map<std::string, std::int64_t> uncertain;
  for (const auto& doubt : store::MessageParts(call.db).doubts(kMostDoubts)) {
    ++uncertain[doubt.section];
  }
  store::SectionTroubles troubles(call.db);
  const auto events = troubles.last_events();
  const auto last = troubles.all();
  auto items = json::array();
  for (const auto& chat : settings.chats) {
    auto item = platform_json(chat, today[chat.name], uncertain[chat.name]);
    if (const auto event = events.find(chat.name); event != events.end()) {
      item["last_event"] = base::format_rfc3339(event->second);
    }
    if (const auto trouble = last.find(chat.name); trouble != last.end()) {
      item["last_error"] = {{"at", base::format_rfc3339(trouble->second.at)},
                            {"text", base::redacted(trouble->second.text)}};
    }
    items.push_back(std::move(item));
  }
  return list_of(std::move(items));
}

void put_away(const Call& call, const std::string& id) {
  const auto part = part_of(call, id);
  store::Transaction transaction(call.db, call.services.notifier);
  if (part.position != 0 || !store::Outbox(call.db).put_away(part.call.id, call.services.clock.now())) {
    throw Refusal{409, texts::kNotDead};
  }
  record(call, "delivery.put_away", "delivery " + id, "dead", "put away");
  transaction.commit();
}

}  // namespace

std::string id_of(const store::MessageParts::Doubt& doubt) {
  return doubt.position == 0 ? doubt.key : fmt::format("{}.{}", doubt.key, doubt.position);
}

store::MessageParts::Doubt doubt_of(const Call& call, const std::string& id) {
  const auto part = part_of(call, id);
  const auto doubt = store::MessageParts(call.db).doubt(part.call.message, part.position);
  if (!doubt) {
    throw Refusal{409, texts::kNotUncertain};
  }
  return *doubt;
}

void settle_as_arrived(const Call& call, const store::MessageParts::Doubt& doubt) {
  store::Transaction transaction(call.db, call.services.notifier);
  store::MessageParts(call.db).settle_doubt(doubt.message, doubt.position, call.services.clock.now());
  record(call, "delivery.arrived", "delivery " + id_of(doubt), doubt.uncertain ? "uncertain" : "doubled",
         "delivered");
  transaction.commit();
}

void send_again(const Call& call, const std::string& id) {
  const auto part = part_of(call, id);
  store::Transaction transaction(call.db, call.services.notifier);
  store::MessageParts parts(call.db);
  const auto doubt = parts.doubt(part.call.message, part.position);
  if (doubt && !doubt->uncertain) {
    throw Refusal{409, texts::kArrivedNotDouble};
  }
  if (!doubt && part.call.state != store::DeliveryState::dead) {
    throw Refusal{409, texts::kNotUncertain};
  }
  if (doubt) {
    parts.forget(doubt->message, doubt->position);
  }
  if (!store::Outbox(call.db).repeat(part.call.message, call.services.clock.now())) {
    throw Refusal{409, texts::kNotSentAgain};
  }
  record(call, "delivery.send_again", "delivery " + id, doubt ? "uncertain" : "dead", "waiting");
  transaction.commit();
}

std::vector<Route> delivery_routes() {
  return {{"GET", "/platforms", Role::viewer, platforms},
          {"GET", "/deliveries", Role::viewer, deliveries},
          {"POST", "/deliveries/{id}/arrived", Role::admin,
           [](const Call& call) {
             body_of(call, {});
             settle_as_arrived(call, doubt_of(call, call.ids.at(0)));
             return done();
           }},
          {"POST", "/deliveries/{id}/put_away", Role::admin,
           [](const Call& call) {
             body_of(call, {});
             put_away(call, call.ids.at(0));
             return done();
           }},
          {"POST", "/deliveries/{id}/send_again", Role::admin, [](const Call& call) {
             body_of(call, {});
             send_again(call, call.ids.at(0));
             return done();
           }}};
}

}  // namespace bot::console
