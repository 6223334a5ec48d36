#include "bot/markup/literal_markdown.h"

#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/markup_dialect.h"

namespace bot::markup {

namespace {

constexpr std::string_view kMarks = "\\`*_[]<>&~|";
constexpr std::string_view kCut = "…";

bool is_name_byte(char c) {
  return is_word_byte(c) || c == '_';
}

/// Whether a service would make "@ann" or "/cancel" there something to press. In the middle of a word it does
/// not, and a path goes on behind its first name.
bool is_call(std::string_view line, std::size_t i) {
  const bool begins_word = i == 0 || !(is_name_byte(line[i - 1]) ||
                                       std::string_view("/.<").find(line[i - 1]) != std::string_view::npos);
  auto end = i + 1;
  while (end < line.size() && is_name_byte(line[end])) {
    ++end;
  }
  return begins_word && end > i + 1 && (line[i] == '@' || (line[i] == '/' && line.substr(end, 1) != "/"));
}

/// Behind the last byte of the address that begins there; where it ends a sentence, without its full stop.
std::size_t end_of_address(std::string_view line, std::size_t begin) {
  auto end = std::min(line.find_first_of(" \t\n<>\"`\x01\x02", begin), line.size());
  for (const std::string_view mark : {"。", "，", "、", "）", "」"}) {
    end = std::min(end, line.find(mark, begin));
  }
  const auto address = [&] { return line.substr(begin, end - begin); };
  while (std::string_view(".,:;!?'*_~)]}").find(line[end - 1]) != std::string_view::npos) {
    const auto opened = std::count(address().begin(), address().end(), '(');
    if (line[end - 1] == ')' && opened >= std::count(address().begin(), address().end(), ')')) {
      break;
    }
    --end;
  }
  return end;
}

bool ends_with_web(std::string_view text) {
  const auto last = base::ascii_lower(text.substr(text.size() - std::min<std::size_t>(text.size(), 5)));
  return last.ends_with("http") || last == "https";
}

}  // namespace

std::vector<TextRange> web_addresses(std::string_view text) {
  std::vector<TextRange> list;
  const auto lower = base::ascii_lower(text);
  for (std::size_t at = 0; (at = lower.find("://", at)) != std::string::npos; at += 3) {
    const auto scheme = std::string_view(lower).substr(0, at);
    const std::size_t letters = scheme.ends_with("https") ? 5 : scheme.ends_with("http") ? 4 : 0;
    const auto begin = at - letters;
    if (letters == 0 || (begin > 0 && is_name_byte(text[begin - 1]))) {
      continue;
    }
    const auto end = end_of_address(text, begin);
    const bool is_cut = text.substr(begin, end + kCut.size() - begin).find(kCut) != std::string_view::npos;
    if (end > at + 3 && !is_cut) {
      list.push_back({begin, end});
      at = end - 3;
    }
  }
  return list;
}

std::string literal_with_addresses(std::string_view text) {
  const auto line = base::one_line(text);
  const auto addresses = web_addresses(line);
  auto next = addresses.begin();
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (next != addresses.end() && i == next->begin) {
      out += "<" + line.substr(next->begin, next->end - next->begin) + ">";
      i = next->end - 1;
      ++next;
      continue;
    }
    // What is left of a cut one would lead elsewhere.
    const bool is_of_cut_address = line.compare(i, 3, "://") == 0 && ends_with_web(out);
    out += kMarks.find(line[i]) != std::string_view::npos ? "\\" : "";
    out.push_back(line[i]);
    out += is_of_cut_address || is_call(line, i) ? kZeroWidthSpace : "";
  }
  return out;
}

std::string literal_markdown(std::string_view text) {
  // The chat services themselves make something to press of "a.org", "@ann", "/cancel", "#tag" and "$TAG".
  constexpr std::string_view kCalls = "@#$/.:";
  const auto line = base::one_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += kMarks.find(line[i]) != std::string_view::npos ? "\\" : "";
    out.push_back(line[i]);
    const bool calls = kCalls.find(line[i]) != std::string_view::npos;
    out += calls && i + 1 < line.size() && line[i + 1] != ' ' ? kZeroWidthSpace : "";
  }
  return out;
}

std::string inline_code(std::string text) {
  std::replace(text.begin(), text.end(), '`', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "`" + base::strip_controls(text) + "`";
}

std::string fenced(const std::string& text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "\n" + text + (text.ends_with('\n') ? "" : "\n") + fence;
}

}  // namespace bot::markup
