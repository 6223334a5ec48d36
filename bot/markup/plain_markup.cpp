#include "bot/markup/markup_dialect.h"

namespace bot::markup {
namespace {

/// Text for a reader without any marks; links are spelled out.
class PlainDialect : public Dialect {
 public:
  bool can_link(std::string_view text, std::string_view address) const override { return text == address; }

 protected:
  std::string code_block(const Block& /*block*/, std::string_view code) const override {
    return std::string(code);
  }
  void text(std::string& out, const Stretch& stretch) const override { out += stretch.text(); }
  void code(std::string& out, const Stretch& stretch) const override { out += stretch.text(); }
  void link(std::string& out, const Stretch& stretch, std::string_view /*address*/) const override {
    out += stretch.text();
  }
  Delimiters delimiters(Mark /*mark*/, char /*before*/, char /*after*/) const override { return {}; }

  std::string quote_prefix(unsigned depth) const override {
    std::string prefix;
    for (unsigned i = 0; i < depth; ++i) {
      prefix += "> ";
    }
    return prefix;
  }
  std::string_view bullet() const override { return "-"; }
};

}  // namespace

const Dialect& plain_dialect() {
  static const PlainDialect instance;
  return instance;
}

}  // namespace bot::markup
