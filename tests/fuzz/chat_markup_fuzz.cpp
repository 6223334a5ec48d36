#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "base/utf8.h"
#include "tests/fuzz/targets.h"
#include "tests/support/chat_services/markup_dialects.h"

namespace fuzz {
namespace {

using support::Markup;

/// Takes apart what Telegram is sent, as strictly as its parser does; `text` is what people see.
class TelegramReader {
 public:
  explicit TelegramReader(std::string_view html) : rest_(html) {
    while (!rest_.empty()) {
      switch (rest_.front()) {
        case '<':
          tag();
          break;
        case '&':
          entity();
          break;
        default:
          require(rest_.front() != '>', "text of Telegram is escaped");
          text.push_back(rest_.front());
          rest_.remove_prefix(1);
      }
    }
    require(open_.empty(), "every tag is closed");
  }

  std::string text;
  int tags = 0;

 private:
  std::string_view upto(char end) {
    const auto at = rest_.find(end);
    require(at != std::string_view::npos, "a tag or an entity has its end");
    const auto inner = rest_.substr(1, at - 1);
    rest_.remove_prefix(at + 1);
    return inner;
  }
  void entity() {
    const auto name = upto(';');
    require(name == "amp" || name == "lt" || name == "gt" || name == "quot",
            "only known entities are written");
    text.push_back(name == "amp" ? '&' : name == "lt" ? '<' : name == "gt" ? '>' : '"');
  }
  void tag() {
    const auto tag = upto('>');
    if (tag.starts_with('/')) {
      require(!open_.empty() && open_.back() == tag.substr(1), "tags are nested");
      open_.pop_back();
      return;
    }
    constexpr std::array<std::string_view, 7> kTags = {"b", "i", "s", "a", "code", "pre", "blockquote"};
    const auto name = tag.substr(0, tag.find(' '));
    const auto is_open = [&](std::string_view other) {
      return std::find(open_.begin(), open_.end(), other) != open_.end();
    };
    require(std::find(kTags.begin(), kTags.end(), name) != kTags.end(), "only known tags are written");
    require(!is_open(name), "nothing is inside its like");
    require(!is_open("code"), "nothing is inside code");
    require(!is_open("pre") || (name == "code" && open_.back() == "pre"), "code alone is inside pre");
    attribute(name, tag.substr(name.size()));
    open_.push_back(name);
    ++tags;
  }
  void attribute(std::string_view name, std::string_view rest) const {
    if (rest.empty()) {
      require(name != "a", "a link has an address");
      return;
    }
    const auto opening = rest.substr(0, rest.find('"') + 1);
    require((name == "a" && opening == " href=\"") || (name == "code" && opening == " class=\""),
            "only known attributes are written");
    const auto value = rest.substr(opening.size());
    require(!value.empty() && value.find('"') == value.size() - 1, "a value is in quotes");
    require(value.find('<') == std::string_view::npos, "a value is escaped");
    require(name == "a" ? base::ascii_lower(value.substr(0, 4)) == "http"
                        : value.starts_with("language-") && !open_.empty() && open_.back() == "pre",
            "a value is of its attribute's kind");
  }

  std::string_view rest_;
  std::vector<std::string_view> open_;
};

/// Every fence stands alone and is closed.
void check_fences(std::string_view text) {
  bool open = false;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(line.starts_with("> ") ? 2 : 0);
    const auto at = line.find("```");
    require(at == std::string_view::npos || at == 0, "a fence begins its line");
    require(!open || at != 0 || line == "```", "a fence is closed by its like");
    open = open != (at == 0);
  }
  require(!open, "a fence is closed");
}

/// What stands outside of code in a text of Discord's, with a blank where code was.
std::string outside_of_code(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '`') {
      // A backslash takes the meaning from a mark.
      const std::size_t taken = text.size() > 1 && text.front() == '\\' ? 2 : 1;
      out += text.substr(0, taken);
      text.remove_prefix(taken);
      continue;
    }
    // The next run that is as long closes, in the same line or not.
    const auto size = std::min(text.find_first_not_of('`'), text.size());
    auto end = text.find('`', size);
    while (end != std::string_view::npos) {
      const auto next = std::min(text.find_first_not_of('`', end), text.size());
      if (next - end == size) {
        break;
      }
      end = text.find('`', next);
    }
    const bool is_code = end != std::string_view::npos;
    out += is_code ? " " : text.substr(0, size);
    text.remove_prefix(is_code ? end + size : size);
  }
  return out;
}

