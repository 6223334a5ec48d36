#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace support {

/// The text read as JSON; null where it is none.
nlohmann::json json_of(const std::string& text);

}  // namespace support
