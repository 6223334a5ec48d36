#include "dispatch/task/specialist.h"

namespace dispatch {

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
