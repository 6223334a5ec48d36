#include "base/utf8.h"

#include <string>

#include <doctest/doctest.h>

namespace base {
namespace {

TEST_CASE("well-formed text of every length of code point is UTF-8") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x98\x80"));
  CHECK(is_utf8(std::string("a\0b", 3)));
}

TEST_CASE("overlong forms, surrogates and values above U+10FFFF are not UTF-8") {
  CHECK_FALSE(is_utf8("\xC0\xAF"));
  CHECK_FALSE(is_utf8("\xE0\x80\xAF"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\xF5\x80\x80\x80"));
  CHECK_FALSE(is_utf8("cut \xE2\x82"));
  CHECK_FALSE(is_utf8("\x80"));
}

TEST_CASE("to_valid_utf8 keeps what is well-formed and replaces the rest") {
  CHECK(to_valid_utf8("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
  CHECK(to_valid_utf8("a\xFF"
                      "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(is_utf8(to_valid_utf8("\xED\xA0\x80\xF5\x80\xE2\x82")));
}

TEST_CASE("truncate_utf8 never cuts a code point") {
  const std::string text = "a\xC3\xBC\xF0\x9F\x98\x80z";
  for (std::size_t limit = 0; limit <= text.size() + 1; ++limit) {
    CAPTURE(limit);
    const std::string_view cut = truncate_utf8(text, limit);
    CHECK(cut.size() <= limit);
    CHECK(is_utf8(cut));
    CHECK(text.starts_with(cut));
  }
  CHECK(truncate_utf8(text, 2) == "a");
  CHECK(truncate_utf8(text, 3) == "a\xC3\xBC");
}

TEST_CASE("utf16_length counts two units for what lies above U+FFFF") {
  CHECK(utf16_length("") == 0);
  CHECK(utf16_length("abc") == 3);
  CHECK(utf16_length("z\xC3\xBCrich \xE2\x82\xAC") == 8);
  CHECK(utf16_length("\xF0\x9F\x98\x80!") == 3);
}

TEST_CASE("ellipsize marks what it left out and stays within its limit") {
  CHECK(ellipsize("short", 5) == "short");
  for (std::size_t limit = 3; limit < 12; ++limit) {
    CAPTURE(limit);
    const std::string cut = ellipsize("a rather long sentence", limit);
    CHECK(cut.size() <= limit);
    CHECK(cut.ends_with("\xE2\x80\xA6"));
  }
}

TEST_CASE("keep_ends keeps the head and the tail of a long text") {
  CHECK(keep_ends("short", 100) == "short");
  const std::string text = "HEAD" + std::string(10'000, 'x') + "TAIL";
  const std::string cut = keep_ends(text, 500);
  CHECK(cut.starts_with("HEAD"));
  CHECK(cut.ends_with("TAIL"));
  CHECK(cut.size() < 700);
}

TEST_CASE("strip_controls drops what no chat shows and keeps lines and tabs") {
  CHECK(strip_controls("a\r\nb\tc\x07\x7F\u0085\rd") == "a\nb\tcd");
}

TEST_CASE("strip_controls drops what tells a terminal colours, links and moves, whole") {
  using Row = std::pair<std::string, std::string>;
  const std::string bel = "\x07";
  for (const auto& row :
       {Row{"\x1B[32m✓\x1B[39m 3 passed", "✓ 3 passed"}, Row{"\x1B[1;38;5;196mred\x1B[0m", "red"},
        Row{"\x1B[38:2::255:0:0mred\x1B[m", "red"}, Row{"\x1B[2K\x1B[1A\x1B[?25lup", "up"},
        Row{"\u009B31mred\u009B0m", "red"}, Row{"\x1B]8;;https://a.example/\x1B\\link\x1B]8;;\x1B\\", "link"},
        Row{"\x1B]0;a title" + bel + "text", "text"}, Row{"\x1B(Bplain\x1B" + std::string("7"), "plain"},
        Row{"\x1BPq#0\u009Cimage", "image"}}) {
    CHECK_MESSAGE(strip_controls(row.first) == row.second, row.second);
  }
}

TEST_CASE("strip_controls keeps the text behind a terminal sequence that is cut or has no end") {
  CHECK(strip_controls("a\x1B[3") == "a");
  CHECK(strip_controls("a\x1B") == "a");
  CHECK(strip_controls("a\x1B[31✓ b") == "a✓ b");
  CHECK(strip_controls("a\x1B]0;title\nb") == "a0;title\nb");
  CHECK(strip_controls("\x1BHello [32m stays") == "Hello [32m stays");
}

TEST_CASE("visible spells out what hides or turns around what is read") {
  CHECK(visible("a\nb\tc \u2713 \u26A0\uFE0F z\u00FCrich") == "a\nb\tc \u2713 \u26A0\uFE0F z\u00FCrich");
  CHECK(visible("x\x1B[2K\r\x7F") == "x\\x1b[2K\\x0d\\x7f");
  CHECK(visible("\u202Etxt\u200B") == "\\u{202e}txt\\u{200b}");
  CHECK(visible("\u3164\u115F\U000E0041") == "\\u{3164}\\u{115f}\\u{e0041}");
  CHECK(visible("a\xFF") == "a\\xff");
}

TEST_CASE("one_line leaves only what is seen, with single spaces") {
  CHECK(one_line("  Ann \t\r\n Lee\u2028\u2029x\u00A0\u0085y ") == "Ann Lee x y");
  CHECK(one_line("A\u202En\u200Dn\x07\u2066") == "Ann");
  CHECK(one_line("\u200B \u3164").empty());
  CHECK(one_line("a\xFF") == "a\uFFFD");
}

TEST_CASE("trim and ascii_lower leave other bytes alone") {
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim("  ").empty());
  CHECK(ascii_lower("\xC3\x9C"
                    "BER Ab1") ==
        "\xC3\x9C"
        "ber ab1");
}

}  // namespace
}  // namespace base
