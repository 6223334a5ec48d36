#include "dispatch/task/specialist.h"

namespace dispatch {

Tokens& Tokens::operator+=(const Tokens& more) {
  input += more.input;
  cache_read += more.cache_read;
  cache_write += more.cache_write;
  cache_write_hour += more.cache_write_hour;
  output += more.output;
  return *this;
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
