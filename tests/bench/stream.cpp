// How long a word of the model takes to the page: from the moment at which a loopback model sends the first
// token of its answer to the moment at which a page that is open has it. Beside it, what a bare call over the
// loopback interface takes.
//
// stream [--quick]   prints medians and the worst; fails where the median is 30 ms or more.
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <signal.h>

#include "base/http.h"
#include "tests/bench/sample.h"
#include "tests/support/loopback_server.h"
#include "tests/support/models/slow_model.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/open_page.h"

namespace {

using bench::Sample;
using std::chrono::steady_clock;

constexpr double kLimitMs = 30;

/// A call that a server of this machine answers at once.
Sample bare_calls(int rounds) {
  const support::LoopbackServer echo(base::HttpResponse::json("{}"));
  Sample sample;
  for (int i = 0; i < rounds; ++i) {
    const auto before = steady_clock::now();
    base::HttpCall call;
    call.url = echo.url() + "/";
    call.body = "{}";
    base::http_call(call);
    sample.add(steady_clock::now() - before);
  }
  return sample;
}

bool is_stream(const nlohmann::json& event) {
  return event.value("type", "") == "stream";
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 && std::string_view(argv[1]) == "--quick" ? 20 : 200;
  auto reference = bare_calls(rounds);
  support::Desk desk(support::Desk::Claude::fake);
  support::SlowModel model;
  desk.config.set("chat.web", "platform", "\"web\"")
      .set("secretary", "base_url", support::toml_text(model.url()));
  desk.start();
  const support::PageSession session(desk);
  Sample first, later;
  for (int i = 0; i < rounds; ++i) {
    support::OpenPage page(desk.port(), session.cookie());
    session.say("Round " + std::to_string(i), "p-" + std::to_string(i));
    if (!model.wait_for_requests(static_cast<std::size_t>(i) + 1)) {
      std::fprintf(stderr, "the model was not asked; the log:\n%s\n", desk.program->log().c_str());
      return 1;
    }
    auto sent = steady_clock::now();
    model.text("Hello");
    first.add(page.wait_for(is_stream).came - sent);
    const auto seen = page.events().size();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    sent = steady_clock::now();
    model.text(" there.");
    later.add(page.wait_for(is_stream, seen).came - sent);
    model.end();
    page.wait_for(
        [](const auto& event) { return event.value("type", "") == "message" && event.contains("turn"); });
  }
  desk.stop(SIGTERM);
  std::printf("reference: one bare loopback call %.2f ms (median of %d)\n", reference.median(), rounds);
  std::printf(
      "first word on the page after the model's first token: %.2f ms (median), %.2f ms (worst), %.1f x\n",
      first.median(), first.worst(), first.median() / reference.median());
  std::printf("a later word, after a pause: %.2f ms (median), %.2f ms (worst)\n", later.median(),
              later.worst());
  return first.median() < kLimitMs ? 0 : 1;
}
