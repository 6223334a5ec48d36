// What it costs to format and split a long answer for each chat service. In the same run the same text goes
// through md4c alone, with callbacks that do nothing, for comparison.
//
// markup [--quick]   prints one line a service: median, worst, and its ratio to the reference.
#include <cstdio>
#include <string>
#include <vector>

#include "bot/markup/markdown_parse.h"
#include "tests/bench/sample.h"
#include "tests/support/chat_services/markup_dialects.h"

namespace {

/// An answer with a bit of everything that models write, of about `size` bytes.
std::string answer(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) {
    const auto n = std::to_string(i);
    text += "## Step " + n + ": look at `parser_" + n + "`\n\n";
    text +=
        "The **first** thing to see is that _every_ call goes through [the "
        "gate](https://example.org/gate?n=" +
        n +
        "&x=1), which is why a change in one place is enough. It costs little, and nobody needs to know "
        "about it & everybody gains; see https://example.org/docs for more. Grüße, 日本語 and 👍🏽 "
        "are "
        "text "
        "as "
        "any other.\n\n";
    text +=
        "- one item of a list with **bold** words\n- another one\n  1. nested, with `code`\n  2. and "
        "more\n\n";
    text += "```cpp\nfor (int i = 0; i < " + n +
            "; ++i) {\n  total += values[i] * 2;  // a comment\n}\nreturn total > 0 && ok;\n```\n\n";
    text += "| name | value | note |\n|---|--:|---|\n| alpha | " + n +
            " | the first |\n| beta | 22 | **bold** |\n\n";
    text += "> A quote of what somebody said,\n> on two lines.\n\n";
  }
  return text;
}

class NoEvents : public bot::markup::MarkdownEvents {
 public:
  void enter_block(MD_BLOCKTYPE, void*) override {}
  void leave_block(MD_BLOCKTYPE, void*) override {}
  void enter_span(MD_SPANTYPE, void*) override {}
  void leave_span(MD_SPANTYPE, void*) override {}
  void text(MD_TEXTTYPE, std::string_view) override {}
};

struct Service {
  const char* name;
  support::Markup markup;
  std::size_t limit;
};
constexpr Service kServices[] = {{"Telegram HTML", support::Markup::telegram_html, 4096},
                                 {"Slack mrkdwn", support::Markup::slack_mrkdwn, 3000},
                                 {"Discord Markdown", support::Markup::discord_markdown, 2000},
                                 {"plain text", support::Markup::plain, 4096}};

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  const int rounds = quick ? 5 : 101;
  struct Text {
    const char* name;
    std::string markdown;
  };
  std::string sentence;
  while (sentence.size() < 100'000) {
    sentence += "one **endless** paragraph & its `words`, ";
  }
  const Text texts[] = {{"an answer", answer(100'000)}, {"one paragraph", sentence}};
  for (const auto& text : texts) {
    NoEvents nothing;
    const auto reference =
        bench::measure(rounds, [&] { (void)!bot::markup::parse_markdown(text.markdown, nothing); });
    std::printf("reference: %s of %zu bytes through md4c alone: median %.2f ms, worst %.2f ms\n", text.name,
                text.markdown.size(), reference.median(), reference.worst());
    for (const auto& service : kServices) {
      std::size_t pieces = 0;
      const auto sample = bench::measure(rounds, [&] {
        pieces = support::render_parts(text.markdown, service.markup, service.limit).size();
      });
      std::printf("%s: %zu pieces, median %.2f ms, worst %.2f ms (goal: < 10 ms); %.1f times md4c alone\n",
                  service.name, pieces, sample.median(), sample.worst(),
                  sample.median() / reference.median());
    }
  }
  return 0;
}
