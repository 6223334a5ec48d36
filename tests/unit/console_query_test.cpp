// What the queries of /api/v1 refuse: every parameter of every list, by the description of the API.
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/console/api.h"
#include "bot/console/openapi.h"
#include "bot/reporting/log_csv.h"
#include "bot/reporting/log_items.h"
#include "store/log_view.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

using nlohmann::json;
using support::contains;

struct Fixture : support::ServicesFixture {
  bot::console::Api api{services, store::Database(db.path())};

  Fixture() { settings.database = db.path(); }

  base::HttpResponse get(const std::string& path, const base::HttpFields& query,
                         bot::console::Role role = bot::console::Role::admin) {
    base::HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    bot::console::Caller caller;
    caller.name = "ada";
    caller.role = role;
    return api.handle(request, path, caller);
  }
};

/// What no parameter of that schema can be.
std::vector<std::string> junk_for(const json& schema) {
  if (schema.contains("enum")) {
    return {"abc", "ANSWER", "-"};
  }
  const auto type = schema.value("type", json());
  const auto name = type.is_string() ? type.get<std::string>() : std::string();
  if (name == "integer") {
    return {"abc", "1e3", "1.0", "+1", "-1", " 1", "1 ", "0x10", "1,5", "99999999999999999999999"};
  }
  if (name == "number") {
    return {"abc", "nan", "inf", "-1", "1 ", "0x1", "1,5", "--1"};
  }
  if (schema.value("format", "") == "date-time") {
    return {"abc", "today", "2026", "2026-11-22", "2026-13-40T00:00:00Z", "1700000000"};
  }
  return {};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "whatever makes no sense in a query is refused with a sentence, everywhere") {
  const auto document = json::parse(bot::console::openapi_document());
  int tried = 0;
  for (const auto& [path, operations] : document.at("paths").items()) {
    if (!operations.contains("get") || contains(path, "{") || path == "/openapi.json") {
      continue;
    }
    const auto refused = [&, path = path](const base::HttpFields& query) {
      const auto response = get(path, query);
      CHECK_MESSAGE(response.status == 400, path << ": " << response.status << " " << response.body);
      CHECK(contains(response.body, "{\"error\":"));
      ++tried;
    };
    refused({{"nonsense", "1"}});
    for (auto parameter : operations["get"].value("parameters", json::array())) {
      if (parameter.contains("$ref")) {
        parameter = document.at(json::json_pointer(parameter["$ref"].get<std::string>().substr(1)));
      }
      const auto name = parameter.at("name").get<std::string>();
      CAPTURE(name);
      for (const auto& junk : junk_for(parameter.at("schema"))) {
        CAPTURE(junk);
        refused({{name, junk}});
      }
      refused({{name, "1"}, {name, "1"}});
    }
  }
  CHECK(tried > 150);
}

TEST_CASE_FIXTURE(Fixture,
                  "an export has each member of an item, and nothing that a spreadsheet would calculate") {
  const auto message = say("hello");
  store::DispatchLog(db).add_decision(
      support::StoreFixture::decision(message, conversation, person, store::DecisionAction::answer),
      clock.now());
  auto item = bot::reporting::to_json(store::LogView(db).rows({}).at(0));
  const auto header = "," + bot::reporting::csv_header();
  std::size_t columns = 0;
  for (const char c : header) {
    columns += c == ',' ? 1 : 0;
  }
  CHECK(columns == item.size());
  for (const auto& member : item.items()) {
    const auto& name = member.key();
    CAPTURE(name);
    CHECK((contains(header, "," + name + ",") || contains(header, "," + name + "\r\n")));
  }
  for (const char* begin : {"=", "+", "-", "@", "\t", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"}) {
    item["text"] = std::string(begin) + "HYPERLINK";
    CHECK(contains(bot::reporting::csv_line(item), std::string(",'") + begin + "HYPERLINK"));
  }
  item["text"] = "a=b";
  CHECK(contains(bot::reporting::csv_line(item), ",a=b,"));
}

TEST_CASE_FIXTURE(Fixture, "a method that is not there is answered with those that are") {
  base::HttpRequest request;
  request.method = "POST";
  const auto allowed = [&](const char* path) {
    const auto response = api.handle(request, path, {});
    CHECK(response.status == 405);
    return response.headers.get("Allow").value_or("");
  };
  CHECK(allowed("/decisions") == "GET, HEAD");
  CHECK(allowed("/routing") == "GET, HEAD, PUT, DELETE");
  request.method = "GET";
  CHECK(allowed("/decisions/1/verdict") == "POST, DELETE");
}
