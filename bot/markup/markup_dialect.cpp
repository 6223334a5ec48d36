#include "bot/markup/markup_dialect.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/utf8.h"

namespace bot::markup {
namespace {

constexpr std::string_view kRule = "──────────";
constexpr std::size_t kSpansLookedAhead = 64;

struct Style {
  bool bold, italic, strike;
  bool has(Mark mark) const { return mark == Mark::bold ? bold : mark == Mark::italic ? italic : strike; }
};

}  // namespace

/// Writes spans with as few marks as possible: what lasts longest is opened first, white space stays outside
/// of marks, and no mark stays open over a line's end, as most services demand.
class InlineWriter {
 public:
  InlineWriter(const Dialect& dialect, const RichText& document, const Block& block, Style always,
               std::string line_prefix)
      : dialect_(dialect),
        document_(document),
        block_(block),
        always_(always),
        line_prefix_(std::move(line_prefix)) {}

  void write(std::string& out, std::size_t from, std::size_t to) {
    to_ = to;
    line_start_ = out.size();
    const auto& spans = block_.spans;
    auto span =
        std::partition_point(spans.begin(), spans.end(), [&](const Span& s) { return s.end <= from; });
    for (; span != spans.end() && span->begin < to; ++span) {
      span_ = static_cast<std::size_t>(span - spans.begin());
      const auto begin = std::max(from, span->begin), end = std::min(to, span->end);
      if (span->code) {
        be(out, {});
        dialect_.code(out, stretch(out, begin, end));
      } else {
        lines(out, begin, end);
      }
    }
    close(out, 0);
  }

 private:
  struct Open {
    Mark mark;
    std::string_view close;
  };

  void lines(std::string& out, std::size_t begin, std::size_t end) {
    const std::string_view text = block_.text;
    while (begin < end) {
      const auto line_end = begin + std::min(text.substr(begin, end - begin).find('\n'), end - begin);
      words(out, begin, line_end);
      if (line_end == end) {
        return;
      }
      close(out, 0);
      spaces_.clear();
      out += "\n" + line_prefix_;
      line_start_ = out.size();
      begin = line_end + 1;
    }
  }

  void words(std::string& out, std::size_t begin, std::size_t end) {
    const std::string_view text = block_.text;
    const auto first = std::min(text.find_first_not_of(" \t", begin), end);
    spaces_ += text.substr(begin, first - begin);
    if (first == end) {
      return;
    }
    const auto last = text.find_last_not_of(" \t", end - 1) + 1;
    be(out, style(block_.spans[span_]));
    const auto link = block_.spans[span_].link;
    if (link != 0) {
      dialect_.link(out, stretch(out, first, last), document_.addresses[link]);
    } else {
      dialect_.text(out, stretch(out, first, last));
    }
    spaces_ = text.substr(last, end - last);
  }

  Stretch stretch(const std::string& out, std::size_t begin, std::size_t end) const {
    return {block_.text, begin, end, out.size() == line_start_};
  }

  Style style(const Span& span) const {
    return span.code ? Style{}
                     : Style{span.bold || always_.bold, span.italic || always_.italic,
                             span.strike || always_.strike};
  }

  /// Closes and opens what is needed to write in this style, and writes the white space between.
  void be(std::string& out, Style wanted) {
    const auto keep =
        std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return !wanted.has(o.mark); });
    close(out, static_cast<std::size_t>(keep - open_.begin()));
    if (out.size() != line_start_) {
      out += spaces_;
    }
    spaces_.clear();
    std::vector<std::pair<std::size_t, Mark>> missing;
    for (const auto mark : {Mark::bold, Mark::italic, Mark::strike}) {
      const bool is_open =
          std::any_of(open_.begin(), open_.end(), [&](const Open& o) { return o.mark == mark; });
      if (wanted.has(mark) && !is_open) {
        missing.emplace_back(extent(mark), mark);
      }
    }
    std::stable_sort(missing.begin(), missing.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    char before = out.size() == line_start_ ? ' ' : out.back();
    for (const auto& [end, mark] : missing) {
      const auto marks = dialect_.delimiters(mark, before, end < to_ ? block_.text[end] : ' ');
      out += marks.open;
      open_.push_back({mark, marks.close});
      before = ' ';
    }
  }

  /// Where the style that begins in this span ends.
  std::size_t extent(Mark mark) const {
    const auto& spans = block_.spans;
    auto i = span_;
    while (i + 1 < std::min(spans.size(), span_ + kSpansLookedAhead) && style(spans[i + 1]).has(mark)) {
      ++i;
    }
    return std::min(spans[i].end, to_);
  }

  void close(std::string& out, std::size_t keep) {
    while (open_.size() > keep) {
      out += open_.back().close;
      open_.pop_back();
    }
  }

  const Dialect& dialect_;
  const RichText& document_;
  const Block& block_;
  const Style always_;
  const std::string line_prefix_;
  std::vector<Open> open_;
  std::string spaces_;  ///< read, not yet written
  std::size_t span_ = 0;
  std::size_t to_ = 0;
  std::size_t line_start_ = 0;  ///< in `out`
};

std::string Dialect::render(const RichText& document, const Block& block, std::size_t from,
                            std::size_t to) const {
  if (block.kind == Block::Kind::code) {
    return code_block(block, std::string_view(block.text).substr(from, to - from));
  }
  const auto tags = block.quote_depth > 0 ? quote_tags() : Delimiters{};
  const auto quote = quote_prefix(block.quote_depth);
  const auto line_prefix = quote + std::string(2 * block.list_depth, ' ');
  std::string out(tags.open);
  if (from > 0 || block.marker.empty()) {
    out += line_prefix;
  } else {
    out += quote;
    out.append(2 * (block.list_depth - 1), ' ');
    out += block.marker == "-" ? bullet() : std::string_view(block.marker);
    out += block.text.empty() ? "" : " ";
  }
  if (block.kind == Block::Kind::rule) {
    return out.append(kRule).append(tags.close);
  }
  Style always{};
  if (block.kind == Block::Kind::heading) {
    const auto prefix = heading_prefix(block.level);
    out += prefix;
    always.bold = prefix.empty();
  }
  InlineWriter(*this, document, block, always, line_prefix).write(out, from, to);
  return out.append(tags.close);
}

void Dialect::join(std::string& out, const Block& before, const Block& after,
                   std::string_view rendered) const {
  out += "\n";
  if (after.gap == Block::Gap::empty_line) {
    const bool one_quote = before.quote != 0 && before.quote == after.quote;
    out += one_quote ? quote_prefix(std::min(before.quote_depth, after.quote_depth)) : "";
    out += "\n";
  }
  out += rendered;
}

Cost Dialect::budget(std::size_t limit) const {
  constexpr auto kNoLimit = std::numeric_limits<std::size_t>::max() / 2;
  return {limit, kNoLimit, kNoLimit};
}

Cost Dialect::cost(std::string_view rendered) const {
  return {.units = base::utf16_length(rendered), .bytes = rendered.size(), .entities = 0};
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_channel_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) {
    return false;
  }
  const auto word = base::ascii_lower(text.substr(at, 8));
  return word.starts_with("everyone") || word.starts_with("here") || word.starts_with("channel");
}

void append_fenced(std::string& out, std::string_view code) {
  std::size_t run = 0;
  for (const char c : code) {
    if (c == '`' && run == 2) {
      out += kZeroWidthSpace;
      run = 0;
    }
    run = c == '`' ? run + 1 : 0;
    out.push_back(c);
  }
}

void append_escaped_html(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out.push_back(c);
    }
  }
}

}  // namespace bot::markup
