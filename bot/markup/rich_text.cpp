#include "bot/markup/rich_text.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/markup/html_entities.h"
#include "bot/markup/markdown_parse.h"

namespace bot::markup {
namespace {

constexpr std::size_t kLongestAddress = 2048;
constexpr std::size_t kLongestLanguage = 24;

/// The beginning of a fence's info string, as far as every service takes it for a language.
std::string language_of(std::string_view info) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+#._-").find(c) != std::string_view::npos;
  };
  const auto end = std::find_if_not(info.begin(), info.end(), fits);
  // Half a word would name another language.
  const bool whole = end == info.end() || *end == ' ' || *end == ',' || *end == '{';
  const auto size = static_cast<std::size_t>(end - info.begin());
  return whole && size <= kLongestLanguage ? std::string(info.substr(0, size)) : "";
}

bool is_blank(std::string_view text) {
  return base::trim(text).empty();
}

bool same_style(const Span& a, const Span& b) {
  return a.bold == b.bold && a.italic == b.italic && a.strike == b.strike && a.code == b.code &&
         a.link == b.link;
}

/// Builds the flat document from md4c's walk.
class Builder : public MarkdownEvents {
 public:
  explicit Builder(std::size_t input_size) : address_bytes_left_(4 * input_size + 4096) {
    result_.addresses.emplace_back();
  }

  RichText take() {
    close_block();
    return std::move(result_);
  }

  void enter_block(MD_BLOCKTYPE type, void* detail) override {
    switch (type) {
      case MD_BLOCK_QUOTE:
        close_block();
        gap_ = Block::Gap::empty_line;
        quotes_ += quote_depth_ == 0 ? 1 : 0;
        ++quote_depth_;
        break;
      case MD_BLOCK_UL:
        enter_list(
            {.ordered = false, .next = 0, .tight = static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0});
        break;
      case MD_BLOCK_OL: {
        const auto* list = static_cast<MD_BLOCK_OL_DETAIL*>(detail);
        enter_list({.ordered = true, .next = list->start, .tight = list->is_tight != 0});
        break;
      }
      case MD_BLOCK_LI:
        enter_item();
        break;
      case MD_BLOCK_HR:
        open_block(Block::Kind::rule);
        close_block();
        break;
      case MD_BLOCK_H:
        open_block(Block::Kind::heading);
        block_.level = static_cast<MD_BLOCK_H_DETAIL*>(detail)->level;
        break;
      case MD_BLOCK_CODE:
        open_block(Block::Kind::code);
        block_.language =
            language_of(attribute_text(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang, decode_entity));
        break;
      case MD_BLOCK_HTML:
      case MD_BLOCK_P:
        open_block(Block::Kind::paragraph);
        break;
      case MD_BLOCK_TABLE:
        open_block(Block::Kind::code);
        rows_.clear();
        break;
      case MD_BLOCK_TR:
        rows_.emplace_back();
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        block_.text.clear();
        block_.spans.clear();
        break;
      case MD_BLOCK_DOC:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
        break;
    }
  }

  void leave_block(MD_BLOCKTYPE type, void* /*detail*/) override {
    // No mark goes beyond its block, and md4c 0.4.8 does not leave an emphasis whose end became part of a
    // bare link.
    bold_ = italic_ = strike_ = code_ = 0;
    switch (type) {
      case MD_BLOCK_QUOTE:
        close_block();
        gap_ = Block::Gap::empty_line;
        --quote_depth_;
        break;
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
        close_block();
        lists_.pop_back();
        gap_ = lists_.empty() || !lists_.back().tight ? Block::Gap::empty_line : Block::Gap::line;
        break;
      case MD_BLOCK_LI:
        finish_item();
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        rows_.back().push_back(cell());
        break;
      case MD_BLOCK_TABLE:
        block_.text = table_text(rows_);
        block_.spans.clear();
        rows_.clear();
        close_block();
        break;
      case MD_BLOCK_H:
      case MD_BLOCK_CODE:
      case MD_BLOCK_HTML:
      case MD_BLOCK_P:
        close_block();
        break;
      case MD_BLOCK_DOC:
      case MD_BLOCK_HR:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
      case MD_BLOCK_TR:
        break;
    }
  }

  void enter_span(MD_SPANTYPE type, void* detail) override {
    if (type == MD_SPAN_A) {
      enter_link(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
    } else if (type == MD_SPAN_IMG) {
      enter_link(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src);
    } else if (auto* depth = style(type)) {
      ++*depth;
    }
  }

  void leave_span(MD_SPANTYPE type, void* /*detail*/) override {
    if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
      leave_link();
    } else if (auto* depth = style(type); depth != nullptr && *depth > 0) {
      --*depth;
    }
  }

  void text(MD_TEXTTYPE type, std::string_view text) override {
    if (!open_) {
      open_block(Block::Kind::paragraph);  // an item of a tight list has no paragraph of its own
    }
    switch (type) {
      case MD_TEXT_BR:
        append(link_depth_ > 0 || block_.kind == Block::Kind::heading ? " " : "\n");
        break;
      case MD_TEXT_SOFTBR:
        append("\n");  // who writes in lines means them
        break;
      case MD_TEXT_NULLCHAR:
        append("\xEF\xBF\xBD");
        break;
      case MD_TEXT_ENTITY:
        append(decode_entity(text));
        break;
      default:
        append(text);
    }
  }

 private:
  struct List {
    bool ordered;
    unsigned next;
    bool tight;
  };

  void enter_list(List list) {
    close_block();
    if (lists_.empty()) {
      gap_ = Block::Gap::empty_line;
    }
    lists_.push_back(list);
  }

  void enter_item() {
    // "- - x": the outer item has nothing of its own.
    finish_item();
    auto& list = lists_.back();
    marker_ = list.ordered ? fmt::format("{}.", list.next++) : "-";
  }

