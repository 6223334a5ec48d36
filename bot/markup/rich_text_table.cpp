#include <algorithm>

#include "bot/markup/character_border.h"
#include "bot/markup/rich_text.h"

namespace bot::markup {
namespace {

constexpr std::size_t kWidestColumn = 40;  // a longer cell sticks out

struct Layout {
  std::vector<std::size_t> widths;
  bool aligned = false;
};

Layout measure(const std::vector<std::vector<std::string>>& rows) {
  Layout layout;
  std::size_t bytes = 0;
  for (const auto& row : rows) {
    layout.widths.resize(std::max(layout.widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      layout.widths[i] = std::max(layout.widths[i], std::min(display_width(row[i]), kWidestColumn));
      bytes += row[i].size();
    }
  }
  std::size_t line = 0;
  for (const auto width : layout.widths) {
    line += width + 3;
  }
  layout.aligned = line * rows.size() <= 8 * bytes + 4096;
  return layout;
}

void append_row(std::string& out, const std::vector<std::string>& row, const Layout& layout) {
  auto used = row.size();
  while (used > 0 && row[used - 1].empty()) {
    --used;
  }
  for (std::size_t i = 0; i < used; ++i) {
    out += i == 0 ? "" : " | ";
    out += row[i];
    const auto width = layout.aligned && i + 1 < used ? display_width(row[i]) : kWidestColumn;
    out.append(layout.widths[i] - std::min(width, layout.widths[i]), ' ');
  }
}

}  // namespace

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  const auto layout = measure(rows);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += i == 0 ? "" : "\n";
    append_row(out, rows[i], layout);
    if (i == 0 && rows.size() > 1 && layout.aligned) {
      out += "\n";
      for (std::size_t column = 0; column < layout.widths.size(); ++column) {
        out += column == 0 ? "" : "-+-";
        out.append(layout.widths[column], '-');
      }
    }
  }
  return out;
}

}  // namespace bot::markup
