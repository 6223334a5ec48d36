#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "bot/runtime/metrics.h"
#include "tests/support/checkout.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

using support::contains;

/// Something of each family, with names that nobody should choose.
std::string page() {
  bot::runtime::Metrics metrics;
  metrics.expect_section("ops");
  metrics.expect_specialist("claude-code");
  metrics.message_received("a\"b\\c\nd");
  metrics.message_received("no utf-8: \xff");
  metrics.webhook_refused("ops", 401);
  metrics.decision(store::DecisionAction::answer, "answered");
  metrics.dispatch_finished("claude-code", "success", 12);
  metrics.specialist_worked("claude-code", 11);
  metrics.approval(store::ApprovalKind::permission, store::ApprovalState::allowed);
  metrics.delivery("ops", "delivered");
  metrics.answered(0.3);
  metrics.waited("turn", 0.002);
  metrics.waited("quick-turn", 0.002);
  metrics.waited("deliver:ops", 0.002);
  metrics.waited("question", 600);  // waits on purpose
  metrics.model_call("secretary", "anthropic", 1.5, true);
  metrics.model_call("secretary", "anthropic", 40, false);
  metrics.used(store::Purpose::secretary, {.input = 100, .cache_read = 5, .cache_write = 0, .output = 20});
  metrics.spent(store::Purpose::secretary, 0.01);
  metrics.expect_tool_server("calendar");
  metrics.tool_call("calendar", store::ToolCallState::done, 0.2);
  metrics.tool_call("calendar", store::ToolCallState::refused, std::nullopt);
  metrics.draft("ops", "answered");
  metrics.draft_begun("ops", 0.4);
  bot::runtime::Metrics::Gauges gauges;
  gauges.queues["turn"] = {3, 1.5};
  gauges.uncertain_deliveries = 2;
  gauges.budget_left_usd["day"] = 4.5;
  return metrics.text(gauges);
}

TEST_CASE("metrics have the names and labels of the contract") {
  const auto text = page();
  for (const char* line :
       {"frontdesk_messages_received_total{section=\"ops\"} 0",
        "frontdesk_deliveries_total{outcome=\"dead\",section=\"ops\"} 0",
        "frontdesk_decisions_total{action=\"answer\",outcome=\"answered\"} 1",
        "frontdesk_decisions_total{action=\"ask\",outcome=\"expired\"} 0",
        "frontdesk_dispatches_total{outcome=\"success\",specialist=\"claude-code\"} 1",
        "frontdesk_dispatches_total{outcome=\"timeout\",specialist=\"claude-code\"} 0",
        "frontdesk_specialist_seconds_sum{specialist=\"claude-code\"} 11",
        "frontdesk_approvals_total{kind=\"permission\",outcome=\"allowed\"} 1",
        "frontdesk_queue_depth{kind=\"turn\"} 3",
        "frontdesk_queue_oldest_seconds{kind=\"turn\"} 1.5",
        "frontdesk_queue_wait_seconds_count{kind=\"turn\"} 2",
        "frontdesk_queue_wait_seconds_count{kind=\"delivery\"} 1",
        "frontdesk_answer_seconds_bucket{le=\"0.5\"} 1",
        "frontdesk_answer_seconds_bucket{le=\"0.25\"} 0",
        "frontdesk_model_call_seconds_count{provider=\"anthropic\",purpose=\"secretary\"} 2",
        "frontdesk_model_calls_failed_total{provider=\"anthropic\",purpose=\"secretary\"} 1",
        "frontdesk_model_tokens_total{kind=\"output\",purpose=\"secretary\"} 20",
        "frontdesk_spent_usd_total{purpose=\"secretary\"} 0.01",
        "frontdesk_spent_usd_total{purpose=\"summary\"} 0",
        "frontdesk_uncertain_deliveries 2",
        "frontdesk_budget_left_usd{budget=\"day\"} 4.5",
        "frontdesk_build_info{version=\"",
        "process_open_fds ",
        "process_cpu_seconds_total "}) {
    CHECK_MESSAGE(contains(text, line), text);
  }
  CHECK_FALSE(contains(text, "kind=\"question\""));
}

TEST_CASE("the page of metrics is one that Prometheus can read, and its names keep to the conventions") {
  std::map<std::string, std::string> types;
  std::set<std::string> samples;
  const std::regex help(R"(# HELP ([a-z_]+) [ -~]+)"), type(R"(# TYPE ([a-z_]+) (counter|gauge|histogram))"),
      sample(R"(([a-z_]+)(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.]+(e[+-]?[0-9]+)?|\+Inf|NaN))");
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    std::smatch match;
    if (line.starts_with("# HELP")) {
      CHECK((std::regex_match(line, match, help) && line.find('\\') == std::string::npos));
    } else if (line.starts_with("# TYPE")) {
      REQUIRE(std::regex_match(line, match, type));
      CHECK_MESSAGE(types.emplace(match[1], match[2]).second, "a second family of that name");
      CHECK((match[2] == "counter") == match[1].str().ends_with("_total"));
    } else {
      REQUIRE(std::regex_match(line, match, sample));
      CHECK(samples.insert(line.substr(0, line.rfind(' '))).second);
    }
  }
  CHECK(types.size() > 25);
}

TEST_CASE("the operator's guide lists each metric that there is, and no other") {
  const auto names = [](const std::string& text, const std::regex& line) {
    return std::set<std::string>(std::sregex_token_iterator(text.begin(), text.end(), line, 1), {});
  };
  const auto guide = support::read_text(std::filesystem::path(support::source_dir()) / "docs/operating.md");
  const auto listed = names(guide, std::regex(R"(\n\| `(frontdesk_[a-z_]+)` \|)"));
  CHECK(listed.size() > 25);
  CHECK(listed == names(page(), std::regex(R"(# TYPE (frontdesk_[a-z_]+) )")));
}

TEST_CASE("promtool finds nothing to complain of, where it is installed") {
  const char* const set = std::getenv("FRONTDESK_PROMTOOL");
  const std::string promtool = set != nullptr ? set : "promtool";
  if (std::system(("command -v '" + promtool + "' > /dev/null").c_str()) != 0) {  // NOLINT(cert-env33-c)
    MESSAGE("promtool is not here (Debian: prometheus); not checked");
    return;
  }
  const support::TemporaryFolder folder;
  const auto file = folder.write("metrics.txt", page()).string();
  const auto said = (folder.path() / "said.txt").string();
  const auto command = "'" + promtool + "' check metrics < '" + file + "' > '" + said + "' 2>&1";
  CHECK_MESSAGE(std::system(command.c_str()) == 0, support::read_text(said));  // NOLINT(cert-env33-c)
}

}  // namespace
