#include <cstdio>
#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "dispatch/adapters/claude_login.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using dispatch::LoginCopy;
using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;

base::Timestamp now() {
  return base::SystemClock().now();
}

json login(base::Timestamp end, const std::string& n = "1") {
  return {{"claudeAiOauth",
           {{"accessToken", "sk-ant-oat01-access" + n},
            {"refreshToken", "sk-ant-ort01-refresh" + n},
            {"expiresAt", base::to_unix_ms(end)},
            {"scopes", {"user:inference", "user:profile"}},
            {"subscriptionType", "max"}}},
          {"organizationUuid", "org-1"},
          {"mcpOAuth", {{"mail", {{"accessToken", "of the mail server"}}}}}};
}

struct Fixture {
  support::TemporaryFolder folder;
  fs::path state = folder.path() / "state";
  fs::path file = state / ".credentials.json";

  void store(const json& stored) const { folder.write("state/.credentials.json", stored.dump()); }
  json stored() const { return json::parse(base::read_file(file)); }
  static json copied(const LoginCopy& copy) { return json::parse(base::read_file(copy.path())); }
  static void renew(const LoginCopy& copy, const json& renewed) {
    const auto path = copy.path();
    std::FILE* out = std::fopen(path.c_str(), "w");  // in place, as the CLI does behind a mount
    REQUIRE(out != nullptr);
    std::fputs(renewed.dump().c_str(), out);
    std::fclose(out);
  }
  LoginCopy copy_for(std::optional<std::chrono::seconds> time) const {
    return LoginCopy(state, time, now(), {});
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "a run whose login lasts gets a copy that cannot be renewed, and nothing else of it") {
  store(login(now() + hours(8)));
  fs::path path;
  {
    const auto copy = copy_for(minutes(10));
    path = copy.path();
    CHECK_FALSE(copy.may_renew());
    const auto seen = copied(copy);
    CHECK(seen["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-access1");
    CHECK_FALSE(seen["claudeAiOauth"].contains("refreshToken"));
    CHECK_FALSE(seen.contains("mcpOAuth"));
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    renew(copy, login(now() + hours(16), "2"));
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(stored() == login(base::from_unix_ms(stored()["claudeAiOauth"]["expiresAt"])));
}

TEST_CASE_FIXTURE(Fixture, "a renewal of the same account becomes the login while the run goes on") {
  store(login(now() + minutes(5)));
  auto copy = copy_for(minutes(10));
  REQUIRE(copy.may_renew());
  CHECK(copied(copy)["claudeAiOauth"]["refreshToken"] == "sk-ant-ort01-refresh1");
  copy.take_over();
  CHECK(stored()["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-access1");
  auto renewed = login(now() + hours(8), "2");
  renewed["claudeAiOauth"]["subscriptionType"] = "pro";
  renewed.erase("mcpOAuth");
  renew(copy, renewed);
  copy.take_over();
  CHECK(stored()["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-access2");
  CHECK(stored()["claudeAiOauth"]["refreshToken"] == "sk-ant-ort01-refresh2");
  CHECK(stored()["claudeAiOauth"]["subscriptionType"] == "max");
  CHECK(stored().contains("mcpOAuth"));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "of two runs at a time one renews, and the other gets what it renewed") {
  store(login(now() + minutes(5)));
  std::optional<LoginCopy> first;
  first.emplace(state, minutes(10), now(), std::stop_token());
  REQUIRE(first->may_renew());
  std::jthread renewal([&] {
    renew(*first, login(now() + hours(8), "2"));
    first->take_over();
  });
  const auto second = copy_for(minutes(10));
  renewal.join();
  CHECK_FALSE(second.may_renew());
  CHECK(copied(second)["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-access2");
  std::stop_source stopped;
  stopped.request_stop();
  store(login(now() + minutes(5), "3"));
  const LoginCopy third(state, minutes(10), now(), stopped.get_token());
  CHECK_FALSE(third.may_renew());
  CHECK_FALSE(copied(third)["claudeAiOauth"].contains("refreshToken"));
}

TEST_CASE_FIXTURE(Fixture, "what is no renewal of the same account is not taken over") {
  const auto given = login(now() + minutes(5));
  const auto after = [&](const std::function<void(json&)>& change) {
    auto left = login(now() + hours(8), "2");
    change(left);
    return dispatch::renewed_login(given.dump(), given.dump(), left.dump(), now()).has_value();
  };
  CHECK(after([](json&) {}));
  CHECK_FALSE(after([](json& left) { left["organizationUuid"] = "org-2"; }));
  CHECK_FALSE(after([](json& left) { left.erase("organizationUuid"); }));
  auto account = [](const char* key, const json& value) {
    return [key, value](json& left) { left["claudeAiOauth"][key] = value; };
  };
  CHECK_FALSE(after(account("scopes", {"user:inference"})));
  CHECK_FALSE(after(account("accessToken", "sk-ant-api03-access2")));
  CHECK_FALSE(after(account("accessToken", "")));
  CHECK_FALSE(after(account("accessToken", "sk-ant-oat01-a b")));
  CHECK_FALSE(after(account("refreshToken", nullptr)));
  CHECK_FALSE(after(account("expiresAt", base::to_unix_ms(now()))));
  CHECK_FALSE(after(account("expiresAt", std::int64_t{9'000'000'000'000'000})));
  CHECK_FALSE(after([](json& left) { left["claudeAiOauth"] = "none"; }));
  CHECK_FALSE(dispatch::renewed_login(given.dump(), given.dump(), "[]", now()));
}

TEST_CASE_FIXTURE(Fixture, "a login that the operator changed meanwhile stays as it is") {
  store(login(now() + minutes(5)));
  {
    const auto copy = copy_for(minutes(10));
    store(login(now() + hours(1), "of-another"));
    renew(copy, login(now() + hours(8), "2"));
  }
  CHECK(stored()["claudeAiOauth"]["accessToken"] == "sk-ant-oat01-accessof-another");
}

TEST_CASE_FIXTURE(Fixture, "a copy that a killed run left is removed by the next one") {
  store(login(now() + hours(8)));
  const auto left = folder.write("state/frontdesk-logins/0123456789abcdef.json", "{}");
  const auto copy = copy_for(minutes(10));
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(copy.path()));
  const auto another = copy_for(minutes(10));
  CHECK(fs::exists(copy.path()));
}

TEST_CASE_FIXTURE(Fixture, "where there is no login, or something else has its name, there is no copy") {
  CHECK(copy_for(minutes(10)).path().empty());
  fs::create_directories(state);
  CHECK(copy_for(minutes(10)).path().empty());
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(copy_for(minutes(10)).path().empty());
  fs::remove(file);
  store({{"apiKey", "x"}});
  CHECK(copy_for(minutes(10)).path().empty());
}

}  // namespace
