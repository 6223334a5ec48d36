// What is true of all that render_parts returns, whatever it is given.
#include <algorithm>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "base/utf8.h"
#include "tests/support/chat_services/markup_dialects.h"
#include "tests/support/text.h"

namespace {

using support::Markup;
using support::render_parts;
using support::without;

constexpr Markup kAll[] = {Markup::telegram_html, Markup::slack_mrkdwn, Markup::discord_markdown,
                           Markup::mattermost_markdown, Markup::plain};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// What a reader sees of Telegram HTML, or what is wrong with it.
struct Read {
  std::string text;
  std::string fault;
};

/// Whether the tag (without its brackets) may be opened within these.
bool is_allowed(const std::string& tag, const std::vector<std::string>& open) {
  const auto name = tag.substr(0, tag.find(' '));
  const auto inside = [&](const char* outer) {
    return std::find(open.begin(), open.end(), outer) != open.end();
  };
  const bool attributes_fit =
      tag == name ||
      (name == "a" && tag.starts_with("a href=\"http") && std::count(tag.begin(), tag.end(), '"') == 2) ||
      (name == "code" && tag.starts_with("code class=\"language-") && !open.empty() && open.back() == "pre");
  constexpr std::string_view kNames[] = {"b", "i", "s", "code", "pre", "a", "blockquote"};
  return attributes_fit && std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) &&
         !inside("code") && !inside(name.c_str()) && (!inside("pre") || tag != name) &&
         (!inside("a") || name != "code");
}

Read parse_telegram(const std::string& html) {
  std::vector<std::string> open;
  Read read;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '>') {
      return {read.text, "a bare >"};
    }
    if (html[i] != '&' && html[i] != '<') {
      read.text.push_back(html[i++]);
      continue;
    }
    const bool entity = html[i] == '&';
    const auto end = html.find(entity ? ';' : '>', i);
    if (end == std::string::npos) {
      return {read.text, "an entity or tag without an end"};
    }
    const auto inner = html.substr(i + 1, end - i - 1);
    i = end + 1;
    if (entity) {
      if (inner != "amp" && inner != "lt" && inner != "gt") {
        return {read.text, "entity " + inner};
      }
      read.text.push_back(inner == "amp" ? '&' : inner == "lt" ? '<' : '>');
    } else if (inner.starts_with("/")) {
      if (open.empty() || inner.substr(1) != open.back()) {
        return {read.text, "unmatched " + inner};
      }
      open.pop_back();
    } else if (!is_allowed(inner, open)) {
      return {read.text, "tag " + inner};
    } else {
      open.push_back(inner.substr(0, inner.find(' ')));
    }
  }
  read.fault = open.empty() ? "" : "open " + open.back();
  return read;
}

std::string read_telegram(const std::string& html) {
  const auto read = parse_telegram(html);
  CHECK(read.fault.empty());
  return read.text;
}

/// Fails the test where a fence stays open.
void check_fences(const std::string& text) {
  bool open = false, inside = false;
  for (auto line : support::lines_of(text)) {
    line = line.starts_with("> ") ? line.substr(2) : line;
    if (line.starts_with("```")) {
      open = !open;
    } else {
      inside = inside || line.find("```") != std::string::npos;
    }
  }
  CHECK_FALSE(open);
  CHECK_FALSE(inside);
}

/// The words of the form "w100000w", in their order.
std::vector<std::string> words(const std::string& text) {
  constexpr std::size_t kSize = 8;
  std::vector<std::string> found;
  for (std::size_t i = 0; i + kSize <= text.size();) {
    const auto word = std::string_view(text).substr(i, kSize);
    const bool is_word = text[i] == 'w' && word.back() == 'w' &&
                         word.substr(1, kSize - 2).find_first_not_of("0123456789") == std::string::npos;
    if (is_word) {
      found.emplace_back(word);
    }
    i += is_word ? kSize : 1;
  }
  return found;
}

/// Checks what is true of all pieces, and returns what a reader reads in them.
std::string check_pieces(const std::string& markdown, Markup markup, std::size_t limit) {
  std::string all;
  for (const auto& piece : render_parts(markdown, markup, limit)) {
    CHECK(base::is_utf8(piece));
    std::string shown = piece;
    if (markup == Markup::telegram_html) {
      shown = read_telegram(piece);
      CHECK(piece.size() <= 4 * limit);
      CHECK(std::count(piece.begin(), piece.end(), '<') <= 200);
    } else if (markup != Markup::plain) {
      check_fences(piece);
    }
    CHECK(base::utf16_length(shown) <= limit);
    CHECK_FALSE(base::trim(shown).empty());
    all += shown + "\n";
  }
  return all;
}

TEST_CASE("the checker of these tests sees what Telegram would refuse") {
  for (const char* html :
       {"<b>", "</b>", "<b><i></b></i>", "<u2>", "a > b", "a & b", "&nbsp;", "<", "<code><b></b></code>",
        "<a href=\"tg://x\">x</a>", "<blockquote><blockquote></blockquote></blockquote>",
        "<code class=\"language-x\"></code>"}) {
    CAPTURE(std::string(html));
    CHECK_FALSE(parse_telegram(html).fault.empty());
  }
  CHECK(parse_telegram("<b>a &amp; <a href=\"https://e.org\">b</a></b>").text == "a & b");
}

