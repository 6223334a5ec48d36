#include <sstream>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/file.h"
#include "bot/cli/init.h"
#include "bot/runtime/settings.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

struct Fixture {
  support::TemporaryFolder folder;
  std::string path = (folder.path() / "frontdesk.toml").string();
  std::ostringstream out;
  Fixture() { ::setenv("ANTHROPIC_API_KEY", "key-0123456789", 0); }

  bot::runtime::Settings write_and_load(const std::string& answers, bool yes = false) {
    std::istringstream in(answers);
    CHECK(bot::cli::write_configuration({yes, path}, in, out) == 0);
    bot::runtime::Flags flags;
    flags.config = path;
    return bot::runtime::load_settings(flags);
  }
};

TEST_CASE_FIXTURE(Fixture, "the written configuration loads again, without a warning") {
  const auto s = write_and_load("", true);
  CHECK(s.warnings.empty());
  CHECK(s.secretary.provider == "anthropic");
  CHECK(s.secretary.model == "claude-haiku-4-5");
  CHECK(s.policy.budget.usd_per_day == 20.0);
  CHECK(out.str().find(path) != std::string::npos);
  CHECK(out.str().find('?') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "empty answers take what is proposed") {
  const auto s = write_and_load("\n\n\n\n\n");
  CHECK(s.secretary.provider == "anthropic");
  CHECK(s.policy.budget.usd_per_day == 20.0);
}

TEST_CASE_FIXTURE(Fixture, "the answers stand in the file, whatever characters they have") {
  const auto s =
      write_and_load("openai\nhttp://127.0.0.1:1/v1\nmy \"model\" \\ x\x01\n/srv/my \"projects\"\n7.5\n");
  CHECK(s.secretary.provider == "openai");
  CHECK(s.secretary.base_url == "http://127.0.0.1:1/v1");
  CHECK(s.secretary.model == "my \"model\" \\ x\x01");
  CHECK(s.dispatch.projects_dir == "/srv/my \"projects\"");
  CHECK(s.policy.budget.usd_per_day == 7.5);
}

TEST_CASE_FIXTURE(Fixture, "a model whose price is not known is not written down as free") {
  const auto s = write_and_load("openai\nhttp://127.0.0.1:1/v1\nqwen3\n\n\n");
  CHECK_FALSE(s.secretary.has_price);
  CHECK(s.warnings.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an amount is written as a number that the file's language knows") {
  for (const char* amount : {"5", "0.5", "05", "007.50", "1000000"}) {
    CAPTURE(std::string(amount));
    std::filesystem::remove(path);
    CHECK(write_and_load(std::string("\n\n\n\n") + amount + "\n").policy.budget.usd_per_day ==
          doctest::Approx(std::stod(amount)));
  }
}

TEST_CASE_FIXTURE(Fixture, "a question whose answer cannot be is asked again, with the reason") {
  const auto s = write_and_load("gpt\nopenai\nlocalhost:11434\nhttp://127.0.0.1:1/v1\n\n\nmuch\n2.5\n");
  CHECK(s.secretary.provider == "openai");
  CHECK(s.secretary.base_url == "http://127.0.0.1:1/v1");
  CHECK(s.policy.budget.usd_per_day == 2.5);
  for (const char* reason : {"\"gpt\" is not a provider; choose anthropic or openai.",
                             "\"localhost:11434\" is not an address", "\"much\" is not an amount"}) {
    CHECK(support::contains(out.str(), reason));
  }
}

TEST_CASE_FIXTURE(Fixture, "where the answers end at one that cannot be, nothing is written") {
  for (const char* answers : {"gpt\n", "\n\n\n\nmuch\n", "\n\n\n\n1.2.3\n", "\n\n\n\n-5\n",
                              "\n\n\n\n99999999999999\n", "\nlocalhost:11434\n"}) {
    CAPTURE(std::string(answers));
    std::istringstream in(answers);
    CHECK_THROWS_AS(bot::cli::write_configuration({false, path}, in, out), base::ConfigError);
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE_FIXTURE(Fixture, "a file that is there is never overwritten") {
  folder.write("frontdesk.toml", "# mine");
  std::istringstream in;
  CHECK_THROWS_WITH_AS(bot::cli::write_configuration({true, path}, in, out),
                       doctest::Contains("not overwritten"), base::ConfigError);
  CHECK(base::read_file(path) == "# mine");
}

TEST_CASE_FIXTURE(Fixture, "no secret is written") {
  write_and_load("", true);
  CHECK(base::read_file(path).find("0123456789") == std::string::npos);
}

}  // namespace
