#include "bot/markup/table_heads.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/utf8.h"

namespace bot::markup {
namespace {

constexpr std::size_t kShortestCell = 3;
/// Of more nobody could read a table, and each row, however short, gets all of them.
constexpr std::size_t kMostColumns = 32;
/// Further in it is code.
constexpr std::size_t kDeepest = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// The mark and the length of a fence that the line begins or ends.
struct Fence {
  char mark;
  std::size_t size;
  bool is_bare;  ///< nothing stands behind it, so it may be an end
};

std::optional<Fence> fence_of(std::string_view line) {
  if (indent_of(line) > kDeepest) {
    return std::nullopt;
  }
  const auto text = base::trim(line);
  const char mark = text.empty() ? ' ' : text.front();
  const auto size = std::min(text.find_first_not_of(mark), text.size());
  if ((mark != '`' && mark != '~') || size < 3) {
    return std::nullopt;
  }
  return Fence{mark, size, size == text.size()};
}

/// Without the bars at its ends; a bar behind a backslash is none.
std::string_view row_of(std::string_view line) {
  auto row = base::trim(line);
  if (row.starts_with('|')) {
    row.remove_prefix(1);
  }
  if (row.ends_with('|') && !row.ends_with("\\|")) {
    row.remove_suffix(1);
  }
  return row;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  const auto row = row_of(line);
  std::vector<std::string_view> cells;
  std::size_t from = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '\\') {
      ++i;
    } else if (row[i] == '|') {
      cells.push_back(row.substr(from, i - from));
      from = i + 1;
    }
  }
  cells.push_back(row.substr(from));
  return cells;
}

/// "---" with a colon at either end or none.
bool is_delimiter_cell(std::string_view cell) {
  cell = base::trim(cell);
  cell.remove_prefix(cell.starts_with(':') ? 1 : 0);
  cell.remove_suffix(cell.ends_with(':') ? 1 : 0);
  return !cell.empty() && cell.find_first_not_of('-') == std::string_view::npos;
}

bool holds_delimiters(std::string_view line) {
  if (line.find('|') == std::string_view::npos) {
    return false;  // most lines, which are not taken apart
  }
  const auto cells = cells_of(line);
  return std::all_of(cells.begin(), cells.end(), is_delimiter_cell);
}

bool is_delimiter_row(std::string_view line) {
  return indent_of(line) <= kDeepest && holds_delimiters(line);
}

/// Whether it is the line under the head of a table with too many columns, also within quotes and lists.
bool is_too_wide(std::string_view line) {
  const auto inside = line.substr(std::min(line.find_first_not_of(" \t>"), line.size()));
  return holds_delimiters(inside) && cells_of(inside).size() > kMostColumns;
}

/// The backslash makes it text.
std::string no_delimiters(std::string_view line) {
  const auto bar = line.find('|');
  return std::string(line.substr(0, bar)) + "\\" + std::string(line.substr(bar));
}

std::string wide_row(std::string_view line) {
  std::string row(indent_of(line), ' ');
  for (const auto& cell : cells_of(line)) {
    const auto text = base::trim(cell);
    row += '|';
    row += text.starts_with(':') ? ":" : "";
    row.append(std::max(text.size(), kShortestCell), '-');
    row += text.size() > 1 && text.ends_with(':') ? ":" : "";
  }
  return row + "|\n";
}

bool is_blank(std::string_view line) {
  return base::trim(line).empty();
}

}  // namespace

std::string with_plain_table_heads(std::string_view markdown) {
  const auto lines = lines_of(markdown);
  std::string out;
  std::optional<Fence> open;
  std::size_t head_at = 0;  // where the line before stands in `out`
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = lines[i];
    if (const auto fence = fence_of(line)) {
      if (!open) {
        open = fence;
      } else if (fence->is_bare && fence->mark == open->mark && fence->size >= open->size) {
        open.reset();
      }
    }
    const bool may_be_table = !open && i > 0 && is_delimiter_row(line) && !is_delimiter_row(lines[i - 1]) &&
                              lines[i - 1].find('|') != std::string_view::npos &&
                              indent_of(lines[i - 1]) <= kDeepest;
    const bool fits = may_be_table && cells_of(lines[i - 1]).size() == cells_of(line).size();
    if (is_too_wide(line) || (may_be_table && !fits)) {
      head_at = out.size();
      out += no_delimiters(line);
    } else if (fits) {
      if (i > 1 && !is_blank(lines[i - 2])) {
        out.insert(head_at, "\n");
      }
      head_at = out.size();
      out += wide_row(line);
    } else {
      head_at = out.size();
      out += line;
    }
  }
  return out;
}

}  // namespace bot::markup
