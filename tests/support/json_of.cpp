#include "tests/support/json_of.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace support {

nlohmann::json json_of(const std::string& text) {
  return base::parse_json(text).value_or(nlohmann::json());
}

}  // namespace support
