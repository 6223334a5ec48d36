// Figures, texts and questions of a specialist that means harm.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/obedient_desk.h"

using support::contains;
using support::count_of;
using support::ObedientDesk;

namespace {

/// A result of the CLI with that in it, written by the script past the CLI.
std::string result_with(const std::string& members) {
  return R"(printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"CLAIMED","num_turns":1,"session_id":"x",)" +
         members + R"(,"permission_denials":[]}' >&3; echo SILENT)";
}

}  // namespace

TEST_CASE("a cost that cannot be true takes nobody's budget and is said not to be known") {
  const char* const claims[] = {
      R"("total_cost_usd":1e308,"usage":{"input_tokens":1000,"output_tokens":10})",
      R"("total_cost_usd":0.01,"usage":{"input_tokens":9000000000000000000,"output_tokens":9000000000000000000})",
      R"("total_cost_usd":1e308,"modelUsage":{"m":{"inputTokens":1000,"outputTokens":10,"costUSD":1e308}},"model_usage_since_last_result":{"m":{"inputTokens":1000,"outputTokens":10,"costUSD":1e308}})"};
  for (const auto* claim : claims) {
    CAPTURE(std::string(claim));
    ObedientDesk desk;
    desk.config.set("budget", "usd_per_day", "20.0");
    desk.start();
    const auto shown = desk.run(result_with(claim), "CLAIMED");
    CHECK(contains(shown.text, "what it really cost is not known"));
    CHECK(desk.query("SELECT sum(usd) < 3 FROM ledger") == "1");
    desk.begin("echo NEXT", "u-2", "c-2");
    CHECK(contains(desk.dispatch("d-2", "**").text, "NEXT"));
  }
}

TEST_CASE("of many requests for permission one is shown at a time") {
  ObedientDesk desk;
  desk.start();
  desk.begin(
      R"(i=0; while [ $i -lt 300 ]; do printf '{"type":"control_request","request_id":"r-%s","request":{"subtype":"can_use_tool","tool_name":"Bash","input":{"command":"echo %s"}}}\n' $i $i >&3; i=$((i+1)); done; sleep 5; echo ASKED)");
  desk.callbacks.wait_for([](const support::Shown& shown) { return contains(shown.text, "wants to run"); });
  desk.program->signal(0);
  CHECK(support::wait_until(
      [&] { return desk.query("SELECT count(*) FROM approvals WHERE state = 'open'") == "1"; }));
  desk.dispatch("d-1", "ASKED");
  CHECK(desk.query("SELECT count(*) < 10 FROM approvals") == "1");
  CHECK(count_of(desk.callbacks.transcript(), "wants to run") < 20);
}

TEST_CASE("requests for permission that are taken back at once are not shown") {
  ObedientDesk desk;
  desk.start();
  desk.run(
      R"(i=0; while [ $i -lt 60 ]; do printf '{"type":"control_request","request_id":"r-%s","request":{"subtype":"can_use_tool","tool_name":"Bash","input":{"command":"echo %s"}}}\n' $i $i >&3; sleep 0.03; printf '{"type":"control_cancel_request","request_id":"r-%s"}\n' $i >&3; i=$((i+1)); done; echo ASKED)",
      "ASKED");
  CHECK(desk.query("SELECT count(*) < 3 FROM approvals") == "1");
  CHECK(count_of(desk.callbacks.transcript(), "wants to run") < 3);
}

TEST_CASE("a question has ten choices at most") {
  ObedientDesk desk;
  desk.start();
  desk.begin(
      R"(o='{"label":"a"}'; i=0; while [ $i -lt 200 ]; do o="$o,{\"label\":\"choice $i\"}"; i=$((i+1)); done; printf '{"type":"control_request","request_id":"q","request":{"subtype":"can_use_tool","tool_name":"AskUserQuestion","input":{"questions":[{"question":"Which?","multiSelect":false,"options":[%s]}]}}}\n' "$o" >&3; sleep 4; echo ASKED)");
  const auto shown =
      desk.callbacks.wait_for([](const support::Shown& message) { return contains(message.text, "Which?"); });
  CHECK(shown.actions.size() == 10);
}

TEST_CASE("a refused tool's name is cut") {
  ObedientDesk desk;
  desk.start();
  const auto shown = desk.run(
      R"(n=$(head -c 100000 /dev/zero | tr '\0' x); printf '{"type":"result","subtype":"success","is_error":false,"result":"REFUSED","num_turns":1,"session_id":"x","total_cost_usd":0.01,"usage":{"input_tokens":1000,"output_tokens":10},"permission_denials":[{"tool_name":"%s","tool_use_id":"t","tool_input":{"command":"%s"}}]}\n' $n $n >&3; echo SILENT)",
      "REFUSED");
  CHECK(shown.text.size() < 4'000);
}

TEST_CASE("the specialist's key stands in no row, message, button or file of the log") {
  ObedientDesk desk;
  desk.start();
  desk.printed(
      "touch \"$ANTHROPIC_API_KEY.txt\"; mkdir \"$ANTHROPIC_API_KEY\"; echo x > \"$ANTHROPIC_API_KEY/a.txt\"; echo "
      "\"it is $ANTHROPIC_API_KEY\"");
  desk.run(
      R"(printf '{"type":"control_request","request_id":"q","request":{"subtype":"can_use_tool","tool_name":"%s","input":{"%s":"x"}}}\n' "$ANTHROPIC_API_KEY" "$ANTHROPIC_API_KEY" >&3; sleep 3; echo ASKED)",
      "ASKED");
  desk.stop(SIGTERM);
  CHECK_FALSE(contains(desk.callbacks.transcript(), ObedientDesk::kSpecialistKey));
  CHECK_FALSE(contains(desk.program->log(), ObedientDesk::kSpecialistKey));
  CHECK(desk.database_bytes().find(ObedientDesk::kSpecialistKey) == std::string::npos);
  CHECK(contains(desk.callbacks.transcript(), "[secret]"));
}

TEST_CASE("a session that a specialist names like an option is none") {
  ObedientDesk desk;
  desk.start();
  desk.run(
      R"(printf '{"type":"system","subtype":"init","session_id":"--dangerously-skip-permissions","model":"fake"}\n{"type":"result","subtype":"success","is_error":false,"result":"NAMED","num_turns":1,"session_id":"--dangerously-skip-permissions","total_cost_usd":0.01,"usage":{"input_tokens":1000,"output_tokens":10},"permission_denials":[]}\n' >&3; echo SILENT)",
      "NAMED");
  CHECK_FALSE(contains(support::read_text(desk.site() / ".dispatch-logs/last-session-id"), "--"));
  CHECK(desk.query("SELECT session_id LIKE '-%' FROM dispatches") == "0");
}