void check_words(const std::string& text) {
  const auto lower = base::ascii_lower(text);
  for (const char* word : {"@everyone", "@here", "@channel"}) {
    require(lower.find(word) == std::string::npos, "nobody is called by a text");
  }
}

/// Every "<" begins a link.
void check_slack(const std::string& piece) {
  check_fences(piece);
  for (auto at = piece.find('<'); at != std::string::npos; at = piece.find('<', at + 1)) {
    const auto end = piece.find('>', at);
    require(end != std::string::npos, "a link is closed");
    const auto token = base::ascii_lower(std::string_view(piece).substr(at + 1, end - at - 1));
    require(token.find('<') == std::string::npos, "nothing is inside a link");
    require(token.starts_with("http://") || token.starts_with("https://") || token.starts_with("mailto:"),
            "Slack is told of links only");
  }
  auto text = piece;
  for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    text.erase(at, text.find('>', at) - at);
  }
  // Which backticks are code's depends on the words around them.
  if (text.find('`') == std::string::npos) {
    check_words(text);
  }
}

void check_discord(const std::string& piece) {
  std::string marks = piece;
  for (auto at = marks.find('\\'); at != std::string::npos; at = marks.find('\\', at + 2)) {
    // An escaped backtick belongs to no fence.
    marks.replace(at, marks.substr(at).starts_with("\\\n") ? 1 : 2, "..");
  }
  check_fences(marks);
  const auto text = outside_of_code(piece);
  check_words(text);
  for (const char* mention : {"<@", "<#", "</", "<:", "<a:", "<t:", "<id:"}) {
    require(text.find(mention) == std::string::npos, "nothing is mentioned by a text");
  }
}

/// Every "@" that begins a word has a zero-width space behind it.
void check_mattermost(const std::string& piece) {
  const auto text = outside_of_code(piece);
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    const bool in_word = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
    require(in_word || text.compare(at + 1, 3, "\u200B") == 0, "nobody is called by a text");
  }
}

/// What people see of the piece.
std::string checked(const std::string& piece, Markup markup, std::size_t limit) {
  switch (markup) {
    case Markup::telegram_html: {
      const TelegramReader reader(piece);
      require(reader.tags <= 100, "Telegram ignores tags from the 101st on");
      require(piece.size() <= 4 * limit, "a piece has few bytes");
      return reader.text;
    }
    case Markup::slack_mrkdwn:
      check_slack(piece);
      break;
    case Markup::discord_markdown:
      check_discord(piece);
      break;
    case Markup::mattermost_markdown:
      check_mattermost(piece);
      break;
    case Markup::plain:
      break;
  }
  return piece;
}

}  // namespace

void chat_markup(std::string_view input) {
  for (const auto markup : {Markup::telegram_html, Markup::slack_mrkdwn, Markup::discord_markdown,
                            Markup::mattermost_markdown, Markup::plain}) {
    for (const std::size_t limit : {128U, 300U, 2'000U}) {
      const auto pieces = support::render_parts(input, markup, limit);
      for (const auto& piece : pieces) {
        require(base::is_utf8(piece), "a piece is UTF-8");
        const auto shown = checked(piece, markup, limit);
        require(base::utf16_length(shown) <= limit, "a piece is within the limit");
        require(!base::trim(shown).empty(), "a piece is not blank");
      }
      require(support::render_parts(input, markup, limit) == pieces, "a text means the same every time");
    }
  }
}

}  // namespace fuzz