  /// Ends the block that is open. An item of which nothing was seen becomes an empty paragraph.
  void finish_item() {
    close_block();
    if (!marker_.empty()) {
      open_block(Block::Kind::paragraph);
      close_block();
    }
  }

  void open_block(Block::Kind kind) {
    close_block();
    if (!marker_.empty() && kind != Block::Kind::paragraph) {
      finish_item();  // the marker gets a line of its own
    }
    const bool listed = !lists_.empty();
    block_ = {};
    block_.kind = kind;
    block_.gap = listed && lists_.back().tight ? gap_ : Block::Gap::empty_line;
    block_.quote_depth = std::min(quote_depth_, kMaxNesting);
    block_.quote = quote_depth_ == 0 ? 0 : quotes_;
    block_.list_depth = static_cast<unsigned>(std::min<std::size_t>(lists_.size(), kMaxNesting));
    block_.marker = std::exchange(marker_, {});
    open_ = true;
  }

  void close_block() {
    if (!open_) {
      return;
    }
    open_ = false;
    if (block_.kind == Block::Kind::code) {
      block_.text.erase(block_.text.find_last_not_of('\n') + 1);
    }
    const bool empty = is_blank(block_.text) && block_.kind != Block::Kind::rule;
    if (empty && block_.marker.empty()) {
      return;
    }
    // An item's marker and what is put below it belong together.
    gap_ = !lists_.empty() && (lists_.back().tight || empty) ? Block::Gap::line : Block::Gap::empty_line;
    result_.blocks.push_back(std::move(block_));
    block_ = {};
  }

  void append(std::string_view text) {
    if (text.empty()) {
      return;
    }
    const auto begin = block_.text.size();
    block_.text += text;
    if (block_.kind == Block::Kind::code && rows_.empty()) {
      return;
    }
    Span span{.begin = begin,
              .end = block_.text.size(),
              .bold = bold_ > 0,
              .italic = italic_ > 0,
              .strike = strike_ > 0,
              .code = code_ > 0,
              .link = link_};
    if (!block_.spans.empty() && same_style(block_.spans.back(), span)) {
      block_.spans.back().end = span.end;
    } else {
      block_.spans.push_back(span);
    }
  }

  unsigned* style(MD_SPANTYPE type) {
    switch (type) {
      case MD_SPAN_STRONG:
        return &bold_;
      case MD_SPAN_EM:
        return &italic_;
      case MD_SPAN_DEL:
        return &strike_;
      case MD_SPAN_CODE:
        return &code_;
      default:
        return nullptr;
    }
  }

  void enter_link(const MD_ATTRIBUTE& attribute) {
    if (link_depth_++ > 0) {
      return;  // an image inside a link
    }
    if (!open_) {
      open_block(Block::Kind::paragraph);
    }
    if (attribute.size > kLongestAddress) {
      return;
    }
    auto address = std::string(base::trim(attribute_text(attribute, decode_entity)));
    const bool printable = std::none_of(address.begin(), address.end(), [](char c) {
      return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    });
    // Links by reference could otherwise repeat one long address without end.
    if (!printable || !is_safe_address(address) || address.size() > address_bytes_left_) {
      return;
    }
    address_bytes_left_ -= address.size();
    link_ = result_.addresses.size();
    result_.addresses.push_back(std::move(address));
  }

  /// Makes the link one span, in the style that all of it has.
  void leave_link() {
    if (--link_depth_ > 0 || link_ == 0) {
      return;
    }
    const auto link = std::exchange(link_, 0);
    auto& spans = block_.spans;
    auto first = spans.size();
    Span whole{.bold = true, .italic = true, .strike = true, .link = link};
    while (first > 0 && spans[first - 1].link == link) {
      const auto& part = spans[--first];
      whole.bold = whole.bold && part.bold;
      whole.italic = whole.italic && part.italic;
      whole.strike = whole.strike && part.strike;
    }
    if (first < spans.size() && !is_blank(std::string_view(block_.text).substr(spans[first].begin))) {
      whole.begin = spans[first].begin;
      whole.end = spans.back().end;
      spans.resize(first);
      spans.push_back(whole);
      return;
    }
    // Nothing to read (an image without a description): its address.
    spans.resize(first);
    block_.text.resize(first == 0 ? 0 : spans.back().end);
    link_ = link;
    append(std::string(result_.addresses[link]));
    link_ = 0;
  }

  /// The text of the table cell that ends, with the addresses that its links lead to.
  std::string cell() const {
    std::string out;
    for (const auto& span : block_.spans) {
      const auto part = std::string_view(block_.text).substr(span.begin, span.end - span.begin);
      out += part;
      if (span.link != 0 && part != result_.addresses[span.link]) {
        out += fmt::format(" ({})", result_.addresses[span.link]);
      }
    }
    return out;
  }

  RichText result_;
  Block block_;
  bool open_ = false;
  Block::Gap gap_ = Block::Gap::empty_line;
  std::vector<List> lists_;
  std::string marker_;  ///< of the item whose first block is still to come
  std::vector<std::vector<std::string>> rows_;
  unsigned quotes_ = 0;
  unsigned quote_depth_ = 0;
  unsigned bold_ = 0, italic_ = 0, strike_ = 0, code_ = 0, link_depth_ = 0;
  std::size_t link_ = 0;
  std::size_t address_bytes_left_;
};

}  // namespace

RichText parse_rich_text(std::string_view markdown) {
  const auto text = base::strip_controls(base::to_valid_utf8(markdown));
  Builder builder(text.size());
  return parse_markdown(text, builder) ? builder.take() : unformatted_rich_text(text);
}

}  // namespace bot::markup
