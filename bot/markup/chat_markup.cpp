#include "bot/markup/chat_markup.h"

#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/character_border.h"
#include "bot/markup/rich_text.h"

namespace bot::markup {
namespace {

/// Whether no reader would see anything. Services refuse such messages.
bool is_invisible(std::string_view text) {
  constexpr std::string_view kInvisible[] = {
      " ",      "\t",     "\n",     "\u00A0", "\u00AD", "\u034F", "\u061C", "\u115F", "\u1160", "\u180E",
      "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
      "\u200A", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
      "\u202C", "\u202D", "\u202E", "\u202F", "\u205F", "\u2060", "\u2061", "\u2062", "\u2063", "\u2064",
      "\u2066", "\u2067", "\u2068", "\u2069", "\u2800", "\u3000", "\u3164", "\uFEFF", "\uFFA0"};
  while (!text.empty()) {
    const auto* found = std::find_if(std::begin(kInvisible), std::end(kInvisible),
                                     [&](std::string_view c) { return text.starts_with(c); });
    if (found == std::end(kInvisible)) {
      return false;
    }
    text.remove_prefix(found->size());
  }
  return true;
}

/// Makes text of the links that the dialect cannot write, or whose address would fill a good part of a piece.
void spell_out_links(const RichText& document, Block& block, const Dialect& dialect, std::size_t limit) {
  const auto fits = [&](std::string_view text, std::string_view address) {
    return address.size() <= limit / 4 && dialect.can_link(text, address);
  };
  const std::string_view text = block.text;
  if (std::none_of(block.spans.begin(), block.spans.end(), [&](const Span& s) {
        return s.link != 0 && !fits(text.substr(s.begin, s.end - s.begin), document.addresses[s.link]);
      })) {
    return;
  }
  std::string out;
  std::vector<Span> spans;
  const auto append = [&](Span style, std::string_view part) {
    style.begin = out.size();
    out += part;
    style.end = out.size();
    spans.push_back(style);
  };
  for (auto span : block.spans) {
    const auto part = text.substr(span.begin, span.end - span.begin);
    const std::string_view address = document.addresses[span.link];
    if (span.link == 0 || fits(part, address)) {
      append(span, part);
      continue;
    }
    const auto link = fits(address, address) ? span.link : 0;
    span.link = 0;
    append(span, part);
    const auto shown = address.substr(base::ascii_lower(address.substr(0, 7)) == "mailto:" ? 7 : 0);
    if (part != shown && part != address) {
      append(span, " (");
      auto linked = span;
      linked.link = link;
      append(linked, shown);
      append(span, ")");
    }
  }
  block.text = std::move(out);
  block.spans = std::move(spans);
}

/// The last good place to cut in (from, to].
std::size_t good_border(const Block& block, std::size_t from, std::size_t to) {
  const std::string_view text = block.text;
  if (to >= text.size()) {
    return text.size();
  }
  const auto line = text.substr(from, to + 1 - from).rfind('\n');
  const auto newline = line == std::string_view::npos ? line : from + line;
  const bool code = block.kind == Block::Kind::code;
  const auto half = from + (to - from) / 2, quarter = from + (to - from) / 4;
  if (newline != std::string_view::npos && newline > (code ? from : half)) {
    return newline;
  }
  if (!code) {
    std::size_t word = 0;
    for (auto i = to; i > quarter; --i) {
      if (text[i] != ' ' && text[i] != '\n') {
        continue;
      }
      word = std::max(word, i);
      if (i <= half) {
        break;
      }
      if (std::string_view(".!?:;").find(text[i - 1]) != std::string_view::npos) {
        return i;
      }
    }
    if (word != 0) {
      return word;
    }
  }
  return character_border(text, from, to);
}

/// The end of the longest part of the text from there on that has no more than so many UTF-16 units.
std::size_t end_of_units(std::string_view text, std::size_t from, std::size_t units) {
  auto end = std::min(text.size(), from + units);
  for (auto used = base::utf16_length(text.substr(from, end - from)); used < units && end < text.size();) {
    const auto next = std::min(text.size(), end + (units - used));
    used += base::utf16_length(text.substr(end, next - end));
    end = next;
  }
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    ++end;
  }
  return end;
}

/// Puts blocks into pieces.
class Packer {
 public:
  Packer(const RichText& document, const Dialect& dialect, Cost budget)
      : document_(document), dialect_(dialect), budget_(budget) {}

  void add(const Block& block) {
    auto whole = fragment(block, 0, block.text.size());
    if (fits(whole)) {
      append(std::move(whole));
    } else if (within(whole.cost, budget_)) {
      next_piece();
      if (!fits(whole)) {
        end_piece();  // too long together with the heading
      }
      append(std::move(whole));
    } else {
      split(block);
    }
  }

  std::vector<std::string> take() {
    end_piece();
    return std::move(pieces_);
  }

 private:
  struct Fragment {
    const Block* block = nullptr;
    std::string text;
    Cost cost;
    bool visible = true;
  };

