#include "bot/markup/markdown.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "bot/markup/markdown_parse.h"

namespace bot::markup {
namespace {

void escape(std::string& out, std::string_view text) {
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
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      default:
        out.push_back(c);
    }
  }
}

/// The attribute's text, with the one entity that is usual in addresses replaced.
std::string attribute(const MD_ATTRIBUTE& a) {
  return attribute_text(
      a, [](std::string_view entity) { return entity == "&amp;" ? std::string("&") : std::string(entity); });
}

struct LocalLink {
  std::size_t at = 0;
  std::size_t size = 0;  ///< 0: there is none
};

/// The first address of this machine in the text, "http://localhost:8080/tasks", without what ends the
/// sentence behind it.
LocalLink local_link(std::string_view text) {
  for (const std::string_view start : {"http://localhost", "https://localhost"}) {
    for (auto at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) {
      auto address = text.substr(at);
      address = address.substr(0, address.find_first_of(" \t\n<>\"'`()[]{}|"));
      while (address.size() > start.size() &&
             std::string_view(".,;:!?*_").find(address.back()) != std::string_view::npos) {
        address.remove_suffix(1);
      }
      const bool begins =
          at == 0 || std::string_view(" \t\n(\"'*_").find(text[at - 1]) != std::string_view::npos;
      const bool whole = address.size() == start.size() ||
                         std::string_view(":/?#").find(address[start.size()]) != std::string_view::npos;
      if (begins && whole) {
        return {at, address.size()};
      }
    }
  }
  return {};
}

/// Writes the HTML as md4c walks through the text. The safe subset is what has a case below; nothing is
/// passed through.
class Writer : public MarkdownEvents {
 public:
  std::string out;