/// Markdown of every kind, made from a seed.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string out;
    for (auto blocks = number(1, 40); blocks > 0; --blocks) {
      out += block() + "\n\n";
    }
    return out;
  }

 private:
  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string word() { return "w" + std::to_string(count_++) + "w"; }

  std::string part() {
    switch (number(0, 17)) {
      case 0:
        return "*" + word() + " " + word() + "*";
      case 1:
        return "**" + word() + "** *" + word() + "*";
      case 2:
        return "~~" + word() + "~~";
      case 3:
        return "`" + word() + " <&>`";
      case 4:
        return "[" + word() + "](https://e.org/x_y?a=1&b=2)";
      case 5:
        return "**" + word() + " *" + word() + "* `" + word() + "`** ";
      case 6:
        return "\U0001F468\u200D\U0001F469\u200D\U0001F467 👍🏽";
      case 7:
        return "שלום " + word() + " مرحبا";
      case 8:
        return "<b>" + word() + "</b> &amp; &lt;";
      case 9:
        return "@everyone <!channel> <@123>";
      case 10:
        return word() + "_" + word() + "*" + word() + "~" + word();
      case 11:
        return "``" + word() + "`" + word() + "``";
      case 12:
        return word() + "  \n" + word();
      case 13:
        return std::string(1, "\\`*_{}[]()#+-.!|<>~\"'&\xFF"[number(0, 22)]);
      default:
        return word() + " " + word();
    }
  }
  std::string line(int most) {
    std::string out = word();
    for (auto parts = number(0, most); parts > 0; --parts) {
      out += (number(0, 5) == 0 ? "" : " ") + part() + (number(0, 6) == 0 ? "." : "");
    }
    return out;
  }
  std::string code() {
    std::string out = "~~~~" + std::string(number(0, 1) == 0 ? "cpp" : "") + "\n";
    for (auto lines = number(0, 60); lines > 0; --lines) {
      out += std::string(static_cast<std::size_t>(number(0, 8)), ' ') + word() +
             (number(0, 5) == 0 ? " ``` <&" : "") + "\n";
    }
    return out + "~~~~";
  }
  std::string table() {
    const auto columns = number(1, 8);
    std::string out;
    for (auto rows = number(2, 60), row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        out += row == 1 ? "|---" : "| " + word() + (number(0, 3) == 0 ? " **x** 日本" : "") + " ";
      }
      out += "|\n";
    }
    return out;
  }
  std::string list() {
    std::string out;
    int depth = 0;
    for (auto items = number(1, 30); items > 0; --items) {
      depth = std::max(0, std::min(depth + 1, number(0, 5)));
      out += std::string(static_cast<std::size_t>(depth) * 3, ' ') + (number(0, 1) == 0 ? "-  " : "1. ") +
             line(6) + "\n";
    }
    return out;
  }
  std::string block() {
    switch (number(0, 8)) {
      case 0:
        return std::string(static_cast<std::size_t>(number(1, 6)), '#') + " " + word() + " " + word();
      case 1:
        return code();
      case 2:
        return table();
      case 3:
        return list();
      case 4:
        return "> " + replaced(line(20), "\n", "\n> ") + "\n>\n> > " + word();
      case 5:
        return "---";
      case 6:
        return line(300);
      default:
        return line(30);
    }
  }

  std::mt19937 random_;
  int count_ = 100'000;
};

TEST_CASE("whatever the Markdown, pieces keep the limit, are well formed, and lose no word") {
  for (unsigned seed = 0; seed < 25; ++seed) {
    const auto markdown = Generator(seed).document();
    const auto expected = words(markdown);
    for (const auto markup : kAll) {
      for (const std::size_t limit : {128, 200, 500, 2000, 4096}) {
        CAPTURE(seed);
        CAPTURE(static_cast<int>(markup));
        CAPTURE(limit);
        auto shown = check_pieces(markdown, markup, limit);
        if (markup == Markup::discord_markdown || markup == Markup::mattermost_markdown) {
          shown = without(shown, "\\");
        }
        // A word at a cut may be torn where nothing else is possible, never in a piece of a usual size.
        if (limit >= 500) {
          CHECK(words(shown) == expected);
        }
      }
    }
  }
}

TEST_CASE("random bytes give well-formed pieces") {
  constexpr std::string_view kBytes = "\\`*_[]()#+-.!|<>~&;:@ \n\t>-ax1\xC3\xA9\xF0\xFF";
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto left = random() % 600; left > 0; --left) {
      text.push_back(kBytes[random() % kBytes.size()]);
    }
    CAPTURE(text);
    for (const auto markup : kAll) {
      const auto pieces = render_parts(text, markup, 128);
      for (const auto& piece : pieces) {
        CHECK(base::is_utf8(piece));
        CHECK(base::utf16_length(markup == Markup::telegram_html ? read_telegram(piece) : piece) <= 128);
      }
    }
  }
}

TEST_CASE("hostile Markdown keeps the limit and stays small") {
  for (const char* piece : {">", "> ", "[", "*a ", "`", "<", "&", "- ", "1. ", "**a** ", "||\n", "x\n",
                            "> - ", "_*a", "\u0301", "\u200B", "a\u200B", "[a](https://e.org) ", "```\n"}) {
    std::string text;
    while (text.size() < 20'000) {
      text += piece;
    }
    CAPTURE(std::string(piece));
    for (const auto markup : kAll) {
      std::size_t size = 0;
      for (const auto& part : render_parts(text, markup, 2000)) {
        size += part.size();
        CHECK(base::utf16_length(markup == Markup::telegram_html ? read_telegram(part) : part) <= 2000);
      }
      CHECK(size <= 20 * text.size());
    }
  }
}

}  // namespace
