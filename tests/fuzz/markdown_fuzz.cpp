#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "bot/markup/markdown.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

constexpr std::array<std::string_view, 25> kTags = {
    "a",  "blockquote", "br", "code", "del",    "em",    "h1",    "h2", "h3", "h4",    "h5", "h6", "hr",
    "li", "ol",         "p",  "pre",  "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"};

/// Takes HTML apart as strictly as the page's safety needs it, not as HTML may be written.
class Checker {
 public:
  explicit Checker(std::string_view html) : rest_(html) {}

  void run() {
    while (!rest_.empty()) {
      const auto at = rest_.find('<');
      check_text(rest_.substr(0, at));
      rest_.remove_prefix(std::min(at, rest_.size()));
      if (!rest_.empty()) {
        tag();
      }
    }
    require(open_.empty(), "every element is closed");
  }

 private:
  static void check_text(std::string_view text) {
    require(text.find_first_of(std::string_view(">\"\0", 3)) == std::string_view::npos, "text is escaped");
    for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
      const auto end = text.find(';', at);
      require(end != std::string_view::npos && end > at + 1, "an ampersand begins an entity");
      const auto name = text.substr(at + 1, end - at - 1);
      require(std::all_of(name.begin(), name.end(),
                          [](char c) {
                            return c == '#' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                   (c >= 'A' && c <= 'Z');
                          }),
              "an entity is a name or a number");
    }
  }

  void tag() {
    const auto end = rest_.find('>');
    require(end != std::string_view::npos, "a tag is closed");
    auto tag = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (tag.starts_with('/')) {
      require(!open_.empty() && open_.back() == tag.substr(1), "elements are nested");
      open_.pop_back();
      return;
    }
    const auto name = tag.substr(0, tag.find(' '));
    require(std::find(kTags.begin(), kTags.end(), name) != kTags.end(), "only known elements are written");
    tag.remove_prefix(name.size());
    attributes(name, tag);
    require(name != "a" || std::find(open_.begin(), open_.end(), "a") == open_.end(),
            "no link is inside a link");
    if (name != "br" && name != "hr") {
      open_.push_back(name);
    }
  }

  static void attributes(std::string_view name, std::string_view text) {
    while (!text.empty()) {
      const auto equals = text.find("=\"");
      require(text.front() == ' ' && equals != std::string_view::npos,
              "an attribute has its value in quotes");
      const auto key = text.substr(1, equals - 1);
      const auto end = text.find('"', equals + 2);
      require(end != std::string_view::npos, "a value is closed");
      const auto value = text.substr(equals + 2, end - equals - 2);
      text.remove_prefix(end + 1);
      check_text(value);
      require((name == "a" && (key == "target" || key == "rel" || key == "href")) ||
                  (name == "ol" && key == "start") ||
                  (name == "code" && key == "class" && value.starts_with("language-")),
              "only known attributes are written");
      if (key == "href") {
        const auto address = base::ascii_lower(base::trim(value));
        require(address.starts_with("http://") || address.starts_with("https://") ||
                    address.starts_with("mailto:"),
                "only safe addresses are links");
      }
    }
  }

  std::string_view rest_;
  std::vector<std::string_view> open_;
};

}  // namespace

void markdown(std::string_view input) {
  const auto html = bot::markup::markdown_to_html(input);
  require(!base::is_utf8(input) || base::is_utf8(html), "HTML of UTF-8 is UTF-8");
  Checker(html).run();
  require(bot::markup::markdown_to_html(input) == html, "a text means the same every time");
}

}  // namespace fuzz
