#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/character_border.h"
#include "bot/markup/rich_text.h"

namespace bot::markup {
namespace {

constexpr std::size_t kWidestColumn = 40;  // a longer cell sticks out
constexpr std::size_t kMostColumns = 50;   // of a row that may be more than one line high
constexpr std::size_t kMostLines = 40;

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

/// The row as rows of cells that have one line each.
std::vector<std::vector<std::string>> lines_of(const std::vector<std::string>& row) {
  std::vector<std::vector<std::string>> lines(1);
  for (std::size_t column = 0; column < row.size(); ++column) {
    std::size_t line = 0;
    for (std::string_view rest = row[column];; ++line) {
      const bool splits = row.size() <= kMostColumns && line + 1 < kMostLines;
      const auto end = splits ? std::min(rest.find('\n'), rest.size()) : rest.size();
      lines.resize(std::max(lines.size(), line + 1));
      lines[line].resize(row.size());
      lines[line][column] = base::trim(rest.substr(0, end));
      std::replace(lines[line][column].begin(), lines[line][column].end(), '\n', ' ');
      if (end == rest.size()) {
        break;
      }
      rest.remove_prefix(end + 1);
    }
  }
  return lines;
}

}  // namespace

std::string table_text(const std::vector<std::vector<std::string>>& cells) {
  std::vector<std::vector<std::string>> rows;
  std::size_t head = 0;
  for (const auto& row : cells) {
    for (auto& line : lines_of(row)) {
      rows.push_back(std::move(line));
    }
    head = head == 0 ? rows.size() : head;
  }
  const auto layout = measure(rows);
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += i == 0 ? "" : "\n";
    append_row(out, rows[i], layout);
    if (i + 1 == head && rows.size() > head && layout.aligned) {
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
