#include "dispatch/task/specialist.h"

#include <algorithm>

namespace dispatch {

Tokens& Tokens::operator+=(const Tokens& more) {
  input += more.input;
  cache_read += more.cache_read;
  cache_write += more.cache_write;
  cache_write_hour += more.cache_write_hour;
  output += more.output;
  return *this;
}

Tokens Tokens::since(const Tokens& before) const {
  const auto left = [](std::int64_t now, std::int64_t earlier) {
    return std::max<std::int64_t>(0, now - earlier);
  };
  return {left(input, before.input), left(cache_read, before.cache_read),
          left(cache_write, before.cache_write), left(cache_write_hour, before.cache_write_hour),
          left(output, before.output)};
}

std::string to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::error:
      return "error";
    case Outcome::blocked:
      return "blocked";
    case Outcome::timeout:
      return "timeout";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "error";
}

}  // namespace dispatch
