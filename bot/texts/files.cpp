#include "bot/texts/files.h"

#include <algorithm>

#include <fmt/core.h>

#include "bot/markup/literal_markdown.h"

namespace bot::texts {

std::string file_size(std::int64_t bytes) {
  const auto n = static_cast<double>(std::max<std::int64_t>(bytes, 0));
  if (n < 1000) {
    return fmt::format("{} {}", bytes, bytes == 1 ? "byte" : "bytes");
  }
  return n < 999'500 ? fmt::format("{:.0f} kB", n / 1000) : fmt::format("{:.1f} MB", n / 1e6);
}

std::string file_of_project(const std::string& path, const std::string& project, std::int64_t bytes) {
  return fmt::format("{} from *{}* ({})", markup::inline_code(path), project, file_size(bytes));
}

std::string file_empty(const std::string& what) {
  return fmt::format("{} is empty, so there is nothing to send.", what);
}

std::string file_too_large(const std::string& what, std::uint64_t most_bytes) {
  return fmt::format("{} is too large to send: the limit is {} MB.", what, most_bytes >> 20);
}

std::string file_sent(const std::string& what) {
  return fmt::format("Here is {}.", what);
}

std::string file_shown(const std::string& what, const std::string& content) {
  return fmt::format("{}:\n\n{}", what, markup::fenced(content));
}

std::string file_not_shown(const std::string& what, const std::string& path) {
  return fmt::format("{} can't be shown here; it is on the server at {}", what, markup::inline_code(path));
}

std::string file_not_had(const std::string& project, const std::string& reason) {
  return fmt::format("I can't send that from *{}*: {}", project, reason);
}

std::string file_not_sent(const std::string& reason) {
  return fmt::format("The file could not be sent: {}", reason);
}

std::string file_refused(const std::string& reason) {
  return fmt::format("The chat service did not accept the file: {}", reason);
}

std::string attachment_missing(const std::string& name, const std::string& reason) {
  return fmt::format("The attached file {} could not be fetched: {}.",
                     markup::inline_code(name.empty() ? kUnnamedFile : name), reason);
}

std::string picture_not_seen(const std::string& name, const std::string& reason) {
  return fmt::format("*I could not look at {}: {}.*", markup::inline_code(name.empty() ? kUnnamedFile : name),
                     reason);
}

std::string too_many_pictures(std::size_t most) {
  return fmt::format("{} pictures at once are the most that I look at", most);
}

std::string larger_than(std::uint64_t bytes) {
  return fmt::format("it is larger than {} MB", bytes >> 20);
}

std::string together_larger_than(std::uint64_t bytes) {
  return fmt::format("together the files are larger than {} MB", bytes >> 20);
}

std::string file_too_large_to_take(std::uint64_t most_bytes) {
  return fmt::format("This file is too large: the limit is {} MB.", most_bytes >> 20);
}

}  // namespace bot::texts
