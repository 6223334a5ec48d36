#include "tests/support/checkout.h"

namespace support {

std::string source_dir() {
  return FRONTDESK_SOURCE_DIR;
}

std::string build_dir() {
  return FRONTDESK_BUILD_DIR;
}

}  // namespace support