  void enter_block(MD_BLOCKTYPE type, void* detail) override {
    switch (type) {
      case MD_BLOCK_DOC:
        break;
      case MD_BLOCK_QUOTE:
        out += "<blockquote>";
        break;
      case MD_BLOCK_UL:
        out += "<ul>";
        break;
      case MD_BLOCK_OL: {
        const auto start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
        out += start == 1 ? "<ol>" : fmt::format("<ol start=\"{}\">", start);
        break;
      }
      case MD_BLOCK_LI:
        out += "<li>";
        break;
      case MD_BLOCK_HR:
        out += "<hr>";
        break;
      case MD_BLOCK_H:
        out += fmt::format("<h{}>", static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
      case MD_BLOCK_CODE: {
        const auto language = attribute(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
        out += "<pre><code";
        if (!language.empty()) {
          out += " class=\"language-";
          escape(out, language);
          out += "\"";
        }
        out += ">";
        break;
      }
      case MD_BLOCK_HTML:
      case MD_BLOCK_P:
        out += "<p>";
        break;
      case MD_BLOCK_TABLE:
        out += "<table>";
        break;
      case MD_BLOCK_THEAD:
        out += "<thead>";
        break;
      case MD_BLOCK_TBODY:
        out += "<tbody>";
        break;
      case MD_BLOCK_TR:
        out += "<tr>";
        break;
      case MD_BLOCK_TH:
        out += "<th>";
        break;
      case MD_BLOCK_TD:
        out += "<td>";
        break;
    }
  }

  void leave_block(MD_BLOCKTYPE type, void* detail) override {
    close_spans(0);
    switch (type) {
      case MD_BLOCK_DOC:
      case MD_BLOCK_HR:
        break;
      case MD_BLOCK_QUOTE:
        out += "</blockquote>\n";
        break;
      case MD_BLOCK_UL:
        out += "</ul>\n";
        break;
      case MD_BLOCK_OL:
        out += "</ol>\n";
        break;
      case MD_BLOCK_LI:
        out += "</li>\n";
        break;
      case MD_BLOCK_H:
        out += fmt::format("</h{}>\n", static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
      case MD_BLOCK_CODE:
        out += "</code></pre>\n";
        break;
      case MD_BLOCK_HTML:
      case MD_BLOCK_P:
        out += "</p>\n";
        break;
      case MD_BLOCK_TABLE:
        out += "</table>\n";
        break;
      case MD_BLOCK_THEAD:
        out += "</thead>";
        break;
      case MD_BLOCK_TBODY:
        out += "</tbody>";
        break;
      case MD_BLOCK_TR:
        out += "</tr>\n";
        break;
      case MD_BLOCK_TH:
        out += "</th>";
        break;
      case MD_BLOCK_TD:
        out += "</td>";
        break;
    }
  }

  void enter_span(MD_SPANTYPE type, void* detail) override {
    std::string_view element;
    switch (type) {
      case MD_SPAN_EM:
        element = "em";
        break;
      case MD_SPAN_STRONG:
        element = "strong";
        break;
      case MD_SPAN_CODE:
        element = "code";
        break;
      case MD_SPAN_DEL:
        element = "del";
        break;
      case MD_SPAN_A:
        enter_link(type, attribute(static_cast<MD_SPAN_A_DETAIL*>(detail)->href));
        return;
      case MD_SPAN_IMG:
        enter_link(type, attribute(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src));
        return;
      default:
        break;
    }
    if (!element.empty()) {
      out += fmt::format("<{}>", element);
    }
    spans_.push_back({type, element});
  }

  /// Closes the span and what is open inside it: md4c 0.4.8 never leaves an emphasis whose end became part of
  /// a bare link.
  void leave_span(MD_SPANTYPE type, void* /*detail*/) override {
    const auto last =
        std::find_if(spans_.rbegin(), spans_.rend(), [&](const Span& s) { return s.type == type; });
    if (last != spans_.rend()) {
      close_spans(static_cast<std::size_t>(spans_.rend() - last) - 1);
    }
  }

  void text(MD_TEXTTYPE type, std::string_view text) override {
    switch (type) {
      case MD_TEXT_BR:
        out += "<br>";
        break;
      case MD_TEXT_SOFTBR:
        out += "\n";
        break;
      case MD_TEXT_NULLCHAR:
        escape(out, std::string_view("\0", 1));
        break;
      case MD_TEXT_ENTITY:
        // An entity stands for a character and cannot open a tag.
        out.append(text);
        break;
      case MD_TEXT_NORMAL:
        write_normal(text);
        break;
      default:
        escape(out, text);
    }
  }

 private:
  struct Span {
    MD_SPANTYPE type;
    std::string_view element;  ///< empty where none was written
  };

  bool is_in(std::string_view element) const {
    return std::any_of(spans_.begin(), spans_.end(), [&](const Span& s) { return s.element == element; });
  }

  /// md4c finds bare links by the dot in their host's name, which the machine's own name has not.
  void write_normal(std::string_view text) {
    while (!is_in("a") && !is_in("code")) {
      const auto link = local_link(text);
      if (link.size == 0) {
        break;
      }
      escape(out, text.substr(0, link.at));
      enter_link(MD_SPAN_A, std::string(text.substr(link.at, link.size)));
      escape(out, text.substr(link.at, link.size));
      close_spans(spans_.size() - 1);
      text.remove_prefix(link.at + link.size);
    }
    escape(out, text);
  }

  /// Links may hold images, which become links, and these may hold links; HTML allows none inside another, so
  /// the outermost counts.
  void enter_link(MD_SPANTYPE type, const std::string& address) {
    if (is_in("a") || !is_safe_address(address)) {
      spans_.push_back({type, {}});
      return;
    }
    out += "<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"";
    escape(out, address);
    out += "\">";
    spans_.push_back({type, "a"});
  }

  /// Closes all but that many.
  void close_spans(std::size_t kept) {
    for (; spans_.size() > kept; spans_.pop_back()) {
      if (!spans_.back().element.empty()) {
        out += fmt::format("</{}>", spans_.back().element);
      }
    }
  }

  std::vector<Span> spans_;  ///< those that are open in the block
};

}  // namespace

std::string markdown_to_html(std::string_view markdown) {
  Writer writer;
  if (!parse_markdown(markdown, writer)) {
    std::string plain = "<p>";
    escape(plain, markdown);
    return plain + "</p>\n";
  }
  return writer.out;
}

}  // namespace bot::markup