  Fragment fragment(const Block& block, std::size_t from, std::size_t to) const {
    Fragment out{&block, dialect_.render(document_, block, from, to), {}, true};
    out.cost = dialect_.cost(out.text);
    out.visible = block.kind == Block::Kind::rule || (from == 0 && !block.marker.empty()) ||
                  !is_invisible(std::string_view(block.text).substr(from, to - from));
    return out;
  }

  static bool within(const Cost& cost, const Cost& budget) {
    return cost.units <= budget.units && cost.bytes <= budget.bytes && cost.entities <= budget.entities;
  }

  static Cost sum(const Cost& a, const Cost& b) {
    return {a.units + b.units, a.bytes + b.bytes, a.entities + b.entities};
  }

  /// What is already taken where the block comes next: all before it, and at most what joins it to that.
  Cost taken_before(const Block& block) const {
    if (piece_.empty()) {
      return {};
    }
    const std::size_t joint = block.gap == Block::Gap::line ? 1 : 2 + 2 * block.quote_depth;
    return sum(used_, {joint, joint, 0});
  }
  bool fits(const Fragment& part) const { return within(sum(taken_before(*part.block), part.cost), budget_); }

  void append(Fragment part) {
    if (!part.visible) {
      return;
    }
    used_ = sum(taken_before(*part.block), part.cost);
    piece_.push_back(std::move(part));
  }

  void end_piece() {
    std::string text;
    for (std::size_t i = 0; i < piece_.size(); ++i) {
      if (i == 0) {
        text = std::move(piece_[i].text);
      } else {
        dialect_.join(text, *piece_[i - 1].block, *piece_[i].block, piece_[i].text);
      }
    }
    if (!text.empty()) {
      pieces_.push_back(std::move(text));
    }
    piece_.clear();
    used_ = {};
  }

  /// Ends the piece, but takes headings at its end along to the next one.
  void next_piece() {
    auto keep = piece_.size();
    while (keep > 0 && piece_[keep - 1].block->kind == Block::Kind::heading) {
      --keep;
    }
    std::vector<Fragment> moved;
    if (keep > 0) {
      std::move(piece_.begin() + static_cast<std::ptrdiff_t>(keep), piece_.end(), std::back_inserter(moved));
      piece_.resize(keep);
      end_piece();
    }
    for (auto& part : moved) {
      append(std::move(part));
    }
  }

  /// A block that is too long for one piece. What is left of this piece is used where that is much.
  void split(const Block& block) {
    if (used_.units > budget_.units / 2 || used_.entities > budget_.entities / 2) {
      next_piece();
    }
    for (std::size_t from = 0; from < block.text.size();) {
      const auto to = append_longest(block, from);
      if (to == from) {
        end_piece();
        continue;
      }
      from = to;
      if (block.kind == Block::Kind::code) {
        from += from < block.text.size() && block.text[from] == '\n' ? 1 : 0;
      } else {
        from = std::min(block.text.find_first_not_of(" \n", from), block.text.size());
      }
      if (from < block.text.size()) {
        end_piece();
      }
    }
  }

  /// Appends what fits of the block from there on; returns where it ends: `from` where this piece has no
  /// room.
  std::size_t append_longest(const Block& block, std::size_t from) {
    const auto taken = taken_before(block);
    const auto room = [](std::size_t all, std::size_t part) { return all > part ? all - part : 0; };
    const Cost left{room(budget_.units, taken.units), room(budget_.bytes, taken.bytes),
                    room(budget_.entities, taken.entities)};
    // No rendered text is shorter than what it shows.
    auto to = end_of_units(block.text, from, left.units);
    while (true) {
      to = good_border(block, from, to);
      auto part = fragment(block, from, to);
      const auto smallest = character_border(block.text, from, from + 1);
      if (within(part.cost, left) || (to <= smallest && piece_.empty())) {
        append(std::move(part));
        return to;
      }
      if (to <= smallest) {
        return from;
      }
      const auto over = std::max({ratio(part.cost.units, left.units), ratio(part.cost.bytes, left.bytes),
                                  ratio(part.cost.entities, left.entities)});
      const auto shorter = static_cast<std::size_t>(static_cast<double>(to - from) / over);
      to = std::max(smallest, from + std::min(shorter, to - from - 1));
    }
  }

  static double ratio(std::size_t cost, std::size_t room) {
    return static_cast<double>(cost) / static_cast<double>(std::max<std::size_t>(room, 1));
  }

  const RichText& document_;
  const Dialect& dialect_;
  const Cost budget_;
  std::vector<Fragment> piece_;
  Cost used_;
  std::vector<std::string> pieces_;
};

}  // namespace

std::vector<std::string> render_parts(std::string_view markdown, const Dialect& dialect, std::size_t limit) {
  limit = std::max(limit, kSmallestMarkupLimit);
  const auto render = [&](RichText document) {
    for (auto& block : document.blocks) {
      spell_out_links(document, block, dialect, limit);
    }
    Packer packer(document, dialect, dialect.budget(limit));
    for (const auto& block : document.blocks) {
      packer.add(block);
    }
    return packer.take();
  };
  auto pieces = render(parse_rich_text(markdown));
  // Nothing but marks (an empty fence, an empty quote) is shown as it is.
  return pieces.empty() ? render(unformatted_rich_text(markdown)) : pieces;
}

}  // namespace bot::markup
